/** Routers as targets of the conformance cases, by each of the ways into them. */
import type { Router } from "../../hosts/embed.ts";
import type { PackedValues } from "../../hosts/routed.ts";
import { batchOf, timeOf } from "../batches.ts";
import { joined } from "../bytes.ts";
import type { Case, InputBatch } from "../case-text.ts";
import type { RoutedBatches, RoutedValues, Target } from "../conformance.ts";
import type { RecordBatch } from "../record-batch.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";

const BATCH_BYTES_MAX = 1_000_000;
const VALUES_ONLY = "routes values, not batches";

function isOfBatches({ input }: { readonly input: object }): string | undefined {
  return "batches" in input ? VALUES_ONLY : undefined;
}

function routedValues(router: Router, values: readonly (readonly Uint8Array[])[], refused: RoutedValues["unroutable"]): RoutedValues {
  return {
    outputs: router.outputs.map((name, output) => ({ name, values: values[output] ?? [] })),
    unroutable: refused.filter(({ reason }) => reason !== "tombstone"),
    tombstones: refused.filter(({ reason }) => reason === "tombstone").length,
  };
}

type CreateRouter = (rule: string) => Router;

function splitValues(outputs: readonly PackedValues[]): readonly (readonly Uint8Array[])[] {
  return outputs.map(({ bytes, ends }) => Array.from(ends, (end, index) => bytes.slice(ends[index - 1] ?? 0, end)));
}

/** All values in one call. */
function list(name: string, createRouter: CreateRouter): Target {
  return {
    name,
    skip: isOfBatches,
    routeValues: (rule, values) => {
      const router = createRouter(rule);
      const { outputs, unroutable } = router.routeValues(values);
      return routedValues(router, splitValues(outputs), unroutable);
    },
  };
}

/** All values in one call, end to end. */
function packed(name: string, createRouter: CreateRouter): Target {
  return {
    name,
    skip: (one) => isOfBatches(one) ?? hasNull(one),
    routeValues: (rule, values) => {
      const router = createRouter(rule);
      const given = values.flatMap((value) => (value === null ? [] : [value]));
      const ends = Uint32Array.from(given, (_, index) => given.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0));
      const { outputs, unroutable } = router.routePackedValues({ bytes: joined(given), ends });
      return routedValues(router, splitValues(outputs), unroutable);
    },
  };
}

function hasNull({ input }: Case): string | undefined {
  return "values" in input && input.values.includes(null) ? "packed values are never null" : undefined;
}

/** A call for each value. */
function single(name: string, createRouter: CreateRouter): Target {
  return {
    name,
    skip: isOfBatches,
    routeValues: (rule, values) => {
      const router = createRouter(rule);
      const decisions = values.map((value) => router.route(value));
      const split = router.outputs.map((output) =>
        decisions.flatMap((one) => ("output" in one && one.output === output ? [one.value] : [])),
      );
      return routedValues(
        router,
        split,
        decisions.flatMap((one, index) => ("reason" in one ? [{ ...one, index }] : [])),
      );
    },
  };
}

function routeBatches(router: Router, batches: readonly InputBatch[]): RoutedBatches {
  const outputs: (readonly RecordBatch[])[] = router.outputs.map(() => []);
  const unroutable: RoutedBatches["unroutable"][number][] = [];
  let tombstones = 0;
  let nextOffset = 0n;
  const empty = (): void => {
    for (const { output, bytes } of router.finishBatches()) outputs[output] = [...(outputs[output] ?? []), decodeBatch(bytes)];
    router.openBatches(BATCH_BYTES_MAX);
  };
  router.openBatches(BATCH_BYTES_MAX);
  for (const { bytes, fetchOffset } of batches) {
    const { baseOffset } = { baseOffset: bytes.length < 8 ? 0n : new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0) };
    nextOffset = fetchOffset;
    for (let full = true; full;) {
      const taken = router.routeRecordBatch(bytes, nextOffset, false);
      unroutable.push(...taken.unroutable.map((one) => ({ ...one, offset: baseOffset + BigInt(one.offsetDelta) })));
      tombstones += taken.tombstones;
      ({ full, nextOffset } = taken);
      if (full) empty();
    }
  }
  empty();
  return {
    outputs: router.outputs.map((name, output) => ({
      name,
      records: (outputs[output] ?? []).flatMap((batch) => batch.records.map((record) => ({ ...record, time: timeOf(batch, record) }))),
    })),
    unroutable,
    tombstones,
    nextOffset,
  };
}

/** RecordBatches; values are made into one. */
function recordBatch(name: string, createRouter: CreateRouter): Target {
  return {
    name,
    routeBatches: (rule, batches) => routeBatches(createRouter(rule), batches),
    routeValues: (rule, values) => {
      const bytes = encodeBatch(batchOf(values.map((value) => ({ value }))));
      const { outputs, unroutable, tombstones } = routeBatches(createRouter(rule), [{ bytes, fetchOffset: 0n }]);
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

/** Returns each way into the routers of `createRouter` as a target. */
export function targetsOf(name: string, createRouter: CreateRouter): readonly Target[] {
  return [
    list(`${name} values`, createRouter),
    packed(`${name} packed`, createRouter),
    single(`${name} single`, createRouter),
    recordBatch(`${name} RecordBatch`, createRouter),
  ];
}
