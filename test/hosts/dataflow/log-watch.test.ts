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
