/** What is said on standard error, and how much of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Refusal } from "../../hosts/stdio/block-router.ts";
import { REASONS } from "../../hosts/stdio/block-router.ts";
import { bytesText, countsJson, countsText, noCounts } from "../../hosts/stdio/counts.ts";
import type { Report } from "../../hosts/stdio/report.ts";
import { createReport, refusalText } from "../../hosts/stdio/report.ts";

const ERASE = "\r\u001b[2K";
const PLACE = { input: "standard input", record: 7, byte: 30 };
const REFUSAL: Refusal = { index: 6, inputOffset: 30, reason: "not-a-digit", byteOffset: 2, hasCarriageReturn: false };

/** A report with a clock that stands, and what was written. */
function reported(showsProgress = false): { readonly report: Report; readonly clock: { ms: number }; readonly written: () => string } {
  const clock = { ms: 10_000 };
  let text = "";
  const write = (more: string): void => {
    text += more;
  };
  const written = (): string => {
    const all = text;
    text = "";
    return all;
  };
  return { report: createReport({ write, showsProgress, now: () => clock.ms }), clock, written };
}

test("ten records a second are said one by one, and the rest as a sum when the second is over", () => {
  const { report, clock, written } = reported();
  for (let record = 0; record < 12; record++) report.leftOut(PLACE, REFUSAL);
  report.leftOutMore(30);
  assert.equal(written(), "timestamp-router: left out record 7 of standard input, at byte 30: not-a-digit at byte 2 of it\n".repeat(10));
  clock.ms += 1000;
  report.leftOut(PLACE, { ...REFUSAL, reason: "empty" });
  assert.equal(
    written(),
    "timestamp-router: left out 32 more records\ntimestamp-router: left out record 7 of standard input, at byte 30: empty\n",
  );
  report.leftOutMore(1);
  report.end();
  assert.equal(written(), "timestamp-router: left out 1 more record\n");
  report.end();
  assert.equal(written(), "");
});

test("a reason that is somewhere in the value is said with its place, any other is the whole record's", () => {
  const said = REASONS.map((reason) => refusalText(PLACE, { ...REFUSAL, reason }).replace("record 7 of standard input, at byte 30: ", ""));
  assert.deepEqual(said, [
    "empty",
    "not-a-digit at byte 2 of it",
    "not-a-timestamp at byte 2 of it",
    "no-such-time at byte 2 of it",
    "no-field at byte 2 of it",
    "not-in-table",
    "too-long",
  ]);
});

test("the hint at the framing for carriage returns is given once", () => {
  const { report, written } = reported();
  report.leftOut(PLACE, { ...REFUSAL, hasCarriageReturn: true });
  assert.ok(written().endsWith(String.raw`--format crlf reads lines that end with \r\n` + "\n"));
  report.leftOut(PLACE, { ...REFUSAL, hasCarriageReturn: true });
  assert.doesNotMatch(written(), /--format crlf/);
});

test("progress is shown after a second, five times a second at most, written over, and taken away at the end", () => {
  const { report, clock, written } = reported(true);
  report.progress(1e6, 1e9);
  clock.ms += 999;
  report.progress(1e6, 1e9);
  assert.equal(written(), "");
  clock.ms += 1;
  report.progress(250e6, 1e9);
  report.progress(251e6, 1e9);
  assert.equal(written(), `${ERASE}timestamp-router: 250 MB of 1 GB, 25 %, 250 MB/s`);
  clock.ms += 200;
  report.progress(300e6, null);
  assert.equal(written(), `${ERASE}timestamp-router: 300 MB, 250 MB/s`);
  report.note("something");
  assert.equal(written(), `${ERASE}timestamp-router: something\n`);
  clock.ms += 200;
  report.progress(350e6, null);
  written();
  report.end();
  assert.equal(written(), ERASE);
});

test("without a terminal there is no progress", () => {
  const { report, clock, written } = reported();
  clock.ms += 5000;
  report.progress(1e9, null);
  report.end();
  assert.equal(written(), "");
});

const COUNTS = {
  ...noCounts(["even", "odd"]),
  records: 1234,
  bytesRead: 2_000_000,
  bytesWritten: 4_560_000,
  routed: [
    { output: "even", records: 1000 },
    { output: "odd", records: 200 },
  ],
  tombstones: 4,
  unroutable: { ...noCounts([]).unroutable, "not-a-digit": 30 },
};

test("counts have a line for each output and for each reason that came up, and the rate", () => {
  assert.equal(
    countsText(COUNTS, 0.5),
    `even                     1,000
odd                        200
tombstones                   4
unroutable, not-a-digit     30
records                  1,234
2 MB read and 4.56 MB written in 0.50 s, 4 MB/s
`,
  );
});

test("counts for programs are one line of JSON with every reason", () => {
  const json = countsJson(COUNTS, 0.5);
  assert.ok(json.endsWith("}\n") && json.indexOf("\n") === json.length - 1);
  assert.deepEqual(JSON.parse(json), { ...COUNTS, routed: { even: 1000, odd: 200 }, seconds: 0.5 });
});

test("bytes are told in units of a thousand with three digits", () => {
  assert.deepEqual([0, 999, 1000, 1234, 999_499, 1e6, 1.5e9, 2e15].map(bytesText), [
    "0 B",
    "999 B",
    "1 kB",
    "1.23 kB",
    "999 kB",
    "1 MB",
    "1.5 GB",
    "2000 TB",
  ]);
});
