/** RecordBatches through `Router`, from the host's bytes to the host's bytes: copied in, verified, routed, given CRCs, and copied out. */
import { Router } from "../../hosts/embed.ts";
import type { Candidate } from "../measure.ts";

export function batchesInRouter(
  module: WebAssembly.Module,
  batches: readonly Buffer[],
  batchBytesMax: number,
  { name, rule }: { readonly name: string; readonly rule: string } = { name: "core, copied in and out", rule: "" },
): Candidate {
  const router = new Router(module, rule);
  let outputs: readonly Uint8Array[] = [];
  return {
    name,
    clock: "process",
    run(batch) {
      const bytes = batches[batch];
      if (bytes === undefined) throw new RangeError("no such batch");
      router.openBatches(batchBytesMax);
      const { full } = router.routeRecordBatch(bytes, 0n, false);
      if (full) throw new RangeError("an output is full");
      // A produce request outlives the next batch, so the views must be copied: the Kafka host does just this.
      outputs = router.finishBatches().map((output) => Buffer.from(output.bytes));
    },
    outputs: () => outputs,
  };
}
