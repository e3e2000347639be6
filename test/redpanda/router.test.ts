/** What the inline transform makes of records, beyond what it shares with every other host: topics, headers, and bytes of any kind. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as arbitraries from "../arbitraries.ts";
import type { Sketch } from "../batches.ts";
import { batchOf } from "../batches.ts";
import { bytesOf, joined } from "../bytes.ts";
import type { ModelRule } from "../model.ts";
import { DEFAULT_RULE, decide } from "../model.ts";
import { check } from "../property.ts";
import type { Header } from "../record-batch.ts";
import { CONTROL, LOG_APPEND_TIME, varint } from "../record-batch.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { encodePayload } from "./payload.ts";
import { deploymentOf, topicOf } from "./router-deployment.ts";
import { routerModule } from "./router-module.ts";
import { EVEN, LETTERS, ODD, lineOf, route, routeBatches } from "./routing.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";

test("key and headers are kept byte for byte, null and empty ones too, and the value gets its prefix", () => {
  const headers: Sketch["headers"] = [
    ["a", "1"],
    ["a", null],
    ["", ""],
  ];
  const { lines } = route([
    { key: null, value: "4", headers },
    { key: "", value: "5" },
    { key: Uint8Array.of(0, 0xff), value: "6" },
  ]);
  assert.deepEqual(lines, [
    `${EVEN}: null "Even timestamp: 4" "a"="1" "a"=null ""=""`,
    `${ODD}: "" "Odd timestamp:5"`,
    `${EVEN}: "\\x00\\xff" "Even timestamp: 6"`,
  ]);
});

test("topics are the outputs in the order deployed, and one more takes what is unroutable, as it was, with the reason in a header", () => {
  const { lines, log } = route([{ key: "k", value: "noon", headers: [["h", "v"]] }, "", null, "4", "5"]);
  assert.deepEqual(lines, [
    `${LETTERS}: "k" "noon" "h"="v" "x-exception-message"="not-a-digit at byte 3"`,
    `${LETTERS}: null "" "x-exception-message"="empty at byte 0"`,
    `${EVEN}: null "Even timestamp: 4"`,
    `${ODD}: null "Odd timestamp:5"`,
  ]);
  assert.ok(log.length <= 1);
});

test("the input record's time is kept in a header when one is named, behind the record's own, for dead letters too", () => {
  const batch = sourceBatchOf(
    batchOf([{ value: "4", timestampDelta: 5n, headers: [["h", "v"]] }, "x", { value: "5", timestampDelta: -1_700_000_000_007n }], {
      baseTimestamp: 1_700_000_000_000n,
    }),
  );
  const guest = new Guest(routerModule(), deploymentOf("", { ROUTER_TIMESTAMP_HEADER: "time" }));
  assert.deepEqual(routeBatches(guest, [batch]).lines, [
    `${EVEN}: null "Even timestamp: 4" "h"="v" "time"="1700000000005"`,
    `${LETTERS}: null "x" "x-exception-message"="not-a-digit at byte 0" "time"="1700000000000"`,
    `${ODD}: null "Odd timestamp:5" "time"="-7"`,
  ]);
});

test("of a batch of log append time, the header has the time that the broker gave", () => {
  const batch = sourceBatchOf(batchOf(["4"], { attributes: LOG_APPEND_TIME, baseTimestamp: 1n, maxTimestamp: 77n }));
  const guest = new Guest(routerModule(), deploymentOf("", { ROUTER_TIMESTAMP_HEADER: "time" }));
  assert.deepEqual(routeBatches(guest, [batch]).lines, [`${EVEN}: null "Even timestamp: 4" "time"="77"`]);
});

test("a number of headers that takes one more byte moves the others on", () => {
  const headers = Array.from({ length: 63 }, (_, index): [string, string] => [`h${index}`, "v"]);
  const { lines } = route(
    [
      { value: "4", headers },
      { value: "x", headers },
    ],
    "",
    { ROUTER_TIMESTAMP_HEADER: "t" },
  );
  const own = headers.map(([key, value]) => ` "${key}"="${value}"`).join("");
  assert.deepEqual(lines, [
    `${EVEN}: null "Even timestamp: 4"${own} "t"="0"`,
    `${LETTERS}: null "x"${own} "x-exception-message"="not-a-digit at byte 0" "t"="0"`,
  ]);
});

test("lengths of a value around those at which its varint grows come through", () => {
  for (const length of [46, 47, 48, 49, 62, 63, 64, 65, 8174, 8175, 8191, 8192, 100_000]) {
    for (const digit of ["4", "5"]) {
      const value = "v".repeat(length - 1) + digit;
      const expected =
        digit === "4" ? `${EVEN}: "key" "Even timestamp: ${value}" "h"="v"` : `${ODD}: "key" "Odd timestamp:${value}" "h"="v"`;
      assert.deepEqual(route([{ key: "key", value, headers: [["h", "v"]] }]).lines, [expected]);
    }
  }
});

test("whatever a record's length leaves of a page of memory, there is room for the headers that are added", () => {
  const guest = new Guest(routerModule(), deploymentOf("", { ROUTER_TIMESTAMP_HEADER: "t".repeat(2048) }));
  const added = joined([
    bytesOf("x-exception-message"),
    bytesOf("not-a-digit at byte 60000"),
    bytesOf("t".repeat(2048)),
    bytesOf("0"),
  ]).length;
  // Somewhere among these lengths, whatever the router keeps before the record, is one that ends where the first page does.
  for (let length = 20_000; length < 64_000; length += 37) {
    runOnce(guest, [payloadBatch(encodePayload({ key: null, value: new Uint8Array(length), headers: [] }))], (_, payload) => {
      assert.ok(payload.length > length + added, String(length));
      return true;
    });
  }
});

/** Returns what the model makes of a record, as a line, or nothing for a tombstone. */
function expectedLines(
  rule: ModelRule,
  content: { key: Uint8Array | null; value: Uint8Array | null; headers: readonly Header[] },
): string[] {
  const decision = decide(rule, content.value);
  if ("output" in decision) return [lineOf(topicOf(decision.output), { ...content, value: decision.value })];
  if (decision.reason === "tombstone") return [];
  const reason = { key: bytesOf("x-exception-message"), value: bytesOf(`${decision.reason} at byte ${decision.byteOffset}`) };
  return [lineOf(LETTERS, { ...content, headers: [...content.headers, reason] })];
}

test("whatever the batches, each record goes where the model says, in order", () => {
  const batches = fc.array(
    arbitraries.batch.filter(({ attributes, records }) => (attributes & CONTROL) === 0 && records.length > 0),
    { maxLength: 4 },
  );
  check(
    fc.property(batches, (sketches) => {
      const guest = new Guest(routerModule(), deploymentOf(""));
      const expected = sketches.flatMap(({ records }) => records.flatMap((record) => expectedLines(DEFAULT_RULE, record)));
      assert.deepEqual(routeBatches(guest, sketches.map(sourceBatchOf)).lines, expected);
    }),
  );
});

/** A batch of one payload, which need not be one. */
function payloadBatch(payload: Uint8Array): SourceBatch {
  const { header } = sourceBatchOf(batchOf(["4"]));
  return { header, records: [{ timestamp: 0n, offset: 0n, payload }] };
}

test("a payload with varints that are longer than they need to be is routed", () => {
  const payload = joined([
    varint(1n, 3),
    bytesOf("k"),
    varint(2n, 10),
    bytesOf("14"),
    varint(1n, 2),
    varint(1n, 2),
    bytesOf("h"),
    varint(-1n, 4),
  ]);
  const guest = new Guest(routerModule(), deploymentOf("", { ROUTER_TIMESTAMP_HEADER: "t" }));
  assert.deepEqual(routeBatches(guest, [payloadBatch(payload)]).lines, [`${EVEN}: "k" "Even timestamp: 14" "h"=null "t"="0"`]);
});

test("no payload makes the router trap, not one of any bytes nor one that is cut off anywhere", () => {
  const whole = encodePayload({ key: bytesOf("key"), value: bytesOf("value 4"), headers: [{ key: bytesOf("h"), value: bytesOf("v") }] });
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte)),
    fc.nat(whole.length - 1).map((length) => whole.slice(0, length)),
  );
  const lengths = fc
    .constantFrom(-2n, 1n << 31n, -(1n << 31n), (1n << 32n) - 1n, 1n << 62n, -(1n << 63n))
    .map((length) => joined([varint(length), whole]));
  check(
    fc.property(
      fc.oneof(payloads, lengths),
      fc.constantFrom<Record<string, string>>({}, { ROUTER_TIMESTAMP_HEADER: "time" }),
      (payload, environment) => {
        const guest = new Guest(routerModule(), deploymentOf("", environment));
        const [first, last] = [payloadBatch(payload), sourceBatchOf(batchOf(["5"]))];
        const { lines } = routeBatches(guest, [first, last]);
        assert.match(lines.at(-1) ?? "", /"Odd timestamp:5"/);
      },
    ),
    3,
  );
});
