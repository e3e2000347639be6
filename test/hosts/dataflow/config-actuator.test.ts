import assert from "node:assert/strict";
import { test } from "node:test";
import { config, fault, holds } from "./config-checks.ts";

test("the base paths begin with a slash and don't end with one", () => {
  const good = [
    ["/manage", "/manage"],
    ["/a/b-c/", "/a/b-c"],
    ["/", ""],
    ["", ""],
  ] as const;
  holds("management.endpoints.web.base-path", ({ actuator }) => actuator.basePath, good, ["manage", "/a b", "/{x}", "/*", "/:a", "//"]);
  const before = ["--management.server.port=9", "--management.server.base-path=/ops"];
  assert.equal(config(before).actuator.basePath, "/ops/actuator");
  // As in Boot, it is for a port of their own.
  assert.equal(config(before.slice(1)).actuator.basePath, "/actuator");
});

test("the path of an endpoint is below the base path, and no pattern", () => {
  const good = [
    ["alive", "alive"],
    ["/probes/alive", "probes/alive"],
    ["", "health"],
  ] as const;
  holds("management.endpoints.web.path-mapping.health", ({ actuator }) => actuator.paths.health, good, ["a b", "a/", "{a}", "*", ":a"]);
});

function portOf(args: readonly string[]): unknown {
  return config(args).actuator.port;
}

test("the endpoints have the app's port, one of their own, or none", () => {
  assert.equal(portOf([]), "shared");
  assert.equal(portOf(["--server.port=9000", "--management.server.port=9000"]), "shared");
  assert.equal(portOf(["--management.server.port=9001"]), 9001);
  assert.equal(portOf(["--server.port=0", "--management.server.port=0"]), 0);
  assert.equal(portOf(["--management.server.port=-1"]), "none");
  const address = "--management.server.address=127.0.0.1";
  for (const args of [[address], [address, "--server.port=9000", "--management.server.port=9000"]]) {
    assert.match(fault(args), /^management\.server\.address \(from command line\): .* no port of their own; .* server\.address/u);
  }
  assert.equal(config([address, "--management.server.port=9001"]).actuator.address, "127.0.0.1");
  assert.equal(config(["--management.server.address="]).actuator.address, null);
  for (const port of ["-2", "65536", "x"]) assert.match(fault([`--management.server.port=${port}`]), /^management\.server\.port /u);
});

test("what Data Flow sets is read: exposure, the port, and POST /shutdown", () => {
  const json = {
    "endpoints.shutdown.enabled": "true",
    "management.endpoints.web.exposure.include": "health,info,bindings",
    "server.port": "23661",
    "spring.cloud.streamapp.security.admin-user": "admin",
    "spring.cloud.streamapp.security.admin-password": "s3cret",
  };
  const { actuator, server } = config([], { SPRING_APPLICATION_JSON: JSON.stringify(json) });
  assert.deepEqual([actuator.hasShutdownPath, actuator.exposure.include, server.port], [true, ["health", "info", "bindings"], 23_661]);
  assert.deepEqual(actuator.admin, { user: "admin", password: "s3cret" });
});

function accessOf(...args: readonly string[]): unknown {
  return config(args).actuator.access.env;
}

test("levels of access are words, of which an endpoint's own goes first", () => {
  assert.equal(accessOf(), "unrestricted");
  assert.equal(accessOf("--management.endpoints.access.default=read_only"), "read-only");
  assert.equal(accessOf("--management.endpoints.access.default=none", "--management.endpoint.env.enabled=true"), "unrestricted");
  assert.equal(accessOf("--management.endpoint.env.enabled=true", "--management.endpoint.env.access=NONE"), "none");
  assert.match(fault(["--management.endpoint.env.access=some"]), /none, read-only or unrestricted/u);
});

test("a status of HTTP has three digits, and a status of the health is one of Boot's", () => {
  const mapping = "management.endpoint.health.status.http-mapping";
  holds(`${mapping}.down`, ({ actuator }) => actuator.health.httpMapping.DOWN, [["503", 503]], ["199", "600", "x"]);
  assert.deepEqual(
    { ...config([`--${mapping}.outOfService=500`, `--${mapping}.UNKNOWN=204`]).actuator.health.httpMapping },
    { OUT_OF_SERVICE: 500, UNKNOWN: 204 },
  );
});

test("a group of the health has the components that are included and not excluded, and those that there are", () => {
  const group = "--management.endpoint.health.group";
  const { groups } = config([`${group}.readiness.include=readinessState,binders`, `${group}.all.include=*`, `${group}.all.exclude=ping`])
    .actuator.health;
  assert.deepEqual(
    { ...groups },
    {
      all: ["binders", "livenessState", "readinessState"],
      liveness: ["livenessState"],
      readiness: ["binders", "readinessState"],
    },
  );
  // As in Boot, a group that only excludes has all the others.
  assert.deepEqual(config([`${group}.rest.exclude=ping,binders`]).actuator.health.groups["rest"], ["livenessState", "readinessState"]);
  const env = { MANAGEMENT_ENDPOINT_HEALTH_GROUP_READINESS_INCLUDE: "binders" };
  assert.deepEqual(config([], env).actuator.health.groups["readiness"], ["binders"]);
  const lists = {
    SPRING_APPLICATION_JSON: '{"management":{"endpoint":{"health":{"group":{"listed":{"include":["binders","ping"]}}}}}}',
    MANAGEMENT_ENDPOINT_HEALTH_GROUP_VARIABLE_INCLUDE_0: "ping",
  };
  const own = config([`${group}.myGroup.include=ping`, `${group}.Readiness.include=ping`], lists).actuator.health.groups;
  assert.deepEqual(
    { ...own },
    { listed: ["binders", "ping"], liveness: ["livenessState"], myGroup: ["ping"], readiness: ["ping"], variable: ["ping"] },
  );
  assert.match(
    fault([`${group}.readiness.include=diskSpace`]),
    /is no component; allowed: binders, livenessState, ping, readinessState, or \*$/u,
  );
});
