import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogWatch, type Look, type LogWatch } from "../../../hosts/dataflow/kafka/log-watch.ts";
import { plainBytes } from "./fetched.ts";

/** A fetch with one record at an offset, appended under a leader epoch; what is of the same log is noted. */
function look(watch: LogWatch, highWatermark: bigint, offset: bigint, leaderEpoch: number, nowMs = 0): Look {
  const bytes = Buffer.from(plainBytes(offset, ["2"]));
  bytes.writeInt32BE(leaderEpoch, 12);
  const batches = [{ bytes, lastOffset: offset }];
  const seen = watch.look("in-0", highWatermark, batches, nowMs);
  if (seen.log === "same") watch.note("in-0", highWatermark, batches);
  return seen;
}

const same = { log: "same" } as const;
const behind = { log: "behind" } as const;

test("a log whose high watermark and leader epochs only grow is the same", () => {
  const watch = createLogWatch();
  assert.deepEqual([look(watch, 10n, 0n, 3), look(watch, 10n, 1n, 3), look(watch, 11n, 2n, 4)], [same, same, same]);
});

test("reading again from further back is no sign of another log", () => {
  const watch = createLogWatch();
  look(watch, 10n, 0n, 3);
  look(watch, 10n, 5n, 7);
  assert.deepEqual(look(watch, 10n, 1n, 3), same);
  assert.deepEqual(look(watch, 10n, 5n, 7), same);
});

test("leader epochs that begin anew further on give another log away", () => {
  const watch = createLogWatch();
  look(watch, 10n, 5n, 7);
  const seen = look(watch, 10n, 6n, 0);
  assert.ok(seen.log === "replaced" && /0 after 7/u.test(seen.symptom), JSON.stringify(seen));
  watch.forget("in-0");
  assert.deepEqual(look(watch, 10n, 0n, 0), same);
});

test("batches without a leader epoch say nothing", () => {
  const watch = createLogWatch();
  look(watch, 10n, 5n, 7);
  assert.deepEqual(look(watch, 10n, 6n, -1), same);
});

test("a high watermark that goes back is a new leader's at first, and another log's when it stays there for a minute", () => {
  const watch = createLogWatch();
  look(watch, 100n, 0n, 1, 0);
  assert.deepEqual(look(watch, 60n, 1n, 1, 1000), behind);
  assert.deepEqual(look(watch, 70n, 1n, 1, 60_999), behind);
  const seen = look(watch, 70n, 1n, 1, 61_000);
  assert.ok(seen.log === "replaced" && /back from 100 to 70/u.test(seen.symptom), JSON.stringify(seen));
});

test("a high watermark that has caught up begins its time anew", () => {
  const watch = createLogWatch();
  look(watch, 100n, 0n, 1, 0);
  assert.deepEqual(look(watch, 60n, 1n, 1, 1000), behind);
  assert.deepEqual(look(watch, 100n, 1n, 1, 2000), same);
  assert.deepEqual(look(watch, 99n, 2n, 1, 100_000), behind);
});

test("what was seen of a partition is forgotten when its group stands where this process has not brought it", () => {
  for (const [fetchOffset, seen] of [
    [39n, same],
    [40n, behind],
    [101n, behind],
    [102n, same],
  ] as const) {
    const watch = createLogWatch();
    look(watch, 1000n, 101n - 1n, 3);
    watch.committed("in-0", 40n);
    // A record may be read again that is committed later.
    look(watch, 1000n, 50n, 3);
    watch.begin("in-0", fetchOffset);
    assert.deepEqual(look(watch, 60n, 103n, 3), seen, String(fetchOffset));
  }
});

test("what was seen of a partition of which nothing is committed yet holds wherever before it the group stands", () => {
  const watch = createLogWatch();
  look(watch, 1000n, 100n, 3);
  watch.begin("in-0", 0n);
  assert.deepEqual(look(watch, 60n, 1n, 3), behind);
});

test("what is committed of a fetch that is not noted, or not yet, counts as well", () => {
  const watch = createLogWatch();
  look(watch, 1000n, 49n, 3);
  watch.committed("in-0", 150n);
  watch.begin("in-0", 150n);
  assert.deepEqual(look(watch, 60n, 50n, 3), behind);
  watch.begin("in-0", 151n);
  assert.deepEqual(look(watch, 60n, 51n, 3), same);
  const early = createLogWatch();
  early.committed("in-0", 40n);
  look(early, 1000n, 49n, 3);
  early.begin("in-0", 39n);
  assert.deepEqual(look(early, 60n, 39n, 3), same);
});

test("a partition that is forgotten has nothing committed, and one that nothing was seen of is the same wherever it begins", () => {
  const watch = createLogWatch();
  watch.committed("in-0", 40n);
  watch.forget("in-0");
  look(watch, 1000n, 49n, 3);
  watch.begin("in-0", 39n);
  assert.deepEqual(look(watch, 60n, 39n, 3), behind);
  const other = createLogWatch();
  other.begin("in-0", 5n);
  assert.deepEqual(look(other, 10n, 5n, 3), same);
});

test("partitions that are not kept are forgotten", () => {
  const watch = createLogWatch();
  look(watch, 1000n, 1n, 3);
  watch.retain((place) => place === "in-0");
  assert.deepEqual(look(watch, 60n, 2n, 3), behind);
  watch.retain((place) => place === "in-1");
  assert.deepEqual(look(watch, 60n, 2n, 3), same);
});
