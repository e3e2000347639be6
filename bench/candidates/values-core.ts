/** `routeValues` of the core, on values and a table that are in its memory already. */
import type { CoreExports } from "../core-binary.ts";
import { demandOk } from "../core-binary.ts";
import type { Candidate } from "../measure.ts";

export function valuesInCore(core: CoreExports, batchRecords: number, name = "core"): Candidate {
  return {
    name,
    clock: "thread",
    run(batch) {
      demandOk(core.routeValues(batch * batchRecords, batchRecords));
    },
    outputs() {
      const { buffer } = core.memory;
      return [0, 1].flatMap((index) => [
        new Uint8Array(buffer, core.outputAddress(index), core.outputValueBytes(index)),
        new Uint8Array(buffer, core.outputEndsAddress(index), core.outputValueCount(index) * 4),
      ]);
    },
  };
}
