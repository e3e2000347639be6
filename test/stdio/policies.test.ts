/** What becomes of unroutable records. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { Counts } from "../../hosts/stdio/counts.ts";
import { noCounts } from "../../hosts/stdio/counts.ts";
import { folder, run } from "./command.ts";

const INPUT = "2\nx\n\n1\n";
const ROUTED = "even\tEven timestamp: 2\nodd\tOdd timestamp:1\n";
const LONG = 1_048_577;

suite("An unroutable record", () => {
  test("is left out, said to be, with its place and reason, and the status is 1", async () => {
    const { status, stdout, stderr } = await run([], INPUT);
    assert.deepEqual([status, stdout.toString()], [1, ROUTED]);
    assert.equal(
      stderr,
      "timestamp-router: left out record 2 of standard input, at byte 2: not-a-digit at byte 0 of it\n" +
        "timestamp-router: left out record 3 of standard input, at byte 4: empty\n",
    );
  });

  test("is counted in silence with drop", async () => {
    const { status, stdout, stderr } = await run(["--router.unroutable=drop"], INPUT);
    assert.deepEqual([status, stdout.toString(), stderr], [1, ROUTED, ""]);
  });

  test("ends the command with stop, behind all that came before it", async () => {
    const { status, stdout, stderr } = await run(["--router.unroutable=stop"], INPUT);
    assert.deepEqual([status, stdout.toString()], [1, "even\tEven timestamp: 2\n"]);
    assert.equal(
      stderr,
      "timestamp-router: record 2 of standard input, at byte 2: not-a-digit at byte 0 of it; --router.unroutable=stop says to stop there\n",
    );
  });

  test("goes to the output that is named, and then all are routed", async () => {
    const { status, stdout, stderr } = await run(["--router.unroutable=odd"], INPUT);
    assert.deepEqual(
      [status, stdout.toString(), stderr],
      [0, "even\tEven timestamp: 2\nodd\tOdd timestamp:x\nodd\tOdd timestamp:\nodd\tOdd timestamp:1\n", ""],
    );
  });

  for (const [format, input, kept] of [
    ["lines", INPUT, "x\n\n"],
    ["crlf", "2\r\nx\r\n\n", "x\r\n\r\n"],
    ["nul", "x\x002\x00", "x\x00"],
    ["length", "\x00\x00\x00\x01x\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x012", "\x00\x00\x00\x01x\x00\x00\x00\x00"],
  ] as const) {
    test(`goes to the file of --unroutable as it is, framed as the input: ${format}`, async (context) => {
      const file = join(folder(context), "unroutable");
      const { status, stderr } = await run([`--format=${format}`, "--unroutable", file], Buffer.from(input, "latin1"));
      assert.equal(status, 1);
      assert.equal(readFileSync(file, "latin1"), kept);
      assert.match(stderr, /^timestamp-router: wrote \d unroutable records? to .*\n$/);
    });
  }

  test("is one of at most ten lines a second, and the others are summed up", async () => {
    const { status, stderr } = await run([], "x\n".repeat(100_000));
    assert.equal(status, 1);
    const lines = stderr.trim().split("\n");
    const said = lines.filter((line) => line.includes("left out record "));
    const summedUp = lines.flatMap((line) => /left out (\d+) more records?$/.exec(line)?.[1] ?? []).map(Number);
    assert.equal(said.length + summedUp.length, lines.length);
    assert.equal(said.length + summedUp.reduce((sum, count) => sum + count, 0), 100_000);
    assert.deepEqual(said.length % 10, 0);
    assert.ok(said.length <= 10 * (summedUp.length + 1), `${said.length} lines and ${summedUp.length} sums`);
  });
});

/** Returns a record of a length, sevens but for its end. */
function record(length: number, end: string): string {
  return "7".repeat(length - 1) + end;
}

suite("A record of more than 1048576 bytes", () => {
  test("is unroutable whatever it ends with, and those around it are routed", async () => {
    const input = `2\n${record(LONG, "8")}\n${record(LONG - 1, "4")}\n1\n`;
    const { status, stdout, stderr } = await run([], input);
    assert.equal(status, 1);
    assert.equal(stdout.toString(), `even\tEven timestamp: 2\neven\tEven timestamp: ${record(LONG - 1, "4")}\nodd\tOdd timestamp:1\n`);
    assert.equal(stderr, "timestamp-router: left out record 2 of standard input, at byte 2: too-long\n");
  });

  test("is passed over, not held: 30 MB of one line and of one length", async () => {
    const long = record(30_000_000, "8");
    const head = Buffer.alloc(4);
    head.writeUInt32BE(long.length);
    for (const [format, input] of [
      ["lines", Buffer.from(`${long}\n2\n`)],
      ["length", Buffer.concat([head, Buffer.from(long), Buffer.from("\x00\x00\x00\x012")])],
    ] as const) {
      const { status, stdout, stderr } = await run([`--format=${format}`, "--stats=json"], input);
      assert.equal(status, 1);
      assert.match(stdout.toString(), /Even timestamp: 2\n?$/);
      const { records, unroutable } = JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as Counts;
      assert.deepEqual([records, unroutable], [2, { ...noCounts([]).unroutable, "too-long": 1 }]);
    }
  });

  test("comes whole into the file of --unroutable", async (context) => {
    const file = join(folder(context), "unroutable");
    const long = record(3_000_000, "8");
    await run(["--unroutable", file], `x\n${long}\ny\n`);
    assert.ok(readFileSync(file, "utf8") === `x\n${long}\ny\n`);
    await run(["--unroutable", file], `x\n${long}`);
    assert.ok(readFileSync(file, "utf8") === `x\n${long}\n`);
  });

  test("goes to no output, and is said to, where an output takes unroutable records", async () => {
    const { status, stdout, stderr } = await run(["--router.unroutable=odd"], `${record(LONG, "x")}\nx\n`);
    assert.deepEqual([status, stdout.toString()], [1, "odd\tOdd timestamp:x\n"]);
    assert.equal(stderr, "timestamp-router: left out record 1 of standard input, at byte 0: too-long\n");
  });

  test("ends the command with stop before it is read to its end", async () => {
    const { status, stderr } = await run(["--router.unroutable=stop"], record(LONG + 1, "8"));
    assert.equal(status, 1);
    assert.match(stderr, /^timestamp-router: record 1 of standard input, at byte 0: too-long; --router\.unroutable=stop/);
  });

  test("that ends in the middle of its length is an error", async () => {
    const { status, stderr } = await run(["--format=length"], Buffer.from("\xf0\x00\x00\x0012345", "latin1"));
    assert.equal(status, 3);
    assert.equal(
      stderr,
      "timestamp-router: left out record 1 of standard input, at byte 0: too-long\n" +
        "timestamp-router: standard input ends at byte 9, in the middle of record 1\n",
    );
  });
});

test("with crlf, a record that is too long has carriage return and line feed behind it in the file of --unroutable, whatever it came with", async (context) => {
  const file = join(folder(context), "unroutable");
  // The last one that comes with both has a block's end between them.
  for (const [long, end] of [
    [record(3_000_000, "8"), "\r\n"],
    [record(3_000_000, "8"), "\n"],
    [record(3_000_000, "8"), ""],
    [record(3_000_000, "\r"), ""],
    [record(3 * 1_048_576 - 1, "8"), "\r\n"],
  ] as const) {
    writeFileSync(`${file}.in`, long + end);
    await run(["--format=crlf", "--unroutable", file, `${file}.in`]);
    assert.ok(readFileSync(file, "utf8") === `${long}\r\n`, JSON.stringify(long.slice(-1) + end));
  }
});
