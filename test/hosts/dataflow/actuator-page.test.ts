/** The page beside the endpoints: when it is served, where, and with what. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readPage } from "../../../hosts/dataflow/actuator/page.ts";
import { createHealth } from "../../../hosts/dataflow/health.ts";
import { ask, basic, read, start, type Changes } from "./actuator-client.ts";

const ENABLED = "--router.page.enabled=true";
const SECURITY = "--spring.cloud.streamapp.security";
const ADMIN = [`${SECURITY}.admin-user=admin`, `${SECURITY}.admin-password=s3cret`];

async function startWith(...args: readonly string[]): ReturnType<typeof start> {
  return start(createHealth(), { args } satisfies Changes);
}

test("the page is not served unless it is enabled", async () => {
  const actuator = await startWith();
  for (const path of ["/actuator/page", "/actuator/page/", "/actuator/page/core.wasm"]) {
    assert.equal((await ask(actuator, `GET ${path}`)).status, 404, path);
  }
});

test("the page's files are served as they are built, with their types and under a policy", async () => {
  const actuator = await startWith(ENABLED);
  for (const [path, file, type] of [
    ["", "index.html", "text/html; charset=utf-8"],
    ["page.css", "page.css", "text/css; charset=utf-8"],
    ["browser/main.js", "browser/main.js", "text/javascript; charset=utf-8"],
    ["icon.svg", "icon.svg", "image/svg+xml"],
    ["core.wasm", "core.wasm", "application/wasm"],
  ] as const) {
    const { status, headers } = await ask(actuator, `GET /actuator/page/${path}`);
    const { length } = readFileSync(new URL(`../../../build/page/${file}`, import.meta.url));
    assert.deepEqual([status, headers.get("content-type"), headers.get("content-length")], [200, type, String(length)], path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("content-security-policy"), "frame-ancestors 'none'");
    assert.equal(headers.get("cache-control"), "no-cache");
  }
  const head = await ask(actuator, "HEAD /actuator/page/");
  assert.deepEqual([head.status, head.body], [200, ""]);
  assert.equal((await ask(actuator, "POST /actuator/page/")).status, 405);
  for (const path of ["nothing.js", "../../package.json", "browser/"]) {
    assert.equal((await ask(actuator, `GET /actuator/page/${path}`)).status, 404, path);
  }
});

test("without the slash at its end, the address leads to the one with it", async () => {
  const { status, headers } = await ask(await startWith(ENABLED), "GET /actuator/page");
  assert.deepEqual([status, headers.get("location")], [308, "page/"]);
});

test("the page is told which endpoints are served, and where", async () => {
  const plain = await startWith(ENABLED);
  const endpoints = { bindings: "../bindings", health: "../health", info: "../info" };
  assert.deepEqual(await read(plain, "/actuator/page/router.json"), { endpoints });
  const web = "--management.endpoints.web";
  const moved = await startWith(ENABLED, `${web}.base-path=/`, `${web}.path-mapping.health=probes/alive`, `${web}.exposure.include=health`);
  assert.deepEqual(await read(moved, "/page/router.json"), { endpoints: { health: "../probes/alive" } });
});

test("the page is where the endpoints are, and nowhere when there are none", async () => {
  const moved = await startWith(
    ENABLED,
    "--management.server.port=0",
    "--management.server.address=127.0.0.1",
    "--management.server.base-path=/manage",
  );
  assert.equal((await ask(moved, "GET /actuator/page/")).status, 404);
  assert.equal((await ask({ port: moved.managementPort ?? 0 }, "GET /manage/actuator/page/")).status, 200);
  const none = await startWith(ENABLED, "--management.server.port=-1");
  assert.equal((await ask(none, "GET /actuator/page/")).status, 404);
});

test("anybody may read the page, but not with credentials that are wrong", async () => {
  const actuator = await startWith(ENABLED, ...ADMIN);
  assert.equal((await ask(actuator, "GET /actuator/page/")).status, 200);
  assert.equal((await ask(actuator, "GET /actuator/page/", [basic("admin", "s3cret")])).status, 200);
  assert.equal((await ask(actuator, "GET /actuator/page/", [basic("admin", "guess")])).status, 401);
});

test("a page that has not been built is an error that says what to do", async () => {
  await assert.rejects(
    readPage(new URL("../../../build/no-page/", import.meta.url)),
    /^Error: router\.page\.enabled: .+npm run build:page/u,
  );
});
