/** The deployment by Admin API, against an HTTP server that stands in for the broker and keeps what it is sent. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import type { TestContext } from "node:test";

const TOP = new URL("../../", import.meta.url);
const MODULE = readFileSync(new URL("build/redpanda.wasm", TOP));
const TIMESTAMP_MODULE = readFileSync(new URL("build/redpanda-timestamp.wasm", TOP));

interface Sent {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: Buffer;
}

/** Starts a server that gives every request one answer; returns its address and what it was sent. */
async function adminApi(context: TestContext, status: number, answer: string): Promise<{ host: string; sent: Sent[] }> {
  const sent: Sent[] = [];
  const server = createServer();
  server.on("request", (request, response) => {
    void keep(request).then(() => response.writeHead(status, { "content-type": "application/json" }).end(answer));
  });
  async function keep(request: IncomingMessage): Promise<void> {
    const body = await buffer(request);
    sent.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, sent };
}

/** Runs the command; returns its exit status and what it said. */
async function deploy(...words: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const command = spawn(process.execPath, ["hosts/redpanda/deploy.ts", ...words], { cwd: TOP, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(command.stdout), text(command.stderr), once(command, "close")]);
  return { status: command.exitCode, stdout, stderr };
}

test("the request is one JSON object with the module right behind it", async (context) => {
  const { host, sent } = await adminApi(context, 200, "");
  const { status, stdout, stderr } = await deploy("--admin", `http://${host}`);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(stdout, "timestamp-router is deployed: timeDest to evenDest, oddDest\n");
  const head =
    '{"name":"timestamp-router","input_topic":"timeDest","output_topics":["evenDest","oddDest"],"environment":[],"compression":"none"}';
  assert.deepEqual(sent, [
    { line: "POST /v1/transform/deploy", authorization: undefined, body: Buffer.concat([Buffer.from(head), MODULE]) },
  ]);
});

test("names, topics in their order, variables, beginning and compression are as the command line says", async (context) => {
  const { host, sent } = await adminApi(context, 200, "");
  const topics = ["--input", "in", "--output", "b", "--output", "a", "--output", "dead"];
  const variables = ["--var", "ROUTER_PREFIX_EVEN=a=b é", "--var", "ROUTER_UNROUTABLE=dlq"];
  const rest = ["--name", "second", "--from", "start", "--compression", "zstd"];
  assert.equal((await deploy("--admin", `http://${host}/`, ...topics, ...variables, ...rest)).status, 0);
  const head =
    '{"name":"second","input_topic":"in","output_topics":["b","a","dead"],' +
    '"environment":[{"key":"ROUTER_PREFIX_EVEN","value":"a=b é"},{"key":"ROUTER_UNROUTABLE","value":"dlq"}],' +
    '"compression":"zstd","offset":{"format":"from_start","value":0}}';
  assert.deepEqual(sent[0]?.body, Buffer.concat([Buffer.from(head), MODULE]));
});

test("the timestamp rule is deployed with the module that has it, and the last-digit rule with the one that has no more", async (context) => {
  const { host, sent } = await adminApi(context, 200, "");
  for (const rule of ["timestamp", "last-digit"]) {
    assert.equal((await deploy("--admin", `http://${host}`, "--var", `ROUTER_RULE=${rule}`)).status, 0);
  }
  assert.ok(sent[0]?.body.subarray(-TIMESTAMP_MODULE.length).equals(TIMESTAMP_MODULE));
  assert.ok(sent[1]?.body.subarray(-MODULE.length).equals(MODULE));
});

test("a login in the address goes into a header", async (context) => {
  const { host, sent } = await adminApi(context, 200, "");
  assert.equal((await deploy("--admin", `http://admin:a%40b@${host}`)).status, 0);
  assert.equal(sent[0]?.authorization, `Basic ${Buffer.from("admin:a@b").toString("base64")}`);
});

test("a refusal ends it with the broker's own words", async (context) => {
  const { host } = await adminApi(context, 400, '{"message": "Invalid WebAssembly - missing required WASI functions", "code": 400}');
  const { status, stderr } = await deploy("--admin", `http://${host}`);
  assert.deepEqual([status, stderr], [1, "not deployed: the broker refuses, 400: Invalid WebAssembly - missing required WASI functions\n"]);
});

test("an answer that is no JSON is passed on as it is", async (context) => {
  const { host } = await adminApi(context, 503, "later");
  assert.equal((await deploy("--admin", `http://${host}`)).stderr, "not deployed: the broker refuses, 503: later\n");
});

test("a broker that is not there is named", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const { status, stderr } = await deploy("--admin", `http://127.0.0.1:${port}`);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`^not deployed: fetch failed: .*127\\.0\\.0\\.1:${port}`));
});

for (const [what, words, said] of [
  ["no address", [], /^--admin needs a URL/],
  ["an address without http", ["--admin", "localhost:9644"], /^--admin needs a URL/],
  ["a variable without a value", ["--admin", "http://h", "--var", "A"], /^--var is <name>=<value>, not A\n/],
  ["another beginning", ["--admin", "http://h", "--from", "yesterday"], /^--from is start or end, not yesterday\n/],
  ["another compression", ["--admin", "http://h", "--compression", "brotli"], /^--compression is one of none, gzip, snappy, lz4, zstd/],
  ["an unknown option", ["--admin", "http://h", "--topic", "x"], /^Unknown option '--topic'/],
] as const) {
  test(`${what} is refused with the usage`, async () => {
    const { status, stderr } = await deploy(...words);
    assert.equal(status, 2);
    assert.match(stderr, said);
    assert.match(stderr, /\nnpm run deploy:redpanda -- --admin <URL>/);
  });
}
