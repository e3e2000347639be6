import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth, type Health } from "../../../hosts/dataflow/health.ts";
import { ask, INFO, start, V3 } from "./actuator-client.ts";

function healthy(): Health {
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  health.setComponent("binders", "UP");
  return health;
}

test("health is UP with the probe groups, in Boot's content type", async () => {
  const answer = await ask(await start(healthy()), "GET /actuator/health");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), V3);
  assert.equal(answer.body, '{"status":"UP","groups":["liveness","readiness"]}');
});

test("health answers 200 with status DOWN while only Kafka is away", async () => {
  const health = healthy();
  const actuator = await start(health);
  health.setComponent("binders", "DOWN");
  const { status, body } = await ask(actuator, "GET /actuator/health");
  assert.deepEqual([status, body], [200, '{"status":"DOWN","groups":["liveness","readiness"]}']);
  assert.equal((await ask(actuator, "GET /actuator/health/liveness")).status, 200);
  assert.equal((await ask(actuator, "GET /actuator/health/readiness")).status, 200);
});

test("health answers 200 while the app refuses traffic", async () => {
  const { status, body } = await ask(await start(), "GET /actuator/health");
  assert.deepEqual([status, body], [200, '{"status":"OUT_OF_SERVICE","groups":["liveness","readiness"]}']);
});

test("health and liveness answer 503 when the process is broken", async () => {
  const health = healthy();
  health.setLiveness("BROKEN");
  const actuator = await start(health);
  const whole = await ask(actuator, "GET /actuator/health");
  assert.deepEqual([whole.status, whole.body], [503, '{"status":"DOWN","groups":["liveness","readiness"]}']);
  const liveness = await ask(actuator, "GET /actuator/health/liveness");
  assert.deepEqual([liveness.status, liveness.body], [503, '{"status":"DOWN"}']);
});

test("liveness is UP from the start", async () => {
  const { status, body } = await ask(await start(), "GET /actuator/health/liveness");
  assert.deepEqual([status, body], [200, '{"status":"UP"}']);
});

test("readiness answers 503 until the app accepts traffic", async () => {
  const health = createHealth();
  const actuator = await start(health);
  const refusing = await ask(actuator, "GET /actuator/health/readiness");
  assert.deepEqual([refusing.status, refusing.body], [503, '{"status":"OUT_OF_SERVICE"}']);
  health.setReadiness("ACCEPTING_TRAFFIC");
  const accepting = await ask(actuator, "GET /actuator/health/readiness");
  assert.deepEqual([accepting.status, accepting.body], [200, '{"status":"UP"}']);
});

test("info tells the app's name, version and description before Kafka is up", async () => {
  const { status, headers, body } = await ask(await start(), "GET /actuator/info");
  assert.deepEqual([status, headers.get("content-type")], [200, V3]);
  assert.deepEqual(JSON.parse(body), { app: INFO });
});

test("the links name every endpoint under the host that was asked for", async () => {
  const { status, body } = await ask(await start(), "GET /actuator?x=y");
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), {
    _links: {
      self: { href: "http://router:8080/actuator", templated: false },
      health: { href: "http://router:8080/actuator/health", templated: false },
      "health-path": { href: "http://router:8080/actuator/health/{*path}", templated: true },
      info: { href: "http://router:8080/actuator/info", templated: false },
      bindings: { href: "http://router:8080/actuator/bindings", templated: false },
      "bindings-name": { href: "http://router:8080/actuator/bindings/{name}", templated: true },
    },
  });
});

test("a client that asks for application/json gets it", async () => {
  const actuator = await start();
  for (const accept of ["application/json", "text/plain, application/json, application/*+json, */*"]) {
    // Data Flow's proxy sends a Content-Type with its GET, too.
    const { status, headers } = await ask(actuator, "GET /actuator/info", [`Accept: ${accept}`, "Content-Type: application/json"]);
    assert.deepEqual([status, headers.get("content-type")], [200, "application/json"]);
  }
});

test("a client that takes none of the types gets 406", async () => {
  const actuator = await start();
  for (const path of ["/actuator", "/actuator/health", "/actuator/health/liveness", "/actuator/info"]) {
    const { status, body } = await ask(actuator, `GET ${path}`, ["Accept: text/html"]);
    assert.deepEqual([status, body], [406, ""]);
  }
});

test("HEAD answers as GET without the body", async () => {
  const actuator = await start(healthy());
  const get = await ask(actuator, "GET /actuator/health");
  const head = await ask(actuator, "HEAD /actuator/health");
  assert.deepEqual([head.status, head.body], [200, ""]);
  for (const name of ["content-type", "content-length"]) assert.equal(head.headers.get(name), get.headers.get(name), name);
  assert.equal((await ask(await start(), "HEAD /actuator/health/readiness")).status, 503);
});

test("other methods get 405 with Allow and Boot's error body", async () => {
  const actuator = await start();
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const { status, headers, body } = await ask(actuator, `${method} /actuator/health`);
    assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD"], method);
    const { timestamp, ...rest } = JSON.parse(body) as Record<string, unknown>;
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/u);
    assert.deepEqual(rest, { status: 405, error: "Method Not Allowed", path: "/actuator/health" });
  }
});

test("any other path gets 404 with Boot's error body", async () => {
  const actuator = await start();
  for (const path of [
    "/",
    "/actuator/",
    "/actuator/env",
    "/actuator/health/",
    "/actuator/health/binders",
    "/health",
    "/ACTUATOR",
    "/shutdown",
    "//",
  ]) {
    const { status, headers, body } = await ask(actuator, `GET ${path}?secret=1`);
    assert.deepEqual([status, headers.get("content-type")], [404, "application/json"], path);
    const { timestamp, ...rest } = JSON.parse(body) as Record<string, unknown>;
    assert.ok(timestamp);
    assert.deepEqual(rest, { status: 404, error: "Not Found", path });
  }
  assert.equal((await ask(actuator, "POST /shutdown")).status, 404);
});

test("no header tells what serves", async () => {
  const actuator = await start();
  for (const path of ["/actuator/health", "/nothing"]) {
    const { headers } = await ask(actuator, `GET ${path}`);
    assert.deepEqual([headers.has("server"), headers.has("x-powered-by")], [false, false]);
  }
});

test("a handler that fails answers 500 and is reported", async () => {
  const failure = new Error("broken");
  const health: Health = {
    ...createHealth(),
    components() {
      throw failure;
    },
  };
  const reported: unknown[] = [];
  const actuator = await start(health, { onError: (error) => reported.push(error) });
  const { status, body } = await ask(actuator, "GET /actuator/health");
  assert.equal(status, 500);
  assert.doesNotMatch(body, /broken/u);
  assert.deepEqual(reported, [failure]);
});
