/** The proxy that knows requests does to each one what it is told to, and to no other one. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { freePorts } from "../../hosts/demo/broker/ports.ts";
import { startRequestProxy, type RequestProxy } from "./request-proxy.ts";
import { ErrorCode, isCommit, ownerOf, readRequest } from "./requests.ts";
import { FieldWriter, FrameReader, frameOf } from "./wire.ts";

const END_TXN = 26;
const HEARTBEAT = 12;

/** The size and the header of a request, version 1 of its API, by a client without a name; then what its body begins with. */
function requestFrame(key: number, correlationId: number, body: Buffer): Buffer {
  return frameOf(new FieldWriter(false).int16(key).int16(1).int32(correlationId).string(null).written(), body);
}

/** An EndTxn; of the transaction's id and its decision alone it is known again. */
function endTxn(correlationId: number, id = "app", commit = true): Buffer {
  const fields = new FieldWriter(false).string(id).int64(7n).int16(0).written();
  return requestFrame(END_TXN, correlationId, Buffer.concat([fields, Buffer.from([commit ? 1 : 0])]));
}

function heartbeat(correlationId: number): Buffer {
  return requestFrame(HEARTBEAT, correlationId, new FieldWriter(false).string("group").written());
}

interface Behind {
  readonly proxy: RequestProxy;
  readonly port: number;
  /** The correlation ids of all requests that the broker was given, each with the number of the connection that it came on. */
  readonly given: readonly string[];
}

/** Starts a broker that answers each request with no error, and the proxy before it. */
async function behindProxy(context: TestContext): Promise<Behind> {
  const given: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const number = ++connections;
    const requests = new FrameReader();
    socket
      .on("error", () => {})
      .on("data", (chunk: Buffer) => {
        for (const { correlationId } of requests.push(chunk).map(readRequest)) {
          given.push(`${correlationId} on ${number}`);
          socket.write(frameOf(new FieldWriter(false).int32(correlationId).int32(0).int16(ErrorCode.none).written()));
        }
      });
  });
  server.listen({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const [port = 0] = await freePorts(1);
  const proxy = await startRequestProxy({ port, targetPort: (server.address() as AddressInfo).port });
  context.after(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  return { proxy, port, given };
}

interface Client {
  readonly socket: Socket;
  /** Resolves when the connection is no more, however it ended. */
  readonly closed: Promise<void>;
  /** Returns the next answers as correlation id and error code. */
  readonly answers: (count: number) => Promise<readonly string[]>;
}

async function connect(context: TestContext, port: number): Promise<Client> {
  const socket = createConnection({ host: "127.0.0.1", port });
  context.after(() => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.on("error", () => {}).once("close", () => resolve()));
  await once(socket, "connect");
  const frames: Buffer[] = [];
  const reader = new FrameReader();
  socket.on("data", (chunk: Buffer) => frames.push(...reader.push(chunk)));
  const answers = async (count: number): Promise<readonly string[]> => {
    while (frames.length < count) await once(socket, "data");
    return frames.splice(0, count).map((frame) => `${frame.readInt32BE(4)}: ${frame.readInt16BE(12)}`);
  };
  return { socket, closed, answers };
}

test("without a rule all requests pass, however they are cut, and each has its answer", async (context) => {
  const { port, given } = await behindProxy(context);
  const { socket, answers } = await connect(context, port);
  const bytes = Buffer.concat([heartbeat(1), endTxn(2), heartbeat(3)]);
  for (const byte of bytes.subarray(0, 30)) socket.write(Buffer.from([byte]));
  socket.write(bytes.subarray(30));
  assert.deepEqual(await answers(3), ["1: 0", "2: 0", "3: 0"]);
  assert.deepEqual(given, ["1 on 1", "2 on 1", "3 on 1"]);
});

test("a request that is held comes when it is delivered, and those behind it do not wait", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, answers } = await connect(context, port);
  const held = proxy.hold({ api: "EndTxn" });
  socket.write(Buffer.concat([endTxn(1), heartbeat(2), endTxn(3)]));
  assert.deepEqual(await answers(2), ["2: 0", "3: 0"]);
  assert.equal((await held.met).request.correlationId, 1);
  assert.equal((await held.deliver()).errorCode, ErrorCode.none);
  assert.deepEqual(await answers(1), ["1: 0"]);
  assert.deepEqual(given, ["2 on 1", "3 on 1", "1 on 1"]);
});

test("a held request whose connection was reset is delivered on another one", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, closed } = await connect(context, port);
  const held = proxy.hold({ api: "EndTxn" }, { close: true });
  socket.write(endTxn(1));
  await closed;
  assert.deepEqual(given, []);
  assert.equal((await held.deliver()).errorCode, ErrorCode.none);
  assert.deepEqual(given, ["1 on 2"]);
});

test("a copy is delivered on another connection as often as wanted, after the request itself", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, answers } = await connect(context, port);
  const copy = proxy.copy({ api: "EndTxn" });
  socket.write(endTxn(1));
  assert.deepEqual(await answers(1), ["1: 0"]);
  await copy.deliver();
  await copy.deliver();
  assert.deepEqual(given, ["1 on 1", "1 on 2", "1 on 3"]);
});

test("an answer that is lost does not reach the client, whose connection goes on unless it is to be reset", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, closed, answers } = await connect(context, port);
  const lost = proxy.loseAnswer({ api: "EndTxn" });
  socket.write(Buffer.concat([endTxn(1), heartbeat(2)]));
  assert.deepEqual(await answers(1), ["2: 0"]);
  assert.equal((await (await lost.met).answered).errorCode, ErrorCode.none);
  proxy.loseAnswer({ api: "EndTxn" }, { close: true });
  socket.write(endTxn(3));
  await closed;
  assert.deepEqual(given, ["1 on 1", "2 on 1", "3 on 1"]);
});

test("a request is answered in the broker's place, which is given it or not", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, answers } = await connect(context, port);
  proxy.answer({ api: "EndTxn" }, ErrorCode.notCoordinator);
  proxy.answer({ api: "EndTxn" }, ErrorCode.concurrentTransactions, { forward: true });
  socket.write(Buffer.concat([endTxn(1), endTxn(2)]));
  assert.deepEqual(await answers(2), [`1: ${ErrorCode.notCoordinator}`, `2: ${ErrorCode.concurrentTransactions}`]);
  assert.deepEqual(given, ["2 on 1"]);
});

test("a rule that lasts answers all requests until it is ended, and counts them", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, answers } = await connect(context, port);
  const refused = proxy.answerAll({ api: "EndTxn" }, ErrorCode.notCoordinator);
  socket.write(Buffer.concat([endTxn(1), endTxn(2)]));
  assert.deepEqual(await answers(2), [`1: ${ErrorCode.notCoordinator}`, `2: ${ErrorCode.notCoordinator}`]);
  assert.equal((await refused.met).request.correlationId, 1);
  refused.end();
  socket.write(endTxn(3));
  assert.deepEqual(await answers(1), ["3: 0"]);
  assert.equal(refused.count(), 2);
  assert.deepEqual(given, ["3 on 1"]);
});

test("a rule means a request by what that says and by its number, and who only watches takes none from it", async (context) => {
  const { proxy, port, given } = await behindProxy(context);
  const { socket, answers } = await connect(context, port);
  const seen = proxy.seen({ api: "EndTxn", where: (request) => ownerOf(request) === "app", nth: 2 });
  proxy.hold({ api: "EndTxn", where: (request) => ownerOf(request) === "app" && !isCommit(request), nth: 2 });
  const abort = (correlationId: number, id: string): Buffer => endTxn(correlationId, id, false);
  socket.write(Buffer.concat([abort(1, "app"), endTxn(2), abort(3, "other"), abort(4, "app"), heartbeat(5)]));
  assert.deepEqual(await answers(4), ["1: 0", "2: 0", "3: 0", "5: 0"]);
  assert.equal((await seen).request.correlationId, 2);
  proxy.clear();
  socket.write(abort(6, "app"));
  assert.deepEqual(await answers(1), ["6: 0"]);
  assert.deepEqual(
    given.map((one) => one.split(" ")[0]),
    ["1", "2", "3", "5", "6"],
  );
});
