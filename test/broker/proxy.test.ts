/** The proxy in front of a broker makes each fault that it is told to make, and none else. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { startCluster } from "../../hosts/demo/broker/cluster.ts";
import { freePorts } from "../../hosts/demo/broker/ports.ts";
import { startProxy, type Proxy } from "../../hosts/demo/broker/proxy.ts";
import { registeredBrokers } from "../../hosts/demo/broker/ready.ts";
import { brokerMissing } from "./available.ts";
import { openTopics } from "./topics.ts";

const DEADLINE_MS = 30_000;

/** Starts a server that sends back what it is sent, and a proxy before it. */
async function proxyOfEcho(context: TestContext): Promise<Proxy> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  server.listen({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const [port = 0] = await freePorts(1);
  const proxy = await startProxy({ port, targetPort: (server.address() as AddressInfo).port });
  context.after(async () => {
    await proxy.close();
    server.close();
  });
  return proxy;
}

async function connect(context: TestContext, { port }: Proxy): Promise<Socket> {
  const socket = createConnection({ host: "127.0.0.1", port });
  context.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Returns the next bytes that come in. */
async function next(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, "data", { signal: AbortSignal.timeout(DEADLINE_MS) })) as [Buffer];
  return chunk.toString();
}

async function echoed(socket: Socket, text: string): Promise<string> {
  const answer = next(socket);
  socket.write(text);
  return answer;
}

test("a proxy passes bytes on in both directions, and an end as an end", async (context) => {
  const socket = await connect(context, await proxyOfEcho(context));
  assert.equal(await echoed(socket, "timestamps"), "timestamps");
  const last = next(socket);
  const ended = once(socket, "end");
  socket.end("the last one");
  assert.equal(await last, "the last one");
  await ended;
});

test("a proxy that refuses lets open connections go on and no new one in, until it is restored", async (context) => {
  const proxy = await proxyOfEcho(context);
  const socket = await connect(context, proxy);
  await proxy.refuse();
  await assert.rejects(connect(context, proxy), { code: "ECONNREFUSED" });
  assert.equal(await echoed(socket, "still there"), "still there");
  await proxy.restore();
  assert.equal(await echoed(await connect(context, proxy), "again"), "again");
  assert.equal(await echoed(socket, "both"), "both");
});

test("a proxy that drops resets each open connection and takes new ones", async (context) => {
  const proxy = await proxyOfEcho(context);
  const sockets = [await connect(context, proxy), await connect(context, proxy)];
  for (const socket of sockets) assert.equal(await echoed(socket, "open"), "open");
  const resets = sockets.map(async (socket) => once(socket, "error"));
  assert.equal(proxy.drop(), 2);
  for (const reset of resets) assert.equal(((await reset) as [NodeJS.ErrnoException])[0].code, "ECONNRESET");
  assert.equal(await echoed(await connect(context, proxy), "new"), "new");
});

test("a proxy that delays holds each chunk for the time, on the way there and on the way back", async (context) => {
  const proxy = await proxyOfEcho(context);
  const socket = await connect(context, proxy);
  assert.equal(await echoed(socket, "prompt"), "prompt");
  proxy.delay(100);
  const startMs = performance.now();
  assert.equal(await echoed(socket, "late"), "late");
  // Timers may fire up to a millisecond early.
  assert.ok(performance.now() - startMs >= 198);
});

test("a proxy that throttles lets no more bytes a second pass than it is told", async (context) => {
  const proxy = await proxyOfEcho(context);
  const socket = await connect(context, proxy);
  proxy.throttle(10_000);
  const startMs = performance.now();
  const sent = "x".repeat(1000);
  let received = "";
  socket.write(sent);
  while (received.length < sent.length) received += await next(socket);
  // A thousand bytes there and a thousand back.
  assert.ok(performance.now() - startMs >= 198);
});

test("a proxy that is a black hole accepts and forwards nothing, and when it is restored what was held back arrives", async (context) => {
  const proxy = await proxyOfEcho(context);
  const before = await connect(context, proxy);
  assert.equal(await echoed(before, "open"), "open");
  proxy.blackHole();
  const during = await connect(context, proxy);
  let answerCount = 0;
  const arrivals = [before, during].map(async (socket) => {
    const answer = await echoed(socket, "held back");
    answerCount += 1;
    return answer;
  });
  // Long enough for an answer that nothing holds back.
  assert.equal(await echoed(await connect(context, await proxyOfEcho(context)), "elsewhere"), "elsewhere");
  assert.equal(answerCount, 0);
  await proxy.restore();
  assert.deepEqual(await Promise.all(arrivals), ["held back", "held back"]);
});

test("a proxy resets a connection whose server is not there", async (context) => {
  const [port = 0, targetPort = 0] = await freePorts(2);
  await using proxy = await startProxy({ port, targetPort });
  const socket = createConnection({ host: "127.0.0.1", port: proxy.port });
  context.after(() => socket.destroy());
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNRESET");
});

test("a proxy that is closed listens no more and leaves no connection open, also in the middle of a fault", async (context) => {
  const proxy = await proxyOfEcho(context);
  const socket = await connect(context, proxy);
  assert.equal(await echoed(socket, "open"), "open");
  proxy.blackHole();
  const reset = once(socket, "error");
  socket.write("never answered");
  await proxy.close();
  await reset;
  await assert.rejects(connect(context, proxy), { code: "ECONNREFUSED" });
});

const skip = (await brokerMissing()) ?? false;

test("a cluster behind proxies leads its clients through them, and is reached past them as well", { skip }, async () => {
  await using cluster = await startCluster({ nodes: 1, proxied: true });
  assert.ok(cluster.proxied !== null && cluster.proxied !== cluster.bootstrap);
  await using direct = await openTopics(cluster.bootstrap);
  await direct.create("timestamps", 2);
  await using through = await openTopics(cluster.proxied);
  assert.deepEqual(await through.endOffsets("timestamps"), [0, 0]);
  // Two connections at least: the one that asked where the broker is, and the one that went there.
  assert.ok(cluster.proxy(1).drop() >= 1);
  await cluster.proxy(1).refuse();
  assert.equal(await registeredBrokers(Number(cluster.proxied.split(":")[1]), DEADLINE_MS), null);
  assert.deepEqual(await direct.endOffsets("timestamps"), [0, 0]);
});
