/** Clients of all kinds at the HTTP side of an app that runs over a broker in memory. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect, type Socket } from "node:net";
import { startActuator, type Actuator } from "../../hosts/dataflow/actuator/actuator.ts";
import { readInfo } from "../../hosts/dataflow/actuator/info.ts";
import { startApp } from "../../hosts/dataflow/app.ts";
import { systemClock } from "../../hosts/dataflow/clock.ts";
import { readConfigOf } from "../../hosts/dataflow/config.ts";
import { describeEnvironment } from "../../hosts/dataflow/environment.ts";
import { createHealth } from "../../hosts/dataflow/health.ts";
import { createLogLevels } from "../../hosts/dataflow/log-levels.ts";
import { createLogger } from "../../hosts/dataflow/log.ts";
import { createMetrics } from "../../hosts/dataflow/metrics.ts";
import { propertySources } from "../../hosts/dataflow/property-sources.ts";
import { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { coreModule } from "../core-module.ts";
import type { Random } from "../simulation/random.ts";
import { count, Finding, type Tally, type Target } from "./finding.ts";
import { clientPlan, type ClientPlan } from "./requests.ts";

const CLIENTS_A_ROUND = 72;
/** A tenth of the app's own, so that a run sees many of them pass. */
const TIMEOUTS = { headersTimeoutMs: 500, requestTimeoutMs: 1000, idleTimeoutMs: 1000, keepAliveTimeoutMs: 500, closeTimeoutMs: 1000 };
/** Far above them: a machine may be busy. */
const CUT_OFF_MAX_MS = 15_000;
const DRIP_MS = 50;
/** More answers than that are not kept: what is looked for is in the first ones, too. */
const RECEIVED_MAX = 1 << 20;
const STACK = /\n\s+at |\bnode:internal\/|file:\/\/|node_modules/u;
const ARGS = [
  "--server.port=0",
  "--server.address=127.0.0.1",
  "--management.endpoints.web.exposure.include=*",
  "--management.endpoint.health.show-details=always",
  "--management.endpoint.shutdown.access=unrestricted",
  "--management.endpoint.env.show-values=always",
  "--endpoints.shutdown.enabled=true",
];

/** The server's sockets by the ports of their clients. */
type Accepted = Map<number, Socket>;

/** The HTTP side, its connections, and what it has called an error. */
interface Served {
  readonly actuator: Actuator;
  readonly accepted: Accepted;
  readonly errors: readonly unknown[];
}

export async function startHttp(): Promise<Target> {
  const opened = propertySources({ args: ARGS, env: {} });
  const config = readConfigOf(opened);
  const health = createHealth();
  const metrics = createMetrics({ tags: {}, now: Date.now });
  const levels = createLogLevels("INFO");
  const log = createLogger({ applicationName: "fuzz", format: "text", levels, write: () => {}, now: Date.now, pid: 1 });
  const app = startApp({
    config,
    binder: new MemoryBroker().binder(systemClock),
    core: coreModule(),
    health,
    metrics,
    log,
    clock: systemClock,
  });
  const errors: unknown[] = [];
  const actuator = await startActuator({
    config,
    health,
    info: readInfo({ name: "fuzz", version: "0", description: "" }, config.actuator.info),
    levels,
    metrics,
    environment: { sources: describeEnvironment(opened.sources), activeProfiles: [] },
    bindings: { list: () => app.bindings(), control: async (name, command) => app.control(name, command) },
    shutDown: () => {},
    onError: (error) => errors.push(error),
    timeouts: TIMEOUTS,
  });
  const accepted: Accepted = new Map();
  const onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.remotePort !== undefined) accepted.set(socket.remotePort, socket);
  };
  subscribe("net.server.socket", onSocket);
  return {
    name: "http",
    round: async (random, tally) => round({ actuator, accepted, errors }, random, tally),
    async [Symbol.asyncDispose]() {
      unsubscribe("net.server.socket", onSocket);
      await actuator.close();
      await app.stop();
    },
  };
}

/** All clients at the same time, and then one who only wants to know whether the app is alive. */
async function round(served: Served, random: Random, tally: Tally): Promise<void> {
  const plans = Array.from({ length: CLIENTS_A_ROUND }, () => clientPlan(random));
  const answers = await Promise.all(plans.map(async (plan) => play(served, plan)));
  for (const [index, received] of answers.entries()) {
    const plan = plans[index];
    if (plan === undefined) continue;
    judge(plan, received);
    count(tally, `${plan.kind}: ${/^HTTP\/1\.1 (\d{3}) /u.exec(received)?.[1] ?? "no answer"}`);
  }
  const alive = await play(served, {
    kind: "probe",
    pieces: [Buffer.from("GET /actuator/health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")],
    drip: null,
    isDeaf: false,
    ending: "wait",
  });
  served.accepted.clear();
  const sent = Buffer.concat(plans.flatMap(({ pieces }) => pieces.map((piece) => piece.subarray(0, 4096))));
  if (!alive.startsWith("HTTP/1.1 200 OK\r\n")) throw new Finding(`a probe afterwards is answered ${alive.slice(0, 200)}`, sent);
  if (served.errors.length > 0) throw new Finding("a client has led to an error", sent, served.errors[0]);
}

function judge({ kind, pieces }: ClientPlan, received: string): void {
  const sent = Buffer.concat(pieces).subarray(0, 1 << 16);
  if (received !== "" && !/^HTTP\/1\.1 \d{3} /u.test(received)) throw new Finding(`${kind}: what comes back is no HTTP`, sent);
  if (STACK.test(received)) throw new Finding(`${kind}: what comes back looks like a stack trace: ${received}`, sent);
  if (received.includes("HTTP/1.1 500 ")) throw new Finding(`${kind}: the answer is 500`, sent);
}

/** Returns the server's side of a connection: a client that neither reads nor writes does not learn that it is closed. */
async function servedTo(client: Socket, accepted: Accepted): Promise<Socket> {
  for (;;) {
    const socket = accepted.get(client.localPort ?? 0);
    if (socket !== undefined) return socket;
    await new Promise(setImmediate);
  }
}

async function untilClosed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

/** Does as a client has planned. Returns what came back until the connection was closed, by whomever. */
async function play({ actuator, accepted }: Served, plan: ClientPlan): Promise<string> {
  const socket = connect({ port: actuator.port, host: "127.0.0.1", allowHalfOpen: true });
  // Whatever the server does to the connection, the client has asked for it.
  socket.on("error", () => {});
  let received = "";
  socket.setEncoding("latin1");
  await new Promise((resolve) => socket.once("connect", resolve));
  const served = await servedTo(socket, accepted);
  const closed = Promise.all([untilClosed(served), ...(plan.isDeaf ? [] : [untilClosed(socket)])]);
  if (plan.isDeaf) socket.pause();
  else socket.on("data", (text: string) => (received = received.length > RECEIVED_MAX ? received : received + text));
  socket.once("end", () => socket.end());
  for (const piece of plan.pieces) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  if (plan.ending === "end") socket.end();
  if (plan.ending === "break off") socket.resetAndDestroy();
  await cutOff(socket, plan, closed);
  return received;
}

/** Resolves when the connection is closed, which must not take long, however much the client would like to go on. */
async function cutOff(socket: Socket, { kind, pieces, drip }: ClientPlan, closed: Promise<unknown>): Promise<void> {
  const dripping = drip === null ? undefined : setInterval(() => socket.write(drip), DRIP_MS);
  const patience = Promise.withResolvers<"open">();
  const timer = setTimeout(() => {
    patience.resolve("open");
  }, CUT_OFF_MAX_MS);
  const outcome = await Promise.race([closed, patience.promise]);
  clearTimeout(timer);
  clearInterval(dripping);
  socket.destroy();
  if (outcome === "open")
    throw new Finding(`${kind}: the connection is open after ${CUT_OFF_MAX_MS} ms`, Buffer.concat(pieces).subarray(0, 4096));
}
