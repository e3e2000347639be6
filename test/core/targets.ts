/** The core as a target of the conformance cases, by each of the ways into it. */
import { Router } from "../../hosts/embed.ts";
import { batchOf, timeOf } from "../batches.ts";
import type { InputBatch } from "../case-text.ts";
import type { RoutedBatches, RoutedValues, Target } from "../conformance.ts";
import { coreModule } from "../core-module.ts";
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

/** All values in one call. */
const list: Target = {
  name: "core values",
  skip: isOfBatches,
  routeValues: (rule, values) => {
    const router = new Router(coreModule(), rule);
    const { outputs, unroutable } = router.routeValues(values);
    const split = outputs.map(({ bytes, ends }) => Array.from(ends, (end, index) => bytes.slice(ends[index - 1] ?? 0, end)));
    return routedValues(router, split, unroutable);
  },
};

/** A call for each value. */
const single: Target = {
  name: "core single",
  skip: isOfBatches,
  routeValues: (rule, values) => {
    const router = new Router(coreModule(), rule);
    const decisions = values.map((value) => router.route(value));
    const split = router.outputs.map((name) => decisions.flatMap((one) => ("output" in one && one.output === name ? [one.value] : [])));
    return routedValues(
      router,
      split,
      decisions.flatMap((one, index) => ("reason" in one ? [{ ...one, index }] : [])),
    );
  },
};

function routeBatches(rule: string, batches: readonly InputBatch[]): RoutedBatches {
  const router = new Router(coreModule(), rule);
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
const recordBatch: Target = {
  name: "core RecordBatch",
  routeBatches,
  routeValues: (rule, values) => {
    const bytes = encodeBatch(batchOf(values.map((value) => ({ value }))));
    const { outputs, unroutable, tombstones } = routeBatches(rule, [{ bytes, fetchOffset: 0n }]);
    return {
      outputs: outputs.map(({ name, records }) => ({ name, values: records.flatMap(({ value }) => (value === null ? [] : [value])) })),
      unroutable: unroutable.map(({ offset, reason, byteOffset }) => ({ index: Number(offset), reason, byteOffset })),
      tombstones,
    };
  },
};

export const CORE_TARGETS: readonly Target[] = [list, single, recordBatch];
