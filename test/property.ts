/** How properties run: `RUNS` cases each (a multiple of it for cheap ones), from `SEED` when one is given; a failure prints its seed. */
import fc from "fast-check";

const RUNS = Number(process.env["RUNS"] ?? 200);
const SEED = process.env["SEED"];

/** Checks a property; `factor` is how many times `RUNS` it runs. */
export function check<Values>(property: fc.IProperty<Values>, factor = 1): void {
  const numRuns = Math.ceil(RUNS * factor);
  fc.assert(property, { numRuns, ...(SEED === undefined ? {} : { seed: Number(SEED) }) });
}

/** The same for a property that waits for something. */
export async function checkAsync<Values>(property: fc.IAsyncProperty<Values>, factor = 1): Promise<void> {
  const numRuns = Math.ceil(RUNS * factor);
  await fc.assert(property, { numRuns, ...(SEED === undefined ? {} : { seed: Number(SEED) }) });
}
