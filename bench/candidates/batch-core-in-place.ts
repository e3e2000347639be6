/** RecordBatches in the core's memory, in and out: what the core costs without its host. */
import type { CoreExports } from "../core-binary.ts";
import { demandOk } from "../core-binary.ts";
import type { Candidate } from "../measure.ts";

/** Takes a core whose input has room for all batches; puts them there. */
export function batchesInCore(core: CoreExports, batches: readonly Buffer[], batchBytesMax: number, name = "core"): Candidate {
  const offsets: number[] = [];
  const memory = new Uint8Array(core.memory.buffer);
  let offset = 0;
  for (const bytes of batches) {
    memory.set(bytes, core.inputAddress() + offset);
    offsets.push(offset);
    offset += bytes.length;
  }
  return {
    name: `${name}, in place`,
    clock: "thread",
    run(batch) {
      demandOk(core.openBatches(batchBytesMax));
      demandOk(core.routeRecordBatch(offsets[batch] ?? 0, batches[batch]?.length ?? 0, 0n, 0));
      demandOk(core.finishBatches());
    },
    outputs() {
      return [0, 1].map((index) => new Uint8Array(core.memory.buffer, core.outputAddress(index), core.batchLength(index)));
    },
  };
}
