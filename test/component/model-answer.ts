/** What the model makes of a job, in the form of an answer. */
import type { InputBatch } from "../case-text.ts";
import type { ModelRule } from "../model.ts";
import { ModelRouter, decide } from "../model.ts";
import { joined } from "../bytes.ts";
import { Malformed, encodeBatch } from "../record-batch.ts";
import type { Routed, RoutedBatch } from "./job.ts";

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Returns the answer to a job of a rule, with the text of errors left out: the model knows only that a batch is malformed. */
export function modelAnswerOf(
  rule: ModelRule,
  values: readonly (Uint8Array | null)[],
  batches: readonly InputBatch[],
  batchBytesMax: number,
): Routed {
  return {
    names: rule.outputs.map(({ name }) => name),
    decisions: values.map((value) => {
      const decision = decide(rule, value);
      return "output" in decision ? { output: decision.output, value: base64(decision.value) } : { reason: decision.reason };
    }),
    packed: packedOf(
      rule,
      values.filter((value) => value !== null),
    ),
    batches: batches.map((batch) => callsOf(rule, batch, batchBytesMax)),
  };
}

function packedOf(rule: ModelRule, values: readonly Uint8Array[]): Routed["packed"] {
  const decisions = values.map((value) => decide(rule, value));
  return {
    outputs: rule.outputs.map((_, index) => {
      const routed = decisions.flatMap((one) => ("output" in one && one.output === index ? [one.value] : []));
      let end = 0;
      return [base64(joined(routed)), routed.map(({ length }) => (end += length))];
    }),
    unroutable: decisions.flatMap((one, position) =>
      "reason" in one ? [{ position, reason: one.reason, byteOffset: one.byteOffset, recordOffset: 0 }] : [],
    ),
  };
}

/** Routes a batch by as many calls as it takes, each with outputs of its own. */
function callsOf(rule: ModelRule, { bytes, fetchOffset }: InputBatch, bytesMax: number): Routed["batches"][number] {
  const model = new ModelRouter(rule, bytesMax);
  const calls: RoutedBatch[] = [];
  for (let from = fetchOffset, full = true; full;) {
    try {
      const taken = model.routeBatch(bytes, from);
      ({ full, nextOffset: from } = taken);
      const outputs = model
        .finish()
        .flatMap((batch, output) =>
          batch === null ? [] : [{ output, bytes: base64(encodeBatch(batch)), recordCount: batch.records.length }],
        );
      const unroutable = taken.unroutable.map(({ offsetDelta, reason, byteOffset, recordOffset }) => ({
        position: offsetDelta,
        reason,
        byteOffset,
        recordOffset,
      }));
      calls.push({ outputs, unroutable, tombstones: taken.tombstones, full, nextOffset: String(from) });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return [...calls, { error: "malformed" }];
    }
  }
  return calls;
}
