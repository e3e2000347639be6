/** The timestamp rule in the component: what java.time says of tens of thousands of values, by routers that take turns, here and in wasmtime. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { routing } from "../../build/component/timestamp-router.js";
import { ruleTextOf } from "../../hosts/rule.ts";
import { batchOf } from "../batches.ts";
import { bytesOf } from "../bytes.ts";
import { check } from "../property.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";
import { javaGroups, javaOutput, javaOutputs, javaRule, someJavaGroups } from "../timestamps/java-time.ts";
import type { JavaGroup } from "../timestamps/java-time.ts";
import { wasmtimeMissing } from "../wasmtime.ts";
import { answerOf } from "./job.ts";
import { jobOf } from "./targets.ts";
import { WasmtimeWorker } from "./wasmtime.ts";

const { Router } = routing;
type Router = ReturnType<typeof Router.create>;

const OUTPUTS = 8;
const skip = (await wasmtimeMissing()) ?? false;
let wasmtime: WasmtimeWorker | null = null;
before(async () => {
  if (skip === false) wasmtime = await WasmtimeWorker.start();
});
after(() => wasmtime?.stop());

const groups = javaGroups();

function routerOf(group: JavaGroup, outputs: number): Router {
  return Router.create(ruleTextOf(javaRule(group, outputs)));
}

/** The types of the JavaScript leave this out. */
function drop(router: Router): void {
  (router as unknown as Disposable)[Symbol.dispose]();
}

/** Returns values end to end. */
function packedOf(values: readonly string[]): Parameters<Router["routePackedValues"]>[0] {
  const parts = values.map(bytesOf);
  let end = 0;
  return { bytes: Buffer.concat(parts), ends: Uint32Array.from(parts, ({ length }) => (end += length)) };
}

test("packed values of every format go, to eight outputs, where java.time says", () => {
  for (const group of groups) {
    const router = routerOf(group, OUTPUTS);
    const { outputs, unroutable } = router.routePackedValues(packedOf(group.values.map(({ value }) => value)));
    const values = outputs.map(({ bytes, ends }) =>
      Array.from(ends, (end, index) => Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end)).toString()),
    );
    assert.deepEqual(values, javaOutputs(group, OUTPUTS), group.format);
    assert.deepEqual(
      unroutable.map(({ position }) => position),
      group.values.flatMap(({ number }, index) => (number === null ? [index] : [])),
    );
    drop(router);
  }
});

test("a RecordBatch of values of every format becomes one batch for each of eight outputs", () => {
  for (const group of groups) {
    const router = routerOf(group, OUTPUTS);
    const batch = encodeBatch(batchOf(group.values.map(({ value }) => value)));
    const { outputs, unroutable } = router.routeRecordBatch(batch, 0n, 1 << 20, false);
    const values = Array.from({ length: OUTPUTS }, (_, index) =>
      outputs
        .filter(({ output }) => output === index)
        .flatMap(({ bytes }) => decodeBatch(bytes).records.map(({ value }) => Buffer.from(value ?? []).toString())),
    );
    assert.deepEqual(values, javaOutputs(group, OUTPUTS), group.format);
    assert.equal(unroutable.length, group.values.filter(({ number }) => number === null).length);
    drop(router);
  }
});

test("in wasmtime it answers for a sample of the values what it answers here", { skip }, async () => {
  for (const { values, ...group } of someJavaGroups(30)) {
    const sample = values.slice(0, 25).map(({ value }) => bytesOf(value));
    const batch = { bytes: encodeBatch(batchOf(sample.map((value) => ({ value })))), fetchOffset: 0n };
    const job = jobOf(ruleTextOf(javaRule({ ...group, values }, OUTPUTS)), sample, [batch]);
    assert.deepEqual(await wasmtime?.answer(job), answerOf(routing, job), group.format);
  }
});

/** A rule, and the index of the output that it has for a value of the group. */
interface Turn {
  readonly rule: string;
  readonly group: JavaGroup;
  readonly outputOf: (value: string, number: bigint | null) => number | null;
}

const byModulo: fc.Arbitrary<Turn> = fc.tuple(fc.constantFrom(...groups), fc.integer({ min: 2, max: OUTPUTS })).map(([group, outputs]) => ({
  rule: ruleTextOf(javaRule(group, outputs)),
  group,
  outputOf: (_, number) => javaOutput(number, outputs),
}));

const byDivision: fc.Arbitrary<Turn> = fc
  .tuple(fc.constantFrom(...groups), fc.integer({ min: 2, max: OUTPUTS }), fc.integer({ min: 1, max: 400 }))
  .map(([group, outputs, divide]) => ({
    rule: `${ruleTextOf(javaRule(group, outputs))}\ntimestamp.divide=${divide}`,
    group,
    outputOf: (_, number) => javaOutput(number === null ? null : floorQuotient(number, BigInt(divide)), outputs),
  }));

/** A table of single numbers: number n goes to output n modulo 3, and from `length` on to none. */
const byTable: fc.Arbitrary<Turn> = fc.tuple(fc.constantFrom(...groups), fc.integer({ min: 1, max: 64 })).map(([group, length]) => {
  const table = Array.from({ length }, (_, number) => `${number}:${"abc"[number % 3]}`).join(",");
  return {
    rule: `${ruleTextOf(javaRule(group, 3))}\ntable=${table}`,
    group,
    outputOf: (_, number) => (number === null || number < 0n || number >= BigInt(length) ? null : Number(number % 3n)),
  };
});

const byLastDigit: fc.Arbitrary<Turn> = fc.constantFrom(...groups).map((group) => ({
  rule: "prefix.even=\nprefix.odd=",
  group,
  outputOf: (value) => (/[0-9]$/.test(value) ? Number(value.at(-1)) % 2 : null),
}));

function floorQuotient(number: bigint, divisor: bigint): bigint {
  return (number - (((number % divisor) + divisor) % divisor)) / divisor;
}

/** Returns the index of the output that a router has for a value, or null. */
function outputOf(router: Router, value: string): number | null {
  try {
    return router.route(bytesOf(value)).output;
  } catch (error) {
    assert.ok(error instanceof Error && "payload" in error);
    return null;
  }
}

test("routers of different formats, fields, tables and rules keep their own, however they are made, used and dropped in between", () => {
  const step = fc.oneof(
    { weight: 2, arbitrary: fc.record({ make: fc.oneof(byModulo, byDivision, byTable, byLastDigit) }) },
    { weight: 1, arbitrary: fc.record({ drop: fc.nat() }) },
    // A rule with a fault leaves the others alone.
    {
      weight: 1,
      arbitrary: fc.record({ refused: fc.constantFrom("timestamp.format=yy [", "table=1:a", "timestamp.zone=Z\ntimestamp.field=x") }),
    },
    { weight: 8, arbitrary: fc.record({ use: fc.nat(), value: fc.nat() }) },
  );
  check(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const made: (readonly [Router, Turn])[] = [];
      for (const one of steps) {
        if ("make" in one) made.push([Router.create(one.make.rule), one.make]);
        else if ("refused" in one) assert.throws(() => Router.create(`rule=timestamp\n${one.refused}`));
        else if (made.length > 0) {
          const index = ("drop" in one ? one.drop : one.use) % made.length;
          const [router, turn] = made[index] ?? assert.fail();
          if ("drop" in one) {
            drop(router);
            made.splice(index, 1);
          } else {
            const { value, number } = turn.group.values[one.value % turn.group.values.length] ?? assert.fail();
            assert.equal(outputOf(router, value), turn.outputOf(value, number), `${JSON.stringify(value)} by ${turn.rule}`);
          }
        }
      }
      for (const [router] of made) drop(router);
    }),
    2,
  );
});

test("a router that goes by the record's own timestamp takes turns with one that reads the value", () => {
  const hours = "rule=timestamp\nprefix.even=\nprefix.odd=\ntimestamp.field=hour\n";
  const [byRecord, byValue] = [Router.create(`${hours}timestamp.source=record`), Router.create(hours)];
  const batch = encodeBatch({ ...batchOf(["11/20/26 10:00:07"]), baseTimestamp: 3_600_000n, maxTimestamp: 3_600_000n });
  const outputsOf = (router: Router): readonly number[] =>
    router.routeRecordBatch(batch, 0n, 1000, false).outputs.map(({ output }) => output);
  for (let turn = 0; turn < 2; turn++) assert.deepEqual([outputsOf(byRecord), outputsOf(byValue)], [[1], [0]]);
  assert.throws(() => byRecord.route(bytesOf("11/20/26 10:00:07")), { payload: "no-timestamp" });
  assert.equal(byValue.route(bytesOf("11/20/26 10:00:07")).output, 0);
  for (const router of [byRecord, byValue]) drop(router);
});

test("64 routers with all that a rule can have keep it, and there is room for no more", () => {
  const names = Array.from({ length: OUTPUTS }, (_, index) => `${index}`.padEnd(64, "n"));
  const prefixes = names.map((name, index) => `prefix.${name}=${"p".repeat(254)}${index}\n`).join("");
  // The last range is the router's own, and the last byte of the longest format.
  const ruleOf = (router: number): string =>
    `rule=timestamp\noutputs=${names.join(",")}\n${prefixes}timestamp.format=ss${".".repeat(63)}'${String.fromCodePoint(0x30 + router)}'\n` +
    `table=${Array.from({ length: 63 }, (_, number) => `${number + 100}:${names[0]}`).join(",")},${router % 60}:${names[router % OUTPUTS]}`;
  const routers = Array.from({ length: 64 }, (_, router) => Router.create(ruleOf(router)));
  assert.throws(() => Router.create(""), { payload: { error: "too-many-routers", offset: 0 } });
  for (const [index, router] of routers.entries()) {
    assert.deepEqual(router.outputs(), names);
    const stamp = `${String(index % 60).padStart(2, "0")}${".".repeat(63)}${String.fromCodePoint(0x30 + index)}`;
    const { output, value } = router.route(bytesOf(stamp));
    assert.equal(output, index % OUTPUTS);
    assert.equal(Buffer.from(value).toString(), `${"p".repeat(254)}${output}${stamp}`);
    drop(router);
  }
});
