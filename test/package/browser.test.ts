/** The installed package in a real browser, under a policy that allows no more scripts than it needs. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Target } from "../conformance.ts";
import { runConformance } from "../conformance.ts";
import type { Browser, Served } from "../embedding/browser.ts";
import { browserMissing, serve, startBrowser } from "../embedding/browser.ts";
import { CASES, targetOf } from "../embedding/requests.ts";
import { snippetsOf } from "../embedding/snippets.ts";
import { INSTALLED } from "./packed.ts";

const TOP = join(import.meta.dirname, "..", "..");
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
/** Under this nothing is compiled on the page: neither script from text nor WebAssembly from bytes. */
const NO_COMPILING = "default-src 'self'; script-src 'self'";

/** A worker that answers requests by the entry with the core in it. */
const PACKAGE_WORKER = `import { createRouter } from "/package/index.js";
import { answersOf, byPackage } from "/answers.js";
addEventListener("message", ({ data }) => postMessage(answersOf(data, byPackage(createRouter))));`;

/** A worker that compiles the core and sends it. */
const COMPILING_WORKER = `postMessage(await WebAssembly.compileStreaming(fetch("/core.wasm")));`;

const PROGRAMS = snippetsOf(readFileSync(join(TOP, "docs", "embedding", "javascript.md"), "utf8")).filter(({ name }) =>
  ["page.js", "worker.js"].includes(name),
);

const FILES: Readonly<Record<string, Served>> = {
  "/documented.html": { body: { text: `<!doctype html><title>timestamp-router</title><script type="module" src="page.js"></script>` } },
  ...Object.fromEntries(PROGRAMS.map(({ name, code }) => [`/${name}`, { body: { text: code } } satisfies Served])),
  "/page.html": { body: { text: "<!doctype html><title>timestamp-router</title>" } },
  "/no-compiling.html": { body: { text: "<!doctype html><title>timestamp-router</title>" }, policy: NO_COMPILING },
  "/answers.js": { body: { path: join(TOP, "test", "embedding", "answers.js") } },
  "/router.js": { body: { path: join(TOP, "docs", "embedding", "javascript", "router.js") } },
  "/package-worker.js": { body: { text: PACKAGE_WORKER } },
  "/compiling-worker.js": { body: { text: COMPILING_WORKER } },
  ...Object.fromEntries(
    globSync("**/*.{js,wasm}", { cwd: INSTALLED }).map((file) => [`/${file}`, { body: { path: join(INSTALLED, file) } } satisfies Served]),
  ),
};

const missing = browserMissing();
const skip = missing ?? false;
let browser: Browser | null = null;
let server: Awaited<ReturnType<typeof serve>> | null = null;
before(async () => {
  if (missing !== null) return;
  server = await serve(FILES, STRICT);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** Returns what an expression of JavaScript is worth on a page. Playwright evaluates it as a debugger does, which no policy forbids. */
async function evaluated(path: string, expression: string): Promise<string> {
  if (browser === null || server === null) throw new Error("the browser runs only while tests run");
  const page = await browser.newPage();
  try {
    await page.goto(server.url + path);
    return await page.evaluate<string>(expression);
  } finally {
    await page.close();
  }
}

/** Returns the expression of what a function's body returns, with the requests at hand. */
function withRequests(requests: string, body: string): string {
  return `(async () => { const requests = ${JSON.stringify(requests)}; ${body} })()`;
}

const WAYS: Readonly<Record<string, string>> = {
  "package, page": `
    const { createRouter } = await import("/package/index.js");
    const { answersOf, byPackage } = await import("/answers.js");
    return answersOf(requests, byPackage(createRouter));`,
  "package, worker": `
    const worker = new Worker("/package-worker.js", { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(requests);
    });`,
  "module, page": `
    const { Router } = await import("/router.js");
    const { answersOf, byModule } = await import("/answers.js");
    return answersOf(requests, byModule(Router, await WebAssembly.compileStreaming(fetch("/core.wasm"))));`,
};

const targets: readonly Target[] = Object.entries(WAYS).map(([name, body]) =>
  targetOf({
    name: `browser, ${name}`,
    answer: async (requests) => evaluated("/page.html", withRequests(requests, body)),
    missing,
    routesBatches: name.startsWith("package"),
  }),
);
runConformance(CASES, targets);

test("the page and the worker of docs/embedding/javascript.md print what the page says", { skip }, async () => {
  if (browser === null || server === null) throw new Error("the browser runs only while tests run");
  assert.deepEqual(
    PROGRAMS.map(({ name }) => name),
    ["worker.js", "page.js"],
  );
  const page = await browser.newPage();
  const printed = page.waitForEvent("console");
  await page.goto(`${server.url}/documented.html`);
  assert.equal(`${(await printed).text()}\n`, PROGRAMS[1]?.output);
  await page.close();
});

test("where a page may compile nothing, ./core still routes by a module that was compiled elsewhere", { skip }, async () => {
  const refused = `import("/package/index.js").then(({ createRouter }) => createRouter()).then(() => "", (error) => error.name)`;
  assert.equal(await evaluated("/no-compiling.html", refused), "CompileError");
  const routed = `(async () => {
    const worker = new Worker("/compiling-worker.js", { type: "module" });
    const module = await new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
    const { createRouter } = await import("/package/core.js");
    return createRouter(module).route("7").output;
  })()`;
  assert.equal(await evaluated("/no-compiling.html", routed), "odd");
});
