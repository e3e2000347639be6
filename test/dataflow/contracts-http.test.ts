/**
 * The requests that Data Flow's parts send to an app, byte by byte as they were taken down from them, and what they make of the answers. The app is a
 * process whose broker is away: it is asked before there is one.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../hosts/demo/broker/ports.ts";
import { startApp, type RunningApp } from "../broker/app.ts";
import { told } from "./told.ts";

const LAUNCHER = fileURLToPath(new URL("../../hosts/dataflow/deploy/java.ts", import.meta.url));
/** What `RestTemplate` of the deployer accepts where it reads a text. */
const ACCEPT_TEXT = "Accept: text/plain, application/json, application/*+json, */*";
/** What the actuator proxy of the Data Flow server sends with every request, reading ones included. */
const PROXY = ["Accept: application/json", "Content-Type: application/json"];
const AS_ADMIN = `Authorization: Basic ${Buffer.from("admin:pw").toString("base64")}`;
const ADMIN = { "spring.cloud.streamapp.security.admin-user": "admin", "spring.cloud.streamapp.security.admin-password": "pw" };

test("the local deployer's bare connection leaves no trace in the log", async (context) => {
  const { app, port } = await start(context);
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  await once(socket, "close");
  assert.equal((await ask(port, "GET /actuator/info HTTP/1.1", [ACCEPT_TEXT])).status, 200);
  assert.doesNotMatch([...app.lines, ...app.errorLines].join("\n"), /actuator.*(?:ERROR|WARN)|(?:ERROR|WARN).*actuator/iu);
});

test("the probes of the local deployer and of Kubernetes are answered with 200 while the broker is away", async (context) => {
  const { port } = await start(context);
  for (const path of ["/actuator/info", "/actuator/health", "/actuator/health/liveness"]) {
    const local = await ask(port, `GET ${path} HTTP/1.1`, [ACCEPT_TEXT, "User-Agent: Java/17.0.15"]);
    assert.equal(local.status, 200, path);
    const kubernetes = await ask(port, `GET ${path} HTTP/1.1`, ["User-Agent: kube-probe/1.31", "Accept: */*"]);
    assert.equal(kubernetes.status, 200, path);
  }
});

test("the actuator proxy reads health, info and bindings as application/json", async (context) => {
  const { port } = await start(context);
  for (const endpoint of ["health", "info", "bindings"]) {
    const { status, headers, body } = await ask(port, `GET /actuator/${endpoint} HTTP/1.1`, [...PROXY, "User-Agent: Java/17.0.15"]);
    assert.equal(status, 200, endpoint);
    assert.match(headers.get("content-type") ?? "", /^application\/json\b/u, endpoint);
    assert.equal(typeof JSON.parse(body), "object", endpoint);
  }
});

test("the actuator proxy reads with the credentials of an administrator, too", async (context) => {
  const { port } = await start(context, ADMIN);
  assert.equal((await ask(port, "GET /actuator/bindings HTTP/1.1", [...PROXY, AS_ADMIN])).status, 200);
});

test("the actuator proxy changes a binding with the credentials, and not without them", async (context) => {
  const { port } = await start(context, ADMIN);
  const body = '{"state":"PAUSED"}';
  const headers = [...PROXY, `Content-Length: ${body.length}`];
  assert.equal((await ask(port, "POST /actuator/bindings/input HTTP/1.1", headers, body)).status, 401);
  assert.equal((await ask(port, "POST /actuator/bindings/input HTTP/1.1", [...headers, AS_ADMIN], body)).status, 204);
});

test("the local deployer's shutdown is answered with 200, and ends the app in an orderly way", async (context) => {
  const { app, port } = await start(context);
  const { status, headers, body } = await shutDown(port);
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /json/u);
  assert.deepEqual(JSON.parse(body), { message: "Shutting down, bye..." });
  const { exitCode, signal } = await app.ended();
  assert.deepEqual([exitCode, signal], [0, null]);
});

test("the local deployer's shutdown carries no credentials, and is obeyed also where there is an administrator", async (context) => {
  const { app, port } = await start(context, ADMIN);
  assert.equal((await shutDown(port)).status, 200);
  assert.equal((await app.ended()).exitCode, 0);
});

test("there is no shutdown by HTTP where the deployer did not say so", async (context) => {
  const { port } = await start(context, { "endpoints.shutdown.enabled": "false" });
  assert.equal((await shutDown(port)).status, 404);
});

test("the stand-in for java takes the local deployer's command line, and options that are for a JVM mean nothing to it", async (context) => {
  const [port = 0, brokerPort = 0] = await freePorts(2);
  const { env } = told("local-json", { broker: `127.0.0.1:${brokerPort}`, port });
  const args = ["-Xmx160m", "--server.port=1", "-jar", "/apps/timestamp-router-1.0.0.jar"];
  const app = startApp(context, { properties: {}, args, env, main: LAUNCHER });
  assert.match(await app.line(/Actuator listens on port/u), new RegExp(`port ${port}$`, "u"));
  assert.equal((await shutDown(port)).status, 200);
  assert.equal((await app.ended()).exitCode, 0);
});

/** The local deployer's request, which claims to be a form and is empty. */
async function shutDown(port: number): Promise<Answer> {
  const headers = [ACCEPT_TEXT, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 0", "User-Agent: Java/17.0.15"];
  return ask(port, "POST /shutdown HTTP/1.1", headers);
}

/** The app as the local deployer starts it, with further properties in its JSON, and its HTTP side up. */
async function start(
  context: TestContext,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly app: RunningApp; readonly port: number }> {
  const [port = 0, brokerPort = 0] = await freePorts(2);
  const { args, env } = told("local-json", { broker: `127.0.0.1:${brokerPort}`, port });
  const json = JSON.stringify({ ...(JSON.parse(env["SPRING_APPLICATION_JSON"] ?? "{}") as object), ...more });
  const app = startApp(context, { properties: {}, args, env: { ...env, SPRING_APPLICATION_JSON: json } });
  await app.line(/Actuator listens on port/u);
  return { app, port };
}

interface Answer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends just these lines, and `Connection: close`, so that the end of the answer is known. */
async function ask(port: number, requestLine: string, headers: readonly string[], body = ""): Promise<Answer> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.write([requestLine, ...headers, `Host: 127.0.0.1:${port}`, "Connection: close", "", body].join("\r\n"));
  let received = "";
  socket.on("data", (text: string) => (received += text));
  await once(socket, "close");
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()] as const);
  return { status: Number(statusLine.split(" ")[1]), headers: new Map(pairs), body: rest.join("\r\n\r\n") };
}
