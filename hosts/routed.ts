/** What a router makes of values and RecordBatches, and the shapes that it takes them in. */

/** Why a value goes to no output. */
export type Reason =
  "tombstone" | "empty" | "not-a-digit" | "not-a-timestamp" | "no-such-time" | "no-field" | "not-in-table" | "no-timestamp";

/** Why a value goes to no output, and where in it that shows: at its last byte when that is no digit, where it stops being a timestamp, or else at 0. */
export interface Refusal {
  readonly reason: Reason;
  readonly byteOffset: number;
}

/** A record that goes to no output. */
export interface RefusedRecord extends Refusal {
  readonly offsetDelta: number;
  /** Where in the bytes given to `routeRecordBatch` the record begins, at the varint of its length. */
  readonly recordOffset: number;
}

/** Where one value goes, with its output bytes (a copy), or why it goes nowhere. */
export type Decision = { readonly output: string; readonly value: Uint8Array } | Refusal;

/** Values of one output, end to end: value i is `bytes` from `ends[i - 1]` (0 for the first) to `ends[i]`. */
export interface PackedValues {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** What `routeValues` made of its values. Views of the core's memory: valid until the next call on the same router. */
export interface RoutedValues {
  /** One for each of `Router.outputs`. */
  readonly outputs: readonly PackedValues[];
  readonly unroutable: readonly (Refusal & { readonly index: number })[];
}

/** What `routeRecordBatch` made of one batch. */
export interface RoutedBatch {
  /** True when the outputs have no room for the rest: finish and empty them, and route the same batch again from `nextOffset` on. */
  readonly full: boolean;
  /** Where to go on: behind the batch, or at the first record not taken. */
  readonly nextOffset: bigint;
  readonly tombstones: number;
  readonly unroutable: readonly RefusedRecord[];
}

/** A finished RecordBatch of one output. A view: valid until the next call on the same router. */
export interface OutputBatch {
  /** Index in `Router.outputs`. */
  readonly output: number;
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

/** A producer's mark in a RecordBatch header. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
}
