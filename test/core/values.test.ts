import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Router } from "../../hosts/embed.ts";
import type { Refusal } from "../../hosts/routed.ts";
import * as arbitraries from "../arbitraries.ts";
import { bytesOf, joined, literalOf } from "../bytes.ts";
import { CoreInstance, OUTPUTS } from "../core-instance.ts";
import { coreModule } from "../core-module.ts";
import type { ModelRule } from "../model.ts";
import { decide } from "../model.ts";
import { check } from "../property.ts";
import { ruleText } from "../rule-model.ts";

/** What a list of values comes to: the values of each output, and the others by index. */
interface Outcome {
  readonly outputs: readonly (readonly string[])[];
  readonly unroutable: readonly (Refusal & { readonly index: number })[];
}

function modelOutcome(rule: ModelRule, values: readonly (Uint8Array | null)[]): Outcome {
  const decisions = values.map((value) => decide(rule, value));
  return {
    outputs: OUTPUTS.map((output) => decisions.flatMap((one) => ("output" in one && one.output === output ? [literalOf(one.value)] : []))),
    unroutable: decisions.flatMap((one, index) => ("reason" in one ? [{ ...one, index }] : [])),
  };
}

function coreOutcome(router: Router, values: readonly (Uint8Array | null)[]): Outcome {
  const { outputs, unroutable } = router.routeValues(values);
  return {
    outputs: outputs.map(({ bytes, ends }) => Array.from(ends, (end, index) => literalOf(bytes.slice(ends[index - 1] ?? 0, end)))),
    unroutable,
  };
}

test("the core routes any list of values under any prefixes as the model does", () => {
  check(
    fc.property(arbitraries.rule, fc.array(fc.array(arbitraries.value, { maxLength: 40 }), { maxLength: 3 }), (rule, lists) => {
      const router = new Router(coreModule(), ruleText(rule));
      for (const values of lists) assert.deepEqual(coreOutcome(router, values), modelOutcome(rule, values));
    }),
    2,
  );
});

test("a value alone is routed as it is in a list", () => {
  check(
    fc.property(arbitraries.rule, arbitraries.value, (rule, value) => {
      const decision = decide(rule, value);
      const expected = "output" in decision ? { ...decision, output: rule.outputs[decision.output].name } : decision;
      assert.deepEqual(new Router(coreModule(), ruleText(rule)).route(value), expected);
    }),
  );
});

test("of all bytes that a value may end in only the ten ASCII digits are routable", () => {
  const values = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(0x34, byte));
  const { outputs, unroutable } = new Router(coreModule()).routeValues(values);
  assert.deepEqual(
    outputs.map(({ ends }) => ends.length),
    [5, 5],
  );
  assert.deepEqual(
    unroutable.map(({ index }) => index),
    Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte < 0x30 || byte > 0x39),
  );
  assert.ok(unroutable.every(({ reason }) => reason === "not-a-digit"));
});

test("every length of value comes through behind every length of prefix, byte for byte", () => {
  const letters = Uint8Array.from({ length: 70_000 }, (_, index) => 0x61 + (index % 26));
  const valueOf = (length: number, digit: number): Uint8Array => joined([letters.subarray(0, length - 1), Uint8Array.of(digit)]);
  const lengths = [...Array.from({ length: 66 }, (_, index) => index + 1), 510, 511, 512, 513, 514, 543, 544, 545, 65_536];
  const values = lengths.flatMap((length) => [valueOf(length, 0x30), valueOf(length, 0x31)]);
  for (const prefixLength of [0, 1, 14, 15, 16, 17, 31, 32, 33, 48, 254, 255]) {
    const prefix = Uint8Array.from({ length: prefixLength }, (_, index) => 0x41 + (index % 26));
    const rule: ModelRule = {
      outputs: [
        { name: "a", prefix },
        { name: "b", prefix: prefix.subarray(0, prefixLength >> 1) },
      ],
      unroutable: null,
    };
    assert.deepEqual(coreOutcome(new Router(coreModule(), ruleText(rule)), values), modelOutcome(rule, values));
  }
});

test("an output that takes the unroutable is filled to its last byte by them, and says when it is full", () => {
  for (const [value, prefix] of [
    ["x", ""],
    ["", "pp"],
    ["v".repeat(600) + "x", "p"],
  ] as const) {
    const core = CoreInstance.ready(1000, 0, 2000);
    assert.equal(core.configure(`outputs=a,b\nprefix.b=${prefix}\nunroutable=b`), "Ok");
    core.writeInput(0, bytesOf(value));
    core.writeValueTable(Array.from({ length: 2000 }, () => [0, value.length]));
    assert.equal(core.nameOf(core.exports.routeValues(0, 2000)), "Full");
    // The output has 1,512 bytes.
    const expected = Math.floor(1512 / (value.length + prefix.length));
    assert.deepEqual(core.outputValues(1).map(literalOf), Array(expected).fill(literalOf(bytesOf(prefix + value))));
    assert.equal(core.exports.takenCount(), expected);
    assert.equal(core.exports.unroutableCount(), 0);
  }
});

test("no values give no values", () => {
  assert.deepEqual(coreOutcome(new Router(coreModule()), []), { outputs: [[], []], unroutable: [] });
});

test("a call that stops for want of room says how many it took and goes on from there", () => {
  const core = CoreInstance.ready(2000, 0, 8);
  const text = bytesOf("a".repeat(999) + "4");
  core.writeInput(0, text);
  core.writeValueTable(Array.from({ length: 8 }, (_, index): [number, number] => (index === 5 ? [0, 0xffffffff] : [0, 1000])));
  const taken: number[] = [];
  let first = 0;
  const values: Uint8Array[] = [];
  for (let status = "Full"; status === "Full";) {
    status = core.nameOf(core.exports.routeValues(first, 8 - first));
    values.push(...core.outputValues(0));
    taken.push(core.exports.takenCount());
    first += core.exports.takenCount();
  }
  // The output has 2,512 bytes: two values of 1,016 with their prefix.
  assert.deepEqual(taken, [2, 2, 3, 1]);
  assert.deepEqual(
    values,
    Array.from({ length: 7 }, () => joined([bytesOf("Even timestamp: "), text])),
  );
});

test("an output is filled to its last byte, by a short value and by a long one", () => {
  const orders: readonly (readonly (readonly [number, number])[])[] = [
    [
      [0, 1032],
      [520, 512],
    ],
    [
      [520, 512],
      [0, 1032],
    ],
  ];
  for (const order of orders) {
    const core = CoreInstance.ready(1032, 0, 4);
    core.configure("outputs=a,b");
    core.writeInput(0, bytesOf("a".repeat(1031) + "4"));
    // 1,032 + 512 bytes of room: the first two values fit exactly, the next one, of a byte, does not.
    core.writeValueTable([...order, [1031, 1]]);
    assert.equal(core.nameOf(core.exports.routeValues(0, 3)), "Full");
    assert.equal(core.exports.takenCount(), 2);
    assert.equal(core.exports.outputValueBytes(0), 1544);
  }
});

test("a table of the values from a later pair on names them by their place in the whole table", () => {
  const core = CoreInstance.ready(16, 0, 4);
  core.writeInput(0, bytesOf("4x"));
  core.writeValueTable([
    [0, 1],
    [0, 2],
    [1, 1],
    [0, 0xffffffff],
  ]);
  assert.equal(core.nameOf(core.exports.routeValues(2, 2)), "Ok");
  assert.deepEqual(core.unroutable(), [
    { position: 2, reason: "NotADigit", byteOffset: 0, recordOffset: 0 },
    { position: 3, reason: "Tombstone", byteOffset: 0, recordOffset: 0 },
  ]);
});

test("a value beyond the input is out of range, and nothing from it on is taken", () => {
  const beyond: readonly (readonly [number, number])[] = [
    [0, 17],
    [16, 1],
    [17, 0],
    [0xffffffff, 1],
    [0xfffffff0, 16],
    [0xfffffff8, 16],
    [0xfffffff8, 600],
    [1, 0xfffffffe],
  ];
  for (const pair of beyond) {
    const core = CoreInstance.ready(16, 0, 2);
    core.writeInput(0, bytesOf("4444444444444444"));
    core.writeValueTable([[0, 16], pair]);
    assert.equal(core.nameOf(core.exports.routeValues(0, 2)), "OutOfRange", String(pair));
    assert.equal(core.exports.takenCount(), 1);
    assert.equal(core.outputValues(0).length, 1);
  }
});

test("pairs beyond the value table are out of range", () => {
  const core = CoreInstance.ready(16, 0, 2);
  const calls: readonly (readonly [number, number])[] = [
    [0, 3],
    [2, 1],
    [3, 0],
    [0xffffffff, 2],
    [1, 0xffffffff],
  ];
  for (const [first, count] of calls) assert.equal(core.nameOf(core.exports.routeValues(first, count)), "OutOfRange", `${first} ${count}`);
  assert.equal(core.nameOf(core.exports.routeValues(2, 0)), "Ok");
});
