/** The timestamp rule on the command line: what java.time says of tens of thousands of values, to as many outputs as a rule may have. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RuleProperties } from "../../hosts/rule.ts";
import { BlockRouter } from "../../hosts/stdio/block-router.ts";
import type { Counts } from "../../hosts/stdio/counts.ts";
import { GUEST } from "../../hosts/stdio/program-files.ts";
import { bytesOf } from "../bytes.ts";
import { OUTPUT_NAMES, javaGroups, javaOutput, javaOutputs, javaRule, someJavaGroups } from "../timestamps/java-time.ts";
import type { JavaGroup } from "../timestamps/java-time.ts";
import { folder, run } from "./command.ts";
import { framed } from "./framing.ts";

const MODULE = new WebAssembly.Module(readFileSync(GUEST));
const OUTPUTS = OUTPUT_NAMES.length;
/** One process each. */
const GROUPS_BY_COMMAND = 20;

/** Returns a rule's options. */
function optionsOf(rule: RuleProperties): readonly string[] {
  return Object.entries(rule).map(([property, value]) => `--${property}=${value}`);
}

/** Returns the values of a group, a line each. */
function linesOf({ values }: JavaGroup): Buffer {
  return framed(
    "lines",
    values.map(({ value }) => bytesOf(value)),
  );
}

test("values of every format, in every framing, go to the sinks of eight outputs as java.time says, and the others to their own", () => {
  for (const group of javaGroups()) {
    const values = group.values.map(({ value }) => bytesOf(value));
    const router = new BlockRouter(MODULE, javaRule(group, OUTPUTS));
    for (const [framing, format] of [
      ["Lines", "lines"],
      ["Nul", "nul"],
      ["Length", "length"],
    ] as const) {
      router.open({ framing, named: false, keepsUnroutable: true, stopsAtUnroutable: false });
      const input = framed(format, values);
      router.input.set(input);
      const { halt, upTo, sinks, routed, refused } = router.route(0, input.length, true);
      assert.deepEqual([halt, upTo], ["Starved", input.length]);
      const wanted = [...javaOutputs(group, OUTPUTS), group.values.flatMap(({ value, number }) => (number === null ? [value] : []))];
      assert.deepEqual(
        sinks.map((sink) => Buffer.from(sink).toString()),
        wanted.map((list) => framed(format, list.map(bytesOf)).toString()),
        `${group.format} ${format}`,
      );
      const counts = [...routed, Object.values(refused).reduce((sum, count) => sum + count, 0)];
      assert.deepEqual(
        counts,
        wanted.map(({ length }) => length),
      );
      assert.deepEqual([refused["not-a-digit"], refused["not-in-table"], refused["too-long"]], [0, 0, 0]);
    }
  }
});

for (const group of someJavaGroups(GROUPS_BY_COMMAND)) {
  test(`the command names for each value the output of its ${group.field} by ${group.format} at ${group.zone}, in the order of the input`, async () => {
    const { status, stdout } = await run([...optionsOf(javaRule(group, OUTPUTS)), "--router.unroutable=drop"], linesOf(group));
    const written = stdout.toString().split("\n").slice(0, -1);
    const wanted = group.values.flatMap(({ value, number }) => {
      const output = javaOutput(number, OUTPUTS);
      return output === null ? [] : [`${OUTPUT_NAMES[output]}\t${value}`];
    });
    assert.deepEqual(written, wanted);
    assert.equal(status, wanted.length === group.values.length ? 0 : 1);
  });
}

test("the command writes eight outputs and what is unroutable to a file each, and counts them by name and reason", async (context) => {
  const [group] = javaGroups();
  assert.ok(group !== undefined);
  const path = folder(context);
  const outs = OUTPUT_NAMES.map((name) => `--out=${name}=${join(path, name)}`);
  const rest = join(path, "rest");
  const { status, stdout, stderr } = await run(
    [...optionsOf(javaRule(group, OUTPUTS)), ...outs, "--unroutable", rest, "--stats=json"],
    linesOf(group),
  );
  assert.deepEqual([status, stdout.toString()], [1, ""]);
  const wanted = javaOutputs(group, OUTPUTS);
  const written = OUTPUT_NAMES.map((name) => readFileSync(join(path, name), "utf8").split("\n").slice(0, -1));
  assert.deepEqual(written, wanted);
  const refused = group.values.flatMap(({ value, number }) => (number === null ? [value] : []));
  assert.deepEqual(readFileSync(rest, "utf8").split("\n").slice(0, -1), refused);
  const counts = JSON.parse(stderr.slice(0, stderr.indexOf("\n"))) as Counts;
  assert.deepEqual(
    Object.entries(counts.routed),
    OUTPUT_NAMES.map((name, index) => [name, wanted[index]?.length]),
  );
  assert.equal(
    Object.values(counts.unroutable).reduce((sum, count) => sum + count, 0),
    refused.length,
  );
});

test("the command says why a value is no timestamp that the rule has a place for, and where in it that shows", async () => {
  const rule = { "router.rule": "timestamp", "router.timestamp.format": "iso-8601", "router.table": "0-49:even" };
  const values = ["", "2026-11-21T10:00:07", "2026-11-21T10:00", "2026-02-30T10:00:00", "2026-11-21T10:00:50", "2026-11-21 7"];
  const { status, stdout, stderr } = await run([...optionsOf(rule), "--stats=json"], `${values.join("\n")}\n`);
  assert.deepEqual([status, stdout.toString()], [1, "even\tEven timestamp: 2026-11-21T10:00:07\n"]);
  const [counts = "", ...said] = stderr.trim().split("\n").toReversed();
  assert.deepEqual(
    said.toReversed().map((line) => line.replace(/^.* of standard input, at byte \d+: /, "")),
    ["empty", "no-field at byte 16 of it", "no-such-time at byte 8 of it", "not-in-table", "not-a-timestamp at byte 10 of it"],
  );
  assert.deepEqual((JSON.parse(counts) as Counts).unroutable, {
    empty: 1,
    "not-a-digit": 0,
    "not-a-timestamp": 1,
    "no-such-time": 1,
    "no-field": 1,
    "not-in-table": 1,
    "too-long": 0,
  });
});

test("the command gives an output of eight what is no timestamp, behind its prefix", async () => {
  const rule = {
    "router.rule": "timestamp",
    "router.outputs": OUTPUT_NAMES.join(","),
    "router.prefix.h": "? ",
    "router.unroutable": "h",
  };
  const { status, stdout, stderr } = await run(optionsOf(rule), "11/20/26 10:00:01\nx7\n11/20/26 10:00:06\n");
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(stdout.toString(), "b\t11/20/26 10:00:01\nh\t? x7\ng\t11/20/26 10:00:06\n");
});

test("a carriage return is hinted at where it keeps a line from being a timestamp, and not where it is part of a length", () => {
  const router = new BlockRouter(MODULE, { "router.rule": "timestamp", "router.timestamp.format": "ss.SSSSSSSSS" });
  const hints = (framing: "Lines" | "Length", input: Uint8Array): readonly boolean[] => {
    router.open({ framing, named: true, keepsUnroutable: false, stopsAtUnroutable: false });
    router.input.set(input);
    return router.route(0, input.length, true).refusals.map(({ hasCarriageReturn }) => hasCarriageReturn);
  };
  assert.deepEqual(hints("Lines", bytesOf("07.000000000\r\n")), [true]);
  // The length's last byte, 13, is as far from where it begins as the value's fault from where the value does.
  assert.deepEqual(hints("Length", framed("length", [bytesOf("07.x000000000")])), [false]);
});
