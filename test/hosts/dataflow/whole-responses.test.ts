import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { openWithWholeResponses, responsesOf, takeWholeResponses } from "../../../hosts/dataflow/kafka/whole-responses.ts";
import { connectionCalls } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { check } from "../../property.ts";

/** A response with this body, which begins with its correlation id. */
function response(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** What is handed on of the bytes, cut at these places. */
function handedOn(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const seen: Buffer[] = [];
  const take = responsesOf(
    (whole) => seen.push(whole),
    (error) => assert.fail(error),
  );
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((left, right) => left - right), bytes.length];
  for (const [index, from] of places.slice(0, -1).entries()) take(bytes.subarray(from, places[index + 1]));
  return seen;
}

test("responses are handed on one by one and whole, wherever the chunks end", () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 4, maxLength: 50 }), { maxLength: 6 });
  check(
    fc.property(bodies, fc.array(fc.nat(400), { maxLength: 8 }), (all, cuts) => {
      const responses = all.map(response);
      assert.deepEqual(handedOn(Buffer.concat(responses), cuts), responses);
    }),
  );
});

test("of a response that is not complete nothing is handed on", () => {
  const whole = response(Buffer.from("abcdefgh"));
  for (let end = 0; end < whole.length; end++) assert.deepEqual(handedOn(whole.subarray(0, end), []), []);
});

test("a response that is larger than most is whole as well", () => {
  const whole = response(Buffer.alloc(3 * (1 << 26) + 5, "0123456789"));
  assert.ok(handedOn(whole, [1 << 20, 1 << 26, (1 << 26) + 1])[0]?.equals(whole));
});

test("a length that no response has is a fault", () => {
  for (const length of [-1, 0, 3, -(2 ** 31)]) {
    const bytes = Buffer.alloc(12);
    bytes.writeInt32BE(length);
    let fault: Error | null = null;
    const take = responsesOf(
      () => assert.fail("handed on"),
      (error) => {
        fault = error;
      },
    );
    take(bytes);
    assert.ok(fault !== null, String(length));
  }
});

test("a socket that breaks off in the middle leaves nothing for the next one", async (context) => {
  const whole = response(Buffer.from("abcdefgh"));
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    // The first one gets a beginning only.
    socket.end(connections === 1 ? whole.subarray(0, 7) : whole);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const seen: Buffer[] = [];
  for (let index = 0; index < 2; index++) {
    const socket = openWithWholeResponses((onread) => net.connect({ port, host: "127.0.0.1", onread }));
    socket.on("data", (bytes: Buffer) => seen.push(bytes));
    await once(socket, "close");
  }
  assert.deepEqual(seen, [whole]);
});

test("kafkajs takes a whole response without copying it, and puts together what is not whole", () => {
  const calls = connectionCalls();
  takeWholeResponses(calls);
  const taken: Buffer[] = [];
  const connection = {
    chunks: [] as Buffer[],
    bytesBuffered: 0,
    bytesNeeded: 4,
    requestQueue: { fulfillRequest: ({ payload }: { readonly payload: Buffer }) => taken.push(payload) },
    logDebug: () => {},
  };
  // Small ones would share their memory with others in any case.
  const whole = response(Buffer.from(`0123${"abcdefgh".repeat(5000)}`));
  for (const bytes of [whole, whole, whole.subarray(0, 9), whole.subarray(9)]) calls.processData.call(connection, bytes);
  assert.deepEqual(taken, [whole.subarray(8), whole.subarray(8), whole.subarray(8)]);
  assert.deepEqual(
    taken.map(({ buffer }) => buffer === whole.buffer),
    [true, true, false],
  );
});
