import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after } from "node:test";
import { startActuator, type Actuator, type ActuatorOptions } from "../../../hosts/dataflow/actuator.ts";
import { createHealth, type Health } from "../../../hosts/dataflow/health.ts";

export const INFO = { name: "timestamp-router", version: "0.1.0", description: "Routes." };

const errors: unknown[] = [];
const open: Actuator[] = [];
after(async () => {
  await Promise.all(open.map((actuator) => actuator.close()));
  assert.deepEqual(errors, []);
});

function reportError(error: unknown): void {
  errors.push(error);
}

/** Serves the endpoints on a free port until the tests of the file have run; no test may lead to an error. */
export async function start(health: Health = createHealth(), options: Partial<ActuatorOptions> = {}): Promise<Actuator> {
  const actuator = await startActuator({ health, info: INFO, port: 0, address: "127.0.0.1", onError: reportError, ...options });
  open.push(actuator);
  return actuator;
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Everything that comes back for these bytes, until the server closes the connection. */
export async function exchange({ port }: Actuator, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  socket.write(bytes, "latin1");
  let received = "";
  socket.on("data", (text: string) => (received += text));
  await once(socket, "close");
  return received;
}

/** The answer to one request over a connection of its own. */
export async function ask(actuator: Actuator, requestLine: string, headers: readonly string[] = []): Promise<Answer> {
  const received = await exchange(
    actuator,
    [`${requestLine} HTTP/1.1`, "Host: router:8080", "Connection: close", ...headers, "", ""].join("\r\n"),
  );
  const [head = "", body = ""] = received.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)] as const);
  return { status: Number(statusLine.split(" ")[1]), headers: new Map(pairs), body };
}
