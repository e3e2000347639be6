/** The component as targets of the conformance cases, in whatever runtime does its jobs. */
import { batchOf, timeOf } from "../batches.ts";
import type { Case, InputBatch } from "../case-text.ts";
import type { RoutedBatches, RoutedValues, Target } from "../conformance.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";
import type { Answer, Job, Routed, Unroutable } from "./job.ts";

type Maybe<Result> = Result | Promise<Result>;

/** Something that does jobs. */
export type Worker = (job: Job) => Maybe<Answer>;

/** Returns a job of values or batches. */
export function jobOf(
  rule: string,
  values: readonly (Uint8Array | null)[],
  batches: readonly InputBatch[] = [],
  batchBytesMax = 1_000_000,
): Job {
  return {
    rule,
    values: values.map((value) => (value === null ? null : Buffer.from(value).toString("base64"))),
    batches: batches.map(({ bytes, fetchOffset }) => ({ bytes: Buffer.from(bytes).toString("base64"), fetchOffset: String(fetchOffset) })),
    batchBytesMax,
  };
}

/** Returns the error that a case in the WIT stands for, with the code that other hosts give it. */
function faultOf(error: string, offset?: number): Error {
  const code = `ROUTER_${error.replaceAll("-", "_").toUpperCase()}`;
  return Object.assign(new Error(code), offset === undefined ? { code } : { code, ruleOffset: offset });
}

async function routed(worker: Worker, job: Job): Promise<Routed> {
  const answer = await worker(job);
  if ("fault" in answer) throw faultOf(answer.fault.error, answer.fault.offset);
  return answer;
}

function isOfBatches({ input }: Case): string | undefined {
  return "batches" in input ? "routes values, not batches" : undefined;
}

/** Returns where in each value its reason shows. An error that is an enum does not tell, so it is what packed values say, which are never null. */
function byteOffsetsOf(values: readonly (Uint8Array | null)[], { packed: { unroutable } }: Routed): readonly number[] {
  let position = 0;
  return values.map((value) => {
    const at = value === null ? -1 : position++;
    return unroutable.find((one) => one.position === at)?.byteOffset ?? 0;
  });
}

function single(name: string, worker: Worker): Target {
  return {
    name,
    skip: isOfBatches,
    routeValues: async (rule, values): Promise<RoutedValues> => {
      const answer = await routed(worker, jobOf(rule, values));
      const { names, decisions } = answer;
      const byteOffsets = byteOffsetsOf(values, answer);
      const refused = decisions.flatMap((one, index) =>
        "reason" in one ? [{ index, reason: one.reason, byteOffset: byteOffsets[index] ?? 0 }] : [],
      );
      return {
        outputs: names.map((output, index) => ({
          name: output,
          values: decisions.flatMap((one) => ("output" in one && one.output === index ? [Buffer.from(one.value, "base64")] : [])),
        })),
        unroutable: refused.filter(({ reason }) => reason !== "tombstone"),
        tombstones: refused.filter(({ reason }) => reason === "tombstone").length,
      };
    },
  };
}

function packed(name: string, worker: Worker): Target {
  return {
    name,
    skip: (one) =>
      isOfBatches(one) ?? ("values" in one.input && one.input.values.includes(null) ? "packed values are never null" : undefined),
    routeValues: async (rule, values): Promise<RoutedValues> => {
      const { names, packed: answer } = await routed(worker, jobOf(rule, values));
      return {
        outputs: names.map((output, index) => {
          const [text, ends] = answer.outputs[index] ?? ["", []];
          const bytes = Buffer.from(text, "base64");
          return { name: output, values: ends.map((end, value) => bytes.subarray(ends[value - 1] ?? 0, end)) };
        }),
        unroutable: answer.unroutable.map(({ position, reason, byteOffset }) => ({ index: position, reason, byteOffset })),
        tombstones: 0,
      };
    },
  };
}

async function routeBatches(worker: Worker, rule: string, batches: readonly InputBatch[]): Promise<RoutedBatches> {
  const { names, batches: answers } = await routed(worker, jobOf(rule, [], batches));
  const calls = answers.flatMap((list, index) =>
    list.map((call) => {
      if ("error" in call) throw faultOf(call.error);
      return { ...call, unroutable: withOffsets(call.unroutable, batches[index]) };
    }),
  );
  const finished = calls.flatMap(({ outputs }) =>
    outputs.map(({ output, bytes }) => ({ output, batch: decodeBatch(Buffer.from(bytes, "base64")) })),
  );
  return {
    outputs: names.map((name, index) => ({
      name,
      records: finished
        .filter(({ output }) => output === index)
        .flatMap(({ batch }) => batch.records.map((record) => ({ ...record, time: timeOf(batch, record) }))),
    })),
    unroutable: calls.flatMap(({ unroutable }) => unroutable),
    tombstones: calls.reduce((sum, { tombstones }) => sum + tombstones, 0),
    nextOffset: BigInt(calls.at(-1)?.nextOffset ?? 0),
  };
}

function withOffsets(unroutable: readonly Unroutable[], batch: InputBatch | undefined): RoutedBatches["unroutable"] {
  if (unroutable.length === 0 || batch === undefined) return [];
  const baseOffset = new DataView(batch.bytes.buffer, batch.bytes.byteOffset).getBigInt64(0);
  return unroutable.map(({ position, reason, byteOffset }) => ({ offset: baseOffset + BigInt(position), reason, byteOffset }));
}

/** RecordBatches; values are made into one. */
function recordBatch(name: string, worker: Worker): Target {
  return {
    name,
    routeBatches: (rule, batches) => routeBatches(worker, rule, batches),
    routeValues: async (rule, values) => {
      const bytes = encodeBatch(batchOf(values.map((value) => ({ value }))));
      const { outputs, unroutable, tombstones } = await routeBatches(worker, rule, [{ bytes, fetchOffset: 0n }]);
      return {
        outputs: outputs.map((output) => ({
          name: output.name,
          values: output.records.flatMap(({ value }) => (value === null ? [] : [value])),
        })),
        unroutable: unroutable.map(({ offset, reason, byteOffset }) => ({ index: Number(offset), reason, byteOffset })),
        tombstones,
      };
    },
  };
}

/** Returns each way into a component as a target; `missing` is why there is no such component on this machine, or null. */
export function targetsOf(name: string, worker: Worker, missing: string | null = null): readonly Target[] {
  const targets = [single(`${name} single`, worker), packed(`${name} packed`, worker), recordBatch(`${name} RecordBatch`, worker)];
  return missing === null ? targets : targets.map((target) => Object.assign(target, { skip: () => missing }));
}
