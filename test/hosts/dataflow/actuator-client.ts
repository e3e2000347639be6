import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after } from "node:test";
import { startActuator, type Actuator, type ActuatorOptions } from "../../../hosts/dataflow/actuator/actuator.ts";
import { readInfo } from "../../../hosts/dataflow/actuator/info.ts";
import { createHealth, type Health } from "../../../hosts/dataflow/health.ts";
import { createLogLevels } from "../../../hosts/dataflow/log-levels.ts";
import { createMetrics } from "../../../hosts/dataflow/metrics.ts";
import { config } from "./config-checks.ts";

export const INFO = { name: "timestamp-router", version: "0.1.0", description: "Routes." };
export const V2 = "application/vnd.spring-boot.actuator.v2+json";
export const V3 = "application/vnd.spring-boot.actuator.v3+json";

const errors: unknown[] = [];
const open: Actuator[] = [];
after(async () => {
  await Promise.all(open.map((actuator) => actuator.close()));
  assert.deepEqual(errors, []);
});

function reportError(error: unknown): void {
  errors.push(error);
}

/** What a test sets of the HTTP side. */
export type Changes = Partial<Omit<ActuatorOptions, "config">> & { readonly args?: readonly string[] };

/** Times out of reach: a test makes one of them short, so that no other can be the one that ends the connection. */
export const NO_TIMEOUTS = {
  headersTimeoutMs: 600_000,
  requestTimeoutMs: 600_000,
  idleTimeoutMs: 600_000,
  keepAliveTimeoutMs: 600_000,
  closeTimeoutMs: 600_000,
};

/** Serves the endpoints on a free port until the tests of the file have run; no test may lead to an error. */
export async function start(health: Health = createHealth(), { args = [], ...changes }: Changes = {}): Promise<Actuator> {
  const place = ["--server.port=0", "--server.address=127.0.0.1"];
  // An option that is given twice is a list.
  const usual = place.filter((option) => !args.some((arg) => arg.startsWith(option.slice(0, option.indexOf("=") + 1))));
  const settings = config([...usual, ...args]);
  const actuator = await startActuator({
    config: settings,
    health,
    info: readInfo(INFO, settings.actuator.info),
    levels: createLogLevels("INFO"),
    metrics: createMetrics({ tags: {}, now: () => 0 }),
    environment: { sources: [], activeProfiles: [] },
    bindings: { list: () => [], control: async () => Promise.resolve(true) },
    shutDown: () => {},
    onError: reportError,
    ...changes,
  });
  open.push(actuator);
  return actuator;
}

/** Serves all endpoints. */
export async function startAll(health: Health = createHealth(), { args = [], ...changes }: Changes = {}): Promise<Actuator> {
  return start(health, { args: ["--management.endpoints.web.exposure.include=*", ...args], ...changes });
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Where a server listens. */
type Listening = Pick<Actuator, "port">;

/** Everything that comes back for these bytes, until the server closes the connection. */
export async function exchange({ port }: Listening, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  socket.write(bytes, "latin1");
  let received = "";
  socket.on("data", (text: string) => (received += text));
  await once(socket, "close");
  return received;
}

/** The answer to one request over a connection of its own. */
export async function ask(server: Listening, requestLine: string, headers: readonly string[] = [], body = ""): Promise<Answer> {
  const lengths = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = [`${requestLine} HTTP/1.1`, "Host: router:8080", "Connection: close", ...headers, ...lengths, "", ""].join("\r\n");
  const received = await exchange(server, head + body);
  const end = received.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = received.slice(0, end).split("\r\n");
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)] as const);
  return { status: Number(statusLine.split(" ")[1]), headers: new Map(pairs), body: received.slice(end + 4) };
}

/** The answer to a POST of JSON. */
export async function post(server: Listening, path: string, body: object, headers: readonly string[] = []): Promise<Answer> {
  return ask(server, `POST ${path}`, ["Content-Type: application/json", ...headers], JSON.stringify(body));
}

/** What a GET answers, read as JSON; it has to be 200. */
export async function read(server: Listening, path: string, headers: readonly string[] = []): Promise<unknown> {
  const { status, body } = await ask(server, `GET ${path}`, headers);
  assert.equal(status, 200, `${path}: ${body}`);
  return JSON.parse(body);
}

/** The header with somebody's credentials. */
export function basic(user: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
