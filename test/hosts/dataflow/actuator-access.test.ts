/** Which endpoints are served, where, and to whom. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { ListenError } from "../../../hosts/dataflow/actuator/connections.ts";
import { createHealth } from "../../../hosts/dataflow/health.ts";
import { fault } from "./config-checks.ts";
import { ask, basic, post, read, start, startAll } from "./actuator-client.ts";

const ALL = ["bindings", "env", "health", "info", "loggers", "metrics", "prometheus"];
const SECURITY = "--spring.cloud.streamapp.security";
const ADMIN = [`${SECURITY}.admin-user=admin`, `${SECURITY}.admin-password=s3cret`];

/** The endpoints that answer something else than 404 to a GET. */
async function served(args: readonly string[], base = "/actuator"): Promise<readonly string[]> {
  const actuator = await start(createHealth(), { args });
  const statuses = await Promise.all([...ALL, "shutdown"].map(async (id) => (await ask(actuator, `GET ${base}/${id}`)).status));
  return [...ALL, "shutdown"].filter((_id, index) => statuses[index] !== 404);
}

test("health, info and bindings are served, as in the stock apps", async () => {
  assert.deepEqual(await served([]), ["bindings", "health", "info"]);
});

test("what is included is served, what is excluded is not, and * is all but shutdown", async () => {
  const exposure = "--management.endpoints.web.exposure";
  assert.deepEqual(await served([`${exposure}.include=*`]), ALL);
  assert.deepEqual(await served([`${exposure}.include= Health , metrics,nothing`]), ["health", "metrics"]);
  assert.deepEqual(await served([`${exposure}.include=*`, `${exposure}.exclude=env,loggers`]), [
    "bindings",
    "health",
    "info",
    "metrics",
    "prometheus",
  ]);
  assert.deepEqual(await served([`${exposure}.exclude=*`]), []);
  assert.deepEqual(await served([`${exposure}.include=`]), []);
});

test("levels of access take endpoints away, or what changes something", async () => {
  const include = "--management.endpoints.web.exposure.include=*";
  assert.deepEqual(await served([include, "--management.endpoint.env.access=none", "--management.endpoint.info.enabled=false"]), [
    "bindings",
    "health",
    "loggers",
    "metrics",
    "prometheus",
  ]);
  assert.deepEqual(await served([include, "--management.endpoints.access.default=none", "--management.endpoint.info.access=read-only"]), [
    "info",
  ]);
  const readOnly = await startAll(createHealth(), { args: ["--management.endpoints.access.max-permitted=read-only"] });
  const refused = await post(readOnly, "/actuator/loggers/x", { configuredLevel: "DEBUG" });
  assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
  assert.equal((await ask(readOnly, "POST /actuator/shutdown")).status, 404);
});

test("the base path and the paths of endpoints can be others", async () => {
  const mapping = "--management.endpoints.web.path-mapping";
  const args = ["--management.endpoints.web.base-path=/manage/", `${mapping}.health=probes/alive`];
  const actuator = await start(createHealth(), { args });
  assert.equal((await ask(actuator, "GET /manage/probes/alive/liveness")).status, 200);
  for (const path of ["/actuator", "/manage/health", "/actuator/health"]) assert.equal((await ask(actuator, `GET ${path}`)).status, 404);
  const { _links: links } = (await read(actuator, "/manage")) as { _links: Record<string, { href: string }> };
  assert.equal(links["health-path"]?.href, "http://router:8080/manage/probes/alive/{*path}");
});

test("at the root there are the endpoints, and no links", async () => {
  for (const base of ["/", ""]) {
    const actuator = await start(createHealth(), { args: [`--management.endpoints.web.base-path=${base}`] });
    assert.equal((await ask(actuator, "GET /info")).status, 200);
    assert.equal((await ask(actuator, "GET /")).status, 404);
  }
  const without = await start(createHealth(), { args: ["--management.endpoints.web.discovery.enabled=false"] });
  assert.equal((await ask(without, "GET /actuator")).status, 404);
});

test("a port of their own takes the endpoints away from the app's, where a platform still finds a listener", async () => {
  const args = ["--management.server.port=0", "--management.server.address=127.0.0.1", "--management.server.base-path=/ops"];
  const actuator = await start(createHealth(), { args });
  assert.notEqual(actuator.managementPort, actuator.port);
  assert.equal((await ask(actuator, "GET /actuator/info")).status, 404);
  const management = { port: actuator.managementPort ?? 0 };
  assert.equal((await ask(management, "GET /ops/actuator/info")).status, 200);
  await actuator.close();
  const late = connect(management.port, "127.0.0.1");
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});

test("management.server.port=-1 has no endpoints, and the port of the app itself is the one port", async () => {
  const none = await start(createHealth(), { args: ["--management.server.port=-1"] });
  assert.equal(none.managementPort, null);
  assert.equal((await ask(none, "GET /actuator/info")).status, 404);
  const { port } = await start();
  await assert.rejects(
    start(createHealth(), { args: ["--management.server.address=127.0.0.1", `--management.server.port=${port}`] }),
    (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(
        error.message,
        /^management\.server\.port=\d+, management\.server\.address=127\.0\.0\.1: another program listens there/u,
      );
      return true;
    },
  );
});

test("without an administrator everybody may do everything that is served", async () => {
  const actuator = await startAll();
  assert.equal((await post(actuator, "/actuator/loggers/x", { configuredLevel: "DEBUG" })).status, 204);
  assert.equal((await ask(actuator, "GET /actuator/env", [basic("who", "ever")])).status, 200);
});

test("with an administrator, anybody may read health, info, bindings and the links, and nothing else", async () => {
  const actuator = await startAll(createHealth(), { args: ADMIN });
  for (const path of ["", "/health/liveness", "/info", "/bindings", "/bindings/input"]) {
    assert.equal((await ask(actuator, `GET /actuator${path}`)).status, 200, path);
  }
  for (const path of ["env", "env/x", "loggers", "metrics", "prometheus"]) {
    for (const method of ["GET", "HEAD"]) assert.equal((await ask(actuator, `${method} /actuator/${path}`)).status, 401, path);
  }
  for (const path of ["bindings/input", "loggers/x", "health", "info"]) {
    const refused = await post(actuator, `/actuator/${path}`, { state: "STOPPED" });
    assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, 'Basic realm="Realm"'], path);
    const { timestamp, ...rest } = JSON.parse(refused.body) as Record<string, unknown>;
    assert.ok(timestamp);
    assert.deepEqual(rest, { status: 401, error: "Unauthorized", path: `/actuator/${path}` });
  }
});

test("the administrator may do everything", async () => {
  const actuator = await startAll(createHealth(), { args: ADMIN });
  const right = basic("admin", "s3cret");
  assert.equal((await ask(actuator, "GET /actuator/env", [right])).status, 200);
  assert.equal((await post(actuator, "/actuator/bindings/input", { state: "STOPPED" }, [right])).status, 204);
});

test("wrong credentials are refused everywhere, and other schemes are as none", async () => {
  const actuator = await startAll(createHealth(), { args: ADMIN });
  const wrong = [
    basic("admin", "s3cre"),
    basic("admin", "s3cret "),
    basic("Admin", "s3cret"),
    basic("", ""),
    "Authorization: Basic",
    "Authorization: basic %%%",
  ];
  for (const header of wrong) {
    for (const path of ["health", "env"]) assert.equal((await ask(actuator, `GET /actuator/${path}`, [header])).status, 401, header);
  }
  assert.equal((await ask(actuator, "GET /actuator/health", ["Authorization: Bearer x"])).status, 200);
  assert.equal((await ask(actuator, "GET /actuator/env", ["Authorization: Bearer x"])).status, 401);
});

test("security that is switched off opens everything, and half of the credentials is an error that does not tell them", async () => {
  const open = await startAll(createHealth(), { args: [...ADMIN, `${SECURITY}.enabled=false`] });
  assert.equal((await ask(open, "GET /actuator/env")).status, 200);
  assert.match(
    fault([`${SECURITY}.admin-user=admin`]),
    /^spring\.cloud\.streamapp\.security\.admin-password \(from default\): is missing/u,
  );
  const message = fault([`${SECURITY}.admin-password=s3cret`]);
  assert.match(message, /^spring\.cloud\.streamapp\.security\.admin-user \(from default\): is missing/u);
  assert.doesNotMatch(message, /s3cret/u);
  assert.match(
    fault([`${SECURITY}.admin-user=admin`, `${SECURITY}.admin-password=`]),
    /^spring\.cloud\.streamapp\.security\.admin-password \(from command line\): is missing/u,
  );
  assert.match(fault([`${SECURITY}.admin-user=a:b`, `${SECURITY}.admin-password=x`]), /has a colon in it/u);
});
