/** A short run of what `npm run fuzz` does for minutes, always with the same inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";
import { fuzz, TARGET_NAMES } from "./run.ts";

const SEED = 1;

for (const only of TARGET_NAMES) {
  test(`nothing gives way to a short run of inputs that nobody sane would send: ${only}`, async () => {
    const { tallies, failure } = await fuzz({ seed: SEED, seconds: 0, only });
    assert.equal(failure, null);
    assert.ok([...(tallies.get(only) ?? [])].length > 1, "it comes to more than one end");
  });
}

test("the command line of a run is a seed, a time and a target", () => {
  const options = readOptions(["--seed", "7", "--seconds", "5", "--only", "http"], 0);
  assert.deepEqual(options, { seed: 7, seconds: 5, only: "http" });
  assert.deepEqual(readOptions([], 4_000_017), { seed: 17, seconds: 180, only: null });
  assert.equal(readOptions(["--help"], 0), null);
  for (const wrong of [["--seed", "x"], ["--seed", "4294967296"], ["--seconds", "-1"], ["--only", "x"], ["--nonsense"]]) {
    assert.throws(() => readOptions(wrong, 0), TypeError);
  }
});
