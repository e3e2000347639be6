/** The timestamp rule inside the broker, beyond what java.time and the conformance cases say: outputs, tables, the record's time, and faults. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Sketch } from "../batches.ts";
import { batchOf } from "../batches.ts";
import { bytesOf } from "../bytes.ts";
import { check } from "../property.ts";
import { LOG_APPEND_TIME } from "../record-batch.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { deploymentOf, topicOf } from "./router-deployment.ts";
import { routerModule } from "./router-module.ts";
import { lineOf, route, routeBatches } from "./routing.ts";
import { sourceBatchOf } from "./source-batch.ts";

const wasm = routerModule("redpanda-timestamp");
const EIGHT = "a,b,c,d,e,f,g,h";

/** Routes records under a timestamp rule of these lines. */
function routed(sketches: readonly (Sketch | string | null)[], ...lines: readonly string[]): readonly string[] {
  return route(sketches, ["rule=timestamp", ...lines].join("\n"), {}, "redpanda-timestamp").lines;
}

test("without further variables, the second of the original's format goes to even or odd under the original's prefixes", () => {
  assert.deepEqual(routed(["11/20/26 10:00:07", "11/20/26 10:00:08", null, ""]), [
    'topic-1: null "Odd timestamp:11/20/26 10:00:07"',
    'topic-0: null "Even timestamp: 11/20/26 10:00:08"',
    'topic-2: null "" "x-exception-message"="empty at byte 0"',
  ]);
});

/** Returns the reason in the header of the dead letter that a value becomes. */
function reasonOf(value: string, ...lines: readonly string[]): string | undefined {
  return /"x-exception-message"="(.*)"$/.exec(routed([value], ...lines)[0] ?? "")?.[1];
}

test("each reason for a dead letter has its word and its byte", () => {
  assert.equal(reasonOf("11/20/26 10:00:7"), "not-a-timestamp at byte 15");
  assert.equal(reasonOf("02/30/26 10:00:07"), "no-such-time at byte 3");
  assert.equal(reasonOf("2026-11-20", "timestamp.format=iso-8601"), "no-field at byte 10");
  assert.equal(reasonOf("11/20/26 10:00:07", "table=0-6:even"), "not-in-table at byte 0");
  assert.equal(reasonOf("x", "rule=last-digit"), "not-a-digit at byte 0");
});

test("up to eight outputs have a topic, a prefix and their share each", () => {
  const values = Array.from({ length: 16 }, (_, second) => `11/20/26 10:00:${String(second).padStart(2, "0")}`);
  const prefixes = EIGHT.split(",").map((name) => `prefix.${name}=${name}>`);
  assert.deepEqual(
    routed(values, `outputs=${EIGHT}`, "unroutable=h", ...prefixes),
    values.map((value, second) => `${topicOf(second % 8)}: null "${"abcdefgh"[second % 8]}>${value}"`),
  );
});

test("with seven outputs the eighth topic takes the dead letters, and with eight an output may take what has no place", () => {
  assert.deepEqual(routed(["x", "11/20/26 10:00:06"], "outputs=a,b,c,d,e,f,g"), [
    'topic-7: null "x" "x-exception-message"="not-a-timestamp at byte 0"',
    'topic-6: null "11/20/26 10:00:06"',
  ]);
  assert.deepEqual(routed(["x"], `outputs=${EIGHT}`, "unroutable=c", "prefix.c=?"), ['topic-2: null "?x"']);
});

test("a table of ranges picks the output of the divided number, in the rule's zone", () => {
  const shifts = ["timestamp.format=iso-8601", "timestamp.field=hour", "timestamp.zone=+01:00", "timestamp.divide=2"];
  assert.deepEqual(
    routed(["2026-11-21T04:59Z", "2026-11-21T05:00Z"], ...shifts, "outputs=day,night", "table=3-10:day,11:night,0-2:night"),
    ['topic-1: null "2026-11-21T04:59Z"', 'topic-0: null "2026-11-21T05:00Z"'],
  );
});

test("with the record as source its own time decides, also by the broker's clock, and no value is looked at but a null", () => {
  const sketches = [{ value: "x" }, { value: "", timestampDelta: 1000n }, { value: null }, { value: "5", timestampDelta: -7000n }];
  const linesOf = (attributes: number): readonly string[] => {
    const batch = batchOf(sketches, { attributes, baseTimestamp: 6000n, maxTimestamp: 9000n });
    return routeBatches(new Guest(wasm, deploymentOf("rule=timestamp\ntimestamp.source=record\noutputs=a,b")), [sourceBatchOf(batch)])
      .lines;
  };
  const letter = 'topic-2: null "5" "x-exception-message"="no-timestamp at byte 0"';
  assert.deepEqual(linesOf(0), ['topic-0: null "x"', 'topic-1: null ""', letter]);
  assert.deepEqual(linesOf(LOG_APPEND_TIME), ['topic-1: null "x"', 'topic-1: null ""', 'topic-1: null "5"']);
});

for (const [variables, line] of [
  [{ ROUTER_RULE: "first-digit" }, "ROUTER_RULE: set last-digit, or timestamp in redpanda-timestamp.wasm"],
  [{ ROUTER_OUTPUTS: "a,b,c", ROUTER_RULE: "last-digit" }, "ROUTER_OUTPUTS: set two names, or up to 8 for timestamp"],
  [{ ROUTER_OUTPUTS: `${EIGHT},i` }, "ROUTER_OUTPUTS: set two names, or up to 8 for timestamp"],
  [{ ROUTER_OUTPUTS: "a" }, "ROUTER_OUTPUTS: set two names, or up to 8 for timestamp"],
  [{ ROUTER_TIMESTAMP_FIELD: "hour", ROUTER_RULE: "last-digit" }, "ROUTER_TIMESTAMP_FIELD: unknown to the rule"],
  [{ ROUTER_TABLE: "0:even", ROUTER_RULE: "last-digit" }, "ROUTER_TABLE: unknown to the rule"],
  [{ ROUTER_TIMESTAMP_LOCALE: "de" }, "ROUTER_TIMESTAMP_LOCALE: unknown to the rule"],
  [{ ROUTER_TIMESTAMP_FORMAT: "HH:mm:QQ" }, "ROUTER_TIMESTAMP_FORMAT: set a pattern"],
  [{ ROUTER_TIMESTAMP_FORMAT: "HH:mm" }, "ROUTER_TIMESTAMP_FORMAT: set a field of the format"],
  [{ ROUTER_TIMESTAMP_FORMAT: "HH:mm", ROUTER_TIMESTAMP_FIELD: "day" }, "ROUTER_TIMESTAMP_FIELD: set a field of the format"],
  [{ ROUTER_TIMESTAMP_FIELD: "week" }, "ROUTER_TIMESTAMP_FIELD: set a field of the format"],
  [{ ROUTER_TIMESTAMP_ZONE: "Europe/Berlin" }, "ROUTER_TIMESTAMP_ZONE: set Z or an offset"],
  [{ ROUTER_TIMESTAMP_DIVIDE: "0" }, "ROUTER_TIMESTAMP_DIVIDE: set 1 to 2147483647"],
  [{ ROUTER_TIMESTAMP_SOURCE: "key" }, "ROUTER_TIMESTAMP_SOURCE: set 1 to 2147483647, or value or record"],
  [{ ROUTER_TABLE: "0-3:even,3:odd" }, "ROUTER_TABLE: set such as 0-11:even,12-23:odd"],
  [{ ROUTER_UNROUTABLE: "stop" }, "ROUTER_UNROUTABLE: set "],
] as const) {
  test(`${JSON.stringify(variables)} ends the router at its start, with one line`, () => {
    const environment = { ROUTER_RULE: "timestamp", ...variables };
    // In both orders: what a variable means may not hang on which one comes first.
    for (const one of [environment, Object.fromEntries(Object.entries(environment).toReversed())]) {
      const guest = new Guest(wasm, { ...deploymentOf("", one), outputTopics: [0, 1].map(topicOf) });
      assert.throws(() => runOnce(guest, [], () => true), { name: "RuntimeError", message: "unreachable" });
      assert.equal(guest.log.events.length, 1);
      assert.ok(guest.log.events[0]?.message.startsWith(`router: ${line}`), guest.log.events[0]?.message);
    }
  });
}

test("eight outputs leave no topic for dead letters", () => {
  const outputTopics = Array.from({ length: 8 }, (_, index) => topicOf(index));
  const environment = { ROUTER_RULE: "timestamp", ROUTER_OUTPUTS: EIGHT, ROUTER_UNROUTABLE: "dlq" };
  const guest = new Guest(wasm, { ...deploymentOf("", environment), outputTopics });
  assert.throws(() => runOnce(guest, [], () => true), { name: "RuntimeError", message: "unreachable" });
  assert.match(guest.log.events[0]?.message ?? "", /^router: deploy with a topic for each output, and one more for dlq\n$/);
});

test("no value makes the router trap, whatever the format, and the record behind it comes through", () => {
  const formats = ["MM/dd/yy HH:mm:ss", "iso-8601", "epoch-nanos", "EEEE, d MMMM uuuu h:mm:ss.SSS a XXXXX", "uuuuDDDHHmmss"];
  const values = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...Array.from("0123456789:-/. TZ+")), maxLength: 40 }).map(bytesOf),
  );
  check(
    fc.property(fc.constantFrom(...formats), fc.array(values, { maxLength: 8 }), (format, some) => {
      const rule = `rule=timestamp\ntimestamp.format=${format}\nunroutable=a\noutputs=a,b`;
      const guest = new Guest(wasm, deploymentOf(rule));
      const { lines } = routeBatches(guest, [sourceBatchOf(batchOf(some.map((value) => ({ value })))), sourceBatchOf(batchOf(["last"]))]);
      assert.equal(lines.length, some.length + 1);
      assert.equal(lines.at(-1), lineOf(topicOf(0), { key: null, value: bytesOf("last"), headers: [] }));
    }),
  );
});
