/** Frames of requests against kafkajs's own, and what comes out of a real socket. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import net, { type AddressInfo } from "node:net";
import { test } from "node:test";
import { asEncoder, protocolTable } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { frameRequest, writeWhole, type RequestToFrame } from "../../../hosts/dataflow/kafka/request-frame.ts";

type Frame = (request: RequestToFrame) => Promise<{ readonly buffer: Buffer }>;

const load = createRequire(import.meta.url);

/** kafkajs's own: the lane has put another one into the place where modules are kept. */
function frameOfKafkajs(): Frame {
  const path = load.resolve("kafkajs/src/protocol/request");
  const ours = load.cache[path];
  delete load.cache[path];
  const theirs = load(path) as Frame;
  load.cache[path] = ours;
  return theirs;
}

const bytes = (length: number, first: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => first + index));

/** What a socket that frames are written to sends until it ends. */
async function sent(frames: readonly (Buffer | string)[]): Promise<Buffer> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = writeWhole(net.connect((server.address() as AddressInfo).port, "127.0.0.1"));
  const [peer] = (await once(server, "connection")) as [net.Socket];
  for (const frame of frames) client.write(frame, "binary");
  client.end();
  const received = (await peer.toArray()) as Buffer[];
  server.close();
  return Buffer.concat(received);
}

for (const [what, clientId, parts] of [
  ["a body in one piece", "router", [bytes(9, 1)]],
  ["a body in parts", "router", [bytes(9, 1), bytes(0, 0), bytes(300, 7)]],
  ["a large body in parts", "größer", [bytes(20, 1), bytes(100_000, 2), bytes(5, 3), bytes(70_000, 4)]],
  ["a body that is just not copied", "", [bytes(4087, 1)]],
  ["no body", "router", []],
  ["no client id", null, [bytes(9, 1)]],
] as const) {
  test(`a request with ${what} is byte for byte on the line what kafkajs sends`, async () => {
    const request = { apiKey: 0, apiVersion: 7, encode: async () => Promise.resolve(asEncoder(...parts)) };
    const toFrame = { correlationId: 0x01_02_03_04, clientId, request };
    const { buffer } = await frameRequest(toFrame);
    const theirs = await frameOfKafkajs()(toFrame);
    assert.equal((await sent([buffer])).toString("hex"), theirs.buffer.toString("hex"));
  });
}

test("requests of kafkajs's own encoders are framed as it frames them", async () => {
  const { request } = protocolTable().Produce.protocol({ version: 7 })({
    acks: -1,
    timeout: 1,
    topicData: [{ topic: "t", partitions: [{ partition: 0, messages: [{ key: null, value: Buffer.from("5"), timestamp: 7 }] }] }],
  } as never);
  const toFrame = { correlationId: 5, clientId: "c", request: request as unknown as RequestToFrame["request"] };
  const [ours, theirs] = [await frameRequest(toFrame), await frameOfKafkajs()(toFrame)];
  assert.deepEqual(ours.buffer, theirs.buffer);
});

test("what is large is not copied, and comes in order between what is small", async () => {
  const body = bytes(10_000, 1);
  const large = await frameRequest({
    correlationId: 1,
    clientId: "c",
    request: { apiKey: 0, apiVersion: 7, encode: async () => Promise.resolve(asEncoder(body)) },
  });
  assert.equal(large.buffer.length, 15);
  assert.deepEqual(
    await sent(["before", large.buffer, Buffer.from("after")]),
    Buffer.concat([Buffer.from("before"), large.buffer, body, Buffer.from("after")]),
  );
});

test("kafkajs's connections frame their requests by this", () => {
  assert.equal(load("kafkajs/src/protocol/request"), frameRequest);
});
