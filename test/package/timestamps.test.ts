/** The timestamp rule by the calls of the installed package: what java.time says of tens of thousands of values. */
import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf, joined } from "../bytes.ts";
import { OUTPUT_NAMES, javaGroups, javaOutputs, javaRule } from "../timestamps/java-time.ts";
import { entry } from "./packed.ts";

test("packed values of every format go, to eight outputs, where java.time says", () => {
  for (const group of javaGroups()) {
    const router = entry.createRouter(javaRule(group, OUTPUT_NAMES.length));
    const parts = group.values.map(({ value }) => bytesOf(value));
    let end = 0;
    const ends = Uint32Array.from(parts, ({ length }) => (end += length));
    const { outputs, unroutable } = router.routePackedValues({ bytes: joined(parts), ends });
    assert.deepEqual(
      outputs.map((output) =>
        Array.from(output.ends, (to, index) => Buffer.from(output.bytes.subarray(output.ends[index - 1] ?? 0, to)).toString()),
      ),
      javaOutputs(group, OUTPUT_NAMES.length),
      group.format,
    );
    assert.deepEqual(
      unroutable.map(({ index }) => index),
      group.values.flatMap(({ number }, index) => (number === null ? [index] : [])),
    );
  }
});
