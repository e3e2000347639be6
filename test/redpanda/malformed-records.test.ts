/** Records that a producer may write and the broker does not look into: each is left out with a line in the log, and the one behind it comes through. */
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import { bytesOf, joined } from "../bytes.ts";
import { varint } from "../record-batch.ts";
import { Guest } from "./guest.ts";
import { encodePayload } from "./payload.ts";
import { deploymentOf } from "./router-deployment.ts";
import { routerModule } from "./router-module.ts";
import { EVEN, routeBatches } from "./routing.ts";
import { sourceBatchOf } from "./source-batch.ts";

const NULL = varint(-1n);
const NO_BYTES = varint(0n);
const VALUE = joined([varint(1n), bytesOf("4")]);
const NO_HEADERS = varint(0n);

/** Two bytes that a length of -2 could be thought to have. */
const TWO_BYTES = bytesOf("44");

/** Lengths so far below zero that an address to which they are added goes back by some bytes: a guest that believes them never ends. */
const FAR_BELOW = Array.from({ length: 13 }, (_, bytes) => varint(-(1n << 63n) + BigInt(bytes)));
const NONE_IN_TEN_BYTES = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x34);

for (const [what, parts] of [
  ...FAR_BELOW.flatMap((length, bytes) => [
    [`a key of length -2^63 + ${bytes}`, [length, VALUE, NO_HEADERS]] as const,
    [`a value of length -2^63 + ${bytes}`, [NULL, length, bytesOf("4"), NO_HEADERS]] as const,
    [`a header whose key has length -2^63 + ${bytes}`, [NULL, VALUE, varint(1n), length, NULL]] as const,
    [`a header whose value has length -2^63 + ${bytes}`, [NULL, VALUE, varint(1n), NO_BYTES, length]] as const,
  ]),
  ["a value whose length has bits beyond the 64th", [NULL, NONE_IN_TEN_BYTES, NO_HEADERS]],
  ["a key of length -2", [varint(-2n), TWO_BYTES, VALUE, NO_HEADERS]],
  ["a key of length -2 that a byte follows", [varint(-2n), bytesOf("k"), VALUE, NO_HEADERS]],
  ["a value of length -2", [NULL, varint(-2n), TWO_BYTES, NO_HEADERS]],
  ["a value of length -2 that a byte follows", [NULL, varint(-2n), bytesOf("4"), NO_HEADERS]],
  ["a header whose key has length -2", [NULL, VALUE, varint(1n), varint(-2n), bytesOf("k"), NULL]],
  ["a header whose key is null", [NULL, VALUE, varint(1n), NULL, NO_BYTES]],
  ["a second header whose key is null", [NULL, VALUE, varint(2n), NO_BYTES, NULL, NULL, NULL]],
  ["-1 headers", [NULL, VALUE, varint(-1n)]],
  ["-1 headers and half a header", [NULL, VALUE, varint(-1n), NO_BYTES]],
  ["a header too few", [NULL, VALUE, varint(2n), NO_BYTES, NULL]],
  ["half a header too many", [NULL, VALUE, varint(1n), NO_BYTES, NULL, NO_BYTES]],
  ["a header too many", [NULL, VALUE, NO_HEADERS, NO_BYTES, NULL]],
  ["a value that crosses the end", [NULL, varint(100n), bytesOf("4"), NO_HEADERS]],
  ["a key of 2^40 bytes", [varint(1n << 40n), VALUE, NO_HEADERS]],
  ["a key of 2^32 bytes and one", [varint((1n << 32n) + 1n), bytesOf("k"), VALUE, NO_HEADERS]],
] as const) {
  test(`a record with ${what} is left out, and that is logged`, () => {
    for (const rule of ["", "unroutable=drop", "unroutable=odd"]) {
      const guest = new Guest(routerModule(), deploymentOf(rule));
      const payloads = [joined(parts), encodePayload({ key: null, value: bytesOf("6"), headers: [] })];
      const { header } = sourceBatchOf(batchOf(["4", "6"]));
      const records = payloads.map((payload, index) => ({ timestamp: 0n, offset: BigInt(7 + index), payload }));
      const { lines, log } = routeBatches(guest, [{ header, records }]);
      assert.deepEqual(lines, [`${EVEN}: null "Even timestamp: 6"`]);
      assert.deepEqual(
        log.map(({ message }) => message),
        ["router: 1 unroutable, last at offset 7: malformed at byte 0\n"],
      );
    }
  });
}

test("of a batch whose header counts other than it has, all records come through, and no others", () => {
  for (const recordCount of [0, 1, 3, 2 ** 31 - 1, -1]) {
    const guest = new Guest(routerModule(), deploymentOf(""));
    const { lines, log } = routeBatches(guest, [{ ...sourceBatchOf(batchOf(["4", "6"])), recordCount }, sourceBatchOf(batchOf(["8"]))]);
    assert.deepEqual(
      lines,
      ["4", "6", "8"].map((digit) => `${EVEN}: null "Even timestamp: ${digit}"`),
    );
    assert.deepEqual(log, []);
  }
});
