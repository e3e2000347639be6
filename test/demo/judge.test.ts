import assert from "node:assert/strict";
import { test } from "node:test";
import { createJudge, type Judge } from "../../hosts/demo/judge.ts";
import type { BatchRecord, ReadRecord } from "../../hosts/demo/record-batch.ts";
import { EVEN, ODD } from "../../hosts/demo/stream.ts";
import { timeRecord } from "../../hosts/demo/time-source.ts";

/** The record of a second of one minute, and what must become of it. */
const second = (seconds: number): BatchRecord => timeRecord(Date.UTC(2026, 10, 21, 3, 51, seconds));

const routed = (record: BatchRecord, prefix: string, change: Partial<ReadRecord> = {}): ReadRecord => ({
  offset: 0n,
  ...record,
  value: Buffer.from(prefix + String(record.value)),
  ...change,
});

const even = (seconds: number, change: Partial<ReadRecord> = {}): ReadRecord => routed(second(seconds), "Even timestamp: ", change);
const odd = (seconds: number, change: Partial<ReadRecord> = {}): ReadRecord => routed(second(seconds), "Odd timestamp:", change);

/** Returns a judge that knows of records of these seconds. */
const judgeOf = (...seconds: readonly number[]): Judge => {
  const judge = createJudge();
  for (const one of seconds) judge.sent(second(one));
  return judge;
};

test("all is well when every record arrives once, in order and where it belongs", () => {
  const judge = judgeOf(6, 7, 8, 9);
  assert.equal(judge.missingCount(), 4);
  judge.arrived(ODD, odd(7));
  judge.arrived(EVEN, even(6));
  judge.arrived(EVEN, even(8));
  judge.arrived(ODD, odd(9));
  assert.equal(judge.fault(), null);
  assert.equal(judge.isWrong(), false);
  assert.deepEqual([judge.sentCount(), judge.arrivedCount(EVEN), judge.arrivedCount(ODD), judge.missingCount()], [4, 2, 2, 0]);
});

test("as many records of one millisecond may arrive as were sent", () => {
  const judge = judgeOf(6, 6, 6);
  for (let count = 0; count < 3; count++) judge.arrived(EVEN, even(6));
  assert.equal(judge.fault(), null);
  judge.arrived(EVEN, even(6));
  assert.match(judge.fault() ?? "", /doubled/);
});

test("a record that never arrives is lost", () => {
  const judge = judgeOf(6, 7, 8);
  judge.arrived(EVEN, even(6));
  judge.arrived(ODD, odd(7));
  assert.equal(judge.isWrong(), false, "it may still be on its way");
  assert.equal(judge.fault(), '"Even timestamp: 11/21/26 03:51:08" never arrived at evenLogger');
});

test("a record that a later one overtakes for ever is lost", () => {
  const judge = judgeOf(2, 4, 6);
  judge.arrived(EVEN, even(6));
  assert.equal(judge.isWrong(), true);
  assert.equal(judge.missingCount(), 2);
  assert.equal(judge.fault(), '"Even timestamp: 11/21/26 03:51:02" never arrived at evenLogger, nor did 1 more');
});

test("a record behind one that was sent later is out of order", () => {
  const judge = judgeOf(2, 4);
  judge.arrived(EVEN, even(4));
  judge.arrived(EVEN, even(2, { offset: 12n }));
  assert.equal(
    judge.fault(),
    'evenLogger received "Even timestamp: 11/21/26 03:51:02" at offset 12: out of order, behind a record that was sent later',
  );
});

test("a record that arrives twice is doubled", () => {
  const judge = judgeOf(2, 4);
  judge.arrived(EVEN, even(2));
  judge.arrived(EVEN, even(4));
  judge.arrived(EVEN, even(2));
  assert.match(judge.fault() ?? "", /03:51:02" at offset 0: it arrived before, so it was doubled$/);
});

test("the first fault is the one that is named", () => {
  const judge = judgeOf(2, 3);
  judge.arrived(EVEN, even(2));
  judge.arrived(EVEN, even(2));
  judge.arrived(ODD, even(2));
  assert.match(judge.fault() ?? "", /^evenLogger .* doubled$/);
});

const faults: readonly (readonly [name: string, record: ReadRecord, fault: RegExp])[] = [
  ["of the other sink", odd(7), /it belongs to oddLogger$/],
  ["of the other sink with this sink's prefix", routed(second(7), "Even timestamp: "), /it belongs to oddLogger$/],
  ["without a prefix", routed(second(6), ""), /its prefix is not "Even timestamp: "$/],
  ["with the other prefix", routed(second(6), "Odd timestamp:"), /its prefix is not "Even timestamp: "$/],
  ["with a prefix that lacks its space", routed(second(6), "Even timestamp:"), /its prefix is not "Even timestamp: "$/],
  ["with an altered text", even(6, { value: Buffer.from("Even timestamp: 11/21/26 03:51") }), /no timestamp as it was sent/],
  ["with text behind it", even(6, { value: Buffer.from("Even timestamp: 11/21/26 03:51:06\n") }), /no timestamp as it was sent/],
  ["without a value", even(6, { value: null }), /a record without a value/],
  ["with a key", even(6, { key: Buffer.from("k") }), /key or headers are not those that were sent/],
  ["without its headers", even(6, { headers: [] }), /key or headers are not those that were sent/],
  ["with another time", even(6, { timestampMs: 5 }), /its time, key or headers are not those that were sent/],
  ["that nobody sent", even(8), /nobody here sent it/],
];
for (const [name, record, fault] of faults) {
  test(`a record ${name} is wrong`, () => {
    const judge = judgeOf(6, 7);
    judge.arrived(EVEN, record);
    assert.match(judge.fault() ?? "", fault);
    assert.equal(judge.isWrong(), true);
    assert.equal(judge.missingCount(), 2);
  });
}
