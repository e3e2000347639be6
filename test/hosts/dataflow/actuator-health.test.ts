/** Health in components and groups, and what it is as a status of HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth, type Health } from "../../../hosts/dataflow/health.ts";
import { ask, basic, read, start, V2, V3 } from "./actuator-client.ts";

const DETAILS = { topicsInUse: ["timeDest"], listenerContainers: [{ isRunning: true }] };
const SHOW = "--management.endpoint.health.show-details=always";
const ADMIN = ["--spring.cloud.streamapp.security.admin-user=admin", "--spring.cloud.streamapp.security.admin-password=s3cret"];

function healthy(): Health {
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  health.setComponent("binders", "UP");
  health.setBinderDetails(() => DETAILS);
  return health;
}

function down(): Health {
  const health = healthy();
  health.setComponent("binders", "DOWN");
  return health;
}

test("with details shown, health has every component, sorted by name", async () => {
  assert.deepEqual(await read(await start(healthy(), { args: [SHOW] }), "/actuator/health"), {
    status: "UP",
    components: {
      binders: { status: "UP", components: { kafka: { status: "UP", details: DETAILS } } },
      livenessState: { status: "UP" },
      ping: { status: "UP" },
      readinessState: { status: "UP" },
    },
    groups: ["liveness", "readiness"],
  });
});

test("with components shown and details not, each component has its status alone", async () => {
  const body = await read(await start(healthy(), { args: ["--management.endpoint.health.show-components=always"] }), "/actuator/health");
  const { components } = body as { components: Record<string, unknown> };
  assert.deepEqual(components["binders"], { status: "UP", components: { kafka: { status: "UP" } } });
});

test("the older format calls components details, and the newer one is what a client gets that says nothing", async () => {
  const actuator = await start(healthy(), { args: [SHOW] });
  const older = await ask(actuator, "GET /actuator/health", [`Accept: ${V2}`]);
  assert.equal(older.headers.get("content-type"), V2);
  const { details } = JSON.parse(older.body) as { details: Record<string, unknown> };
  assert.deepEqual(details["binders"], { status: "UP", details: { kafka: { status: "UP", details: DETAILS } } });
  for (const accept of [[], [`Accept: ${V3}`], ["Accept: application/json"]]) {
    assert.ok("components" in ((await read(actuator, "/actuator/health", accept)) as object));
  }
});

test("a component has a path of its own where components are shown, and none where they are not", async () => {
  const shown = await start(healthy(), { args: [SHOW] });
  assert.deepEqual(await read(shown, "/actuator/health/binders/kafka"), { status: "UP", details: DETAILS });
  assert.deepEqual(await read(shown, "/actuator/health/ping"), { status: "UP" });
  for (const path of ["nothing", "binders/nothing", "ping/nothing", "constructor", "liveness/binders"]) {
    assert.equal((await ask(shown, `GET /actuator/health/${path}`)).status, 404, path);
  }
  const hidden = await start(healthy());
  for (const path of ["binders", "ping", "liveness/livenessState"]) {
    assert.equal((await ask(hidden, `GET /actuator/health/${path}`)).status, 404, path);
  }
});

test("a component that is down answers 503 when it is asked for by itself", async () => {
  assert.equal((await ask(await start(down(), { args: [SHOW] }), "GET /actuator/health/binders")).status, 503);
});

test("groups show their component where components are shown", async () => {
  const actuator = await start(healthy(), { args: [SHOW] });
  assert.deepEqual(await read(actuator, "/actuator/health/readiness"), { status: "UP", components: { readinessState: { status: "UP" } } });
  assert.deepEqual(await read(actuator, "/actuator/health/liveness/livenessState"), { status: "UP" });
});

test("http-mapping.down=503 restores Boot's answer while Kafka is away, and readiness keeps its own", async () => {
  const health = down();
  const actuator = await start(health, { args: ["--management.endpoint.health.status.http-mapping.down=503"] });
  assert.equal((await ask(actuator, "GET /actuator/health")).status, 503);
  assert.equal((await ask(actuator, "GET /actuator/health/liveness")).status, 200);
  health.setReadiness("REFUSING_TRAFFIC");
  assert.equal((await ask(actuator, "GET /actuator/health/readiness")).status, 503);
});

test("a mapping of any status is obeyed", async () => {
  const health = healthy();
  const mapping = "--management.endpoint.health.status.http-mapping";
  const actuator = await start(health, { args: [`${mapping}.up=202`, `${mapping}.OUT_OF_SERVICE=429`] });
  assert.equal((await ask(actuator, "GET /actuator/health")).status, 202);
  health.setReadiness("REFUSING_TRAFFIC");
  assert.equal((await ask(actuator, "GET /actuator/health")).status, 429);
  assert.equal((await ask(actuator, "GET /actuator/health/readiness")).status, 429);
});

test("a status without a body is obeyed, too", async () => {
  const args = ["--management.endpoint.health.status.http-mapping.up=204"];
  const { status, body } = await ask(await start(healthy(), { args }), "GET /actuator/health");
  assert.deepEqual([status, body], [204, ""]);
});

test("when authorized, only the administrator sees components", async () => {
  const args = ["--management.endpoint.health.show-details=when_authorized", ...ADMIN];
  const actuator = await start(healthy(), { args });
  assert.deepEqual(Object.keys((await read(actuator, "/actuator/health")) as object), ["status", "groups"]);
  const seen = await read(actuator, "/actuator/health", [basic("admin", "s3cret")]);
  assert.deepEqual(Object.keys(seen as object), ["status", "components", "groups"]);
  const nobody = await start(healthy(), { args: ["--management.endpoint.health.show-details=when-authorized"] });
  const claimed = await read(nobody, "/actuator/health", [basic("admin", "s3cret")]);
  assert.deepEqual(Object.keys(claimed as object), ["status", "groups"]);
});

test("/livez and /readyz are there on request, on the app's own port", async () => {
  const without = await start(healthy());
  for (const path of ["/livez", "/readyz"]) assert.equal((await ask(without, `GET ${path}`)).status, 404);
  const health = createHealth();
  const args = ["--management.endpoint.health.probes.add-additional-paths=true", "--management.server.port=0"];
  const actuator = await start(health, { args });
  assert.deepEqual(await read(actuator, "/livez"), { status: "UP" });
  assert.equal((await ask(actuator, "GET /readyz")).status, 503);
  health.setReadiness("ACCEPTING_TRAFFIC");
  assert.deepEqual(await read(actuator, "/readyz"), { status: "UP" });
});

test("without probes there are no groups", async () => {
  const actuator = await start(createHealth(), { args: ["--management.endpoint.health.probes.enabled=false", SHOW] });
  const body = (await read(actuator, "/actuator/health")) as { components: object };
  assert.deepEqual(
    [Object.keys(body), Object.keys(body.components)],
    [
      ["status", "components"],
      ["binders", "ping"],
    ],
  );
  assert.equal((await ask(actuator, "GET /actuator/health/liveness")).status, 404);
});

test("without the binders' health, Kafka does not count", async () => {
  const actuator = await start(down(), { args: ["--management.health.binders.enabled=false"] });
  assert.deepEqual(await read(actuator, "/actuator/health"), { status: "UP", groups: ["liveness", "readiness"] });
});

test("a group that an operator has made is DOWN with its worst component, and answers Boot's status", async () => {
  const args = [
    "--management.endpoint.health.group.readiness.include=readinessState,binders",
    "--management.endpoint.health.group.own.include=ping",
  ];
  const actuator = await start(down(), { args });
  const { status, body } = await ask(actuator, "GET /actuator/health/readiness");
  assert.deepEqual([status, body], [503, '{"status":"DOWN"}']);
  assert.deepEqual(await read(actuator, "/actuator/health/own"), { status: "UP" });
  assert.deepEqual(((await read(actuator, "/actuator/health")) as { groups: unknown }).groups, ["liveness", "own", "readiness"]);
});
