/** The guest and its host: any records, in any blocks, come out as the model says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import { BlockRouter } from "../../hosts/stdio/block-router.ts";
import type { Framing, Opening, Taken } from "../../hosts/stdio/block-router.ts";
import { GUEST } from "../../hosts/stdio/program-files.ts";
import type { RuleProperties } from "../../hosts/rule.ts";
import * as arbitraries from "../arbitraries.ts";
import { bytesOf, joined, literalOf } from "../bytes.ts";
import type { ModelRule } from "../model.ts";
import { decide } from "../model.ts";
import { check } from "../property.ts";
import { ruleText } from "../rule-model.ts";
import type { Format } from "./framing.ts";
import { framed } from "./framing.ts";

const MODULE = new WebAssembly.Module(readFileSync(GUEST));
const OUTPUTS = [0, 1] as const;
const FRAMINGS: Readonly<Record<Format, Framing>> = { lines: "Lines", crlf: "Crlf", nul: "Nul", length: "Length" };

type Settings = Omit<Opening, "framing" | "stopsAtUnroutable"> & { readonly format: Format };

/** What an input comes to: the bytes of each sink, and the records that no output took. */
interface Outcome {
  readonly sinks: readonly string[];
  readonly refusals: readonly string[];
  readonly tombstones: number;
  readonly records: number;
}

/** Returns a rule of the model as properties. */
function propertiesOf(rule: ModelRule): RuleProperties {
  const lines = ruleText(rule).split("\n");
  return Object.fromEntries(
    lines.filter((line) => line !== "").map((line) => [`router.${line.slice(0, line.indexOf("="))}`, line.slice(line.indexOf("=") + 1)]),
  );
}

function modelOutcome(rule: ModelRule, values: readonly (Uint8Array | null)[], { format, named, keepsUnroutable }: Settings): Outcome {
  const decisions = values.map((value) => decide(rule, value));
  const written = (isWanted: (output: 0 | 1) => boolean): string => {
    const records = decisions.flatMap((one) => {
      if (!("output" in one) || !isWanted(one.output)) return [];
      return [named ? joined([bytesOf(`${rule.outputs[one.output].name}\t`), one.value]) : one.value];
    });
    return literalOf(framed(format, records));
  };
  const refused = decisions.map((one) => "reason" in one && one.reason !== "tombstone");
  return {
    sinks: [
      ...OUTPUTS.map((index) => written((output) => (named ? index === 0 : output === index))),
      literalOf(framed(format, keepsUnroutable ? values.filter((_, index) => refused[index]) : [])),
    ],
    refusals: decisions.flatMap((one, index) =>
      "reason" in one && one.reason !== "tombstone" ? [`${index} ${one.reason} ${one.byteOffset}`] : [],
    ),
    tombstones: values.filter((value) => value === null).length,
    records: values.length,
  };
}

/** Routes bytes in blocks of the lengths given, over and over, as the command does; the last block is told to be. */
function routeInBlocks(
  router: BlockRouter,
  bytes: Uint8Array,
  blocks: readonly number[],
): readonly (Taken & { readonly before: number })[] {
  const calls: (Taken & { readonly before: number })[] = [];
  let [read, held, records] = [0, 0, 0];
  for (let turn = 0; ; turn++) {
    const block = bytes.subarray(read, read + (blocks[turn % blocks.length] ?? 1));
    const isLast = block.length === 0;
    router.input.set(block, held);
    read += block.length;
    const end = held + block.length;
    let from = 0;
    for (let halt = "Full"; halt === "Full";) {
      const taken = router.route(from, end, isLast);
      calls.push({ ...taken, before: records, sinks: taken.sinks.map((sink) => sink.slice()) });
      records += taken.records;
      from = taken.upTo;
      ({ halt } = taken);
    }
    if (isLast) {
      assert.equal(from, end);
      assert.equal(router.isWithinRecord, false);
      return calls;
    }
    router.input.copyWithin(0, from, end);
    held = end - from;
  }
}

function routerOutcome(rule: ModelRule, values: readonly (Uint8Array | null)[], settings: Settings, blocks: readonly number[]): Outcome {
  const router = new BlockRouter(MODULE, propertiesOf(rule));
  router.open({ ...settings, framing: FRAMINGS[settings.format], stopsAtUnroutable: false });
  const calls = routeInBlocks(router, framed(settings.format, values), blocks);
  return {
    sinks: [0, 1, 2].map((sink) => literalOf(joined(calls.map(({ sinks }) => sinks[sink] ?? new Uint8Array(0))))),
    refusals: calls.flatMap(({ refusals, before }) =>
      refusals.map(({ index, reason, byteOffset }) => `${before + index} ${reason} ${byteOffset}`),
    ),
    tombstones: calls.reduce((sum, { tombstones }) => sum + tombstones, 0),
    records: calls.reduce((sum, { records }) => sum + records, 0),
  };
}

/** Returns whether a value can be told in a framing. */
function fits(format: Format, value: Uint8Array | null): boolean {
  if (format === "length") return true;
  if (value === null || value.includes(format === "nul" ? 0 : 0x0a)) return false;
  return format !== "crlf" || value.at(-1) !== 0x0d;
}

const settings: fc.Arbitrary<Settings> = fc.record(
  { format: fc.constantFrom<Format>("lines", "crlf", "nul", "length"), named: fc.boolean(), keepsUnroutable: fc.boolean() },
  { noNullPrototype: true },
);

test("any records in any framing and any blocks come out as the model says", () => {
  const blocks = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5000 })), { minLength: 1, maxLength: 6 });
  // No more than are listed of one call.
  const values = fc.array(arbitraries.value, { maxLength: 16 });
  check(
    fc.property(arbitraries.rule, values, settings, blocks, (rule, given, how, lengths) => {
      const told = given.filter((value) => fits(how.format, value));
      assert.deepEqual(routerOutcome(rule, told, how, lengths), modelOutcome(rule, told, how));
    }),
    2,
  );
});

test("an output that is full is taken out and filled again, with nothing lost: 400,000 short records behind the longest prefix", () => {
  const prefix = "p".repeat(255);
  const router = new BlockRouter(MODULE, { "router.prefix.odd": prefix, "router.prefix.even": "" });
  router.open({ framing: "Lines", named: false, keepsUnroutable: false, stopsAtUnroutable: false });
  const calls = routeInBlocks(router, bytesOf("1\n2\n".repeat(200_000)), [400_000]);
  const full = calls.filter(({ halt }) => halt === "Full").length;
  assert.ok(full >= 10, `${full} times full`);
  assert.equal(
    calls.reduce((sum, { records }) => sum + records, 0),
    400_000,
  );
  const written = (sink: number): string => Buffer.concat(calls.map(({ sinks }) => sinks[sink] ?? new Uint8Array(0))).toString();
  assert.ok(written(0) === "2\n".repeat(200_000));
  assert.ok(written(1) === `${prefix}1\n`.repeat(200_000));
});

test("the longest record comes through any framing with the longest prefix and name, one byte more makes it too long", () => {
  // The first block ends between the carriage return and the line feed of the first line.
  const blocks = [1_048_577, ...Array.from({ length: 20 }, () => 262_144)];
  const name = "n".repeat(64);
  const prefix = "p".repeat(255);
  for (const format of ["lines", "crlf", "nul", "length"] as const) {
    const router = new BlockRouter(MODULE, { "router.outputs": `${name},b`, [`router.prefix.${name}`]: prefix });
    router.open({ framing: FRAMINGS[format], named: true, keepsUnroutable: true, stopsAtUnroutable: false });
    const longest = new Uint8Array(1_048_576).fill(0x34);
    const longer = new Uint8Array(1_048_577).fill(0x34);
    const calls = routeInBlocks(router, framed(format, [longest, longer, longest, longer]), blocks);
    const written = (sink: number): Buffer => Buffer.concat(calls.map(({ sinks }) => sinks[sink] ?? new Uint8Array(0)));
    const record = Buffer.concat([Buffer.from(`${name}\t${prefix}`), longest]);
    assert.ok(written(0).equals(framed(format, [record, record])), format);
    assert.ok(written(2).equals(framed(format, [longer, longer])), format);
    assert.equal(
      calls.reduce((sum, { refused }) => sum + refused["too-long"], 0),
      2,
    );
  }
});

test("an input of nothing but ends of records fills no more of the sink of unroutable ones than it has", () => {
  const router = new BlockRouter(MODULE, {});
  router.open({ framing: "Crlf", named: true, keepsUnroutable: true, stopsAtUnroutable: false });
  router.input.fill(0x0a);
  const { upTo, records, refused, refusals, sinks } = router.route(0, router.input.length, true);
  const { length } = router.input;
  assert.deepEqual([upTo, records, refused.empty, refusals.length], [length, length, length, 16]);
  assert.equal(sinks[2]?.length, 2 * router.input.length);
});
