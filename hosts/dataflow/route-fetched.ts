/** From fetched RecordBatches to output RecordBatches: no input or output, and no waiting. */
import { RouterError } from "../router-error.ts";
import type { Router } from "../embed.ts";
import type { Refusal, RoutedBatch } from "../routed.ts";
import type { FetchedBatch, FetchedBatches } from "./binder.ts";
import { CodecError, codecName } from "./codecs.ts";
import { inflateBatch } from "./compressed-batch.ts";
import { DeadLetters, type DeadLetterBatch } from "./dead-letters.ts";
import { AppError, describeError } from "./errors.ts";

/** A stretch of one partition, routed: everything from where the one before ended to `nextOffset`. */
export interface RoutedStretch {
  readonly nextOffset: bigint;
  readonly batches: readonly { readonly output: number; readonly bytes: Uint8Array; readonly recordCount: number }[];
  readonly tombstones: number;
  readonly unroutable: readonly (Refusal & { readonly offset: bigint })[];
  /** All of `unroutable` as dead letters, if they are wanted. */
  readonly deadLetters: readonly DeadLetterBatch[];
  /** Time that the core took for it. */
  readonly coreMs: number;
}

/** A RecordBatch that does not make sense. It is fetched again; `place` tells whether it is the same one once more. */
export class CorruptBatchError extends AppError {
  readonly place: string;

  constructor(place: string, cause: unknown) {
    super("BATCH_CORRUPT", true, `the RecordBatch at ${place} is corrupt: ${describeError(cause)}`, cause);
    this.place = place;
  }
}

/** Most bytes that one batch may inflate to: a guard against a batch made to fill the memory, far above what producers send. */
const INFLATED_BYTES_MAX = 128 << 20;

/** Unroutable records that one stretch may list: small batches can inflate to very many. */
const UNROUTABLE_MAX = 65_536;

// RecordBatch fields that this file reads or writes; the core's batch layout has them all.
const HEADER_BYTES = 61;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const CODEC_MASK = 0x07;

/** How a stretch is made. */
export interface RouteOptions {
  /** The clock of dead letters; null, as without it, when none are wanted. */
  readonly deadLetterTime?: (() => number) | null;
  /** Copies an output's bytes out of the core's memory. */
  readonly copy?: (bytes: Uint8Array) => Uint8Array;
}

/**
 * Routes what one fetch brought for one partition. Yields a stretch whenever an output or the dead letters are full, and one at the end; the
 * output bytes are copies that `options.copy` makes. Between two yields the router is the caller's to use for other partitions.
 *
 * @param router the core with the rule; while this runs towards the next yield nobody else may use it
 * @param checker another instance, for CRCs: the first one's memory holds the outputs in the making
 */
export function* routeFetched(
  router: Router,
  checker: Router,
  fetched: FetchedBatches,
  bytesMax: number,
  { deadLetterTime = null, copy = (bytes) => Buffer.from(bytes) }: RouteOptions = {},
): Generator<RoutedStretch> {
  const { topic, partition } = fetched;
  const crc32c = (bytes: Uint8Array): number => checker.crc32c(bytes);
  const letters = deadLetterTime === null ? null : new DeadLetters({ topic, partition, bytesMax, now: deadLetterTime, crc32c });
  let tombstones = 0;
  let unroutable: (Refusal & { offset: bigint })[] = [];
  let coreMs = 0;
  const finish = (nextOffset: bigint): RoutedStretch => {
    const startMs = performance.now();
    const batches = router.finishBatches().map(({ output, bytes, recordCount }) => ({ output, bytes: copy(bytes), recordCount }));
    coreMs += performance.now() - startMs;
    const stretch = { nextOffset, batches, tombstones, unroutable, deadLetters: letters?.take() ?? [], coreMs };
    tombstones = 0;
    coreMs = 0;
    unroutable = [];
    return stretch;
  };
  router.openBatches(bytesMax);
  for (const batch of fetched.batches) {
    const plain = plainBatch(checker, fetched, batch);
    if (plain === null) continue;
    let { crcVerified } = plain;
    const base = baseOffsetOf(fetched, batch);
    let from = base > fetched.fetchOffset ? base : fetched.fetchOffset;
    for (;;) {
      const startMs = performance.now();
      const routed = routeOne(router, fetched, batch, plain.bytes, from, crcVerified);
      coreMs += performance.now() - startMs;
      tombstones += routed.tombstones;
      for (const { offsetDelta, reason, byteOffset } of routed.unroutable) {
        unroutable.push({ offset: base + BigInt(offsetDelta), reason, byteOffset });
      }
      letters?.add(plain.bytes, base, routed.unroutable);
      // Only a batch of which something was taken has been looked at: one that found no room was not.
      crcVerified ||= routed.nextOffset > from;
      from = routed.nextOffset;
      if (!routed.full && unroutable.length < UNROUTABLE_MAX && (letters === null || letters.length < bytesMax)) break;
      yield finish(from);
      router.openBatches(bytesMax);
      if (!routed.full) break;
    }
  }
  yield finish(fetched.nextOffset);
}

function routeOne(
  router: Router,
  fetched: FetchedBatches,
  batch: FetchedBatch,
  bytes: Uint8Array,
  from: bigint,
  crcVerified: boolean,
): RoutedBatch {
  try {
    return router.routeRecordBatch(bytes, from, crcVerified);
  } catch (error) {
    if (error instanceof RouterError && /^ROUTER_(?:BATCH|RECORD)_/.test(error.code))
      throw new CorruptBatchError(placeOf(fetched, batch), error);
    throw error;
  }
}

/**
 * Returns a batch as the core takes it, or null for one that carries nothing to route. A compressed batch has its CRC over the compressed
 * form, so it is checked here, and so is that of a batch left out: the bits that say so are themselves under the CRC.
 */
function plainBatch(checker: Router, fetched: FetchedBatches, batch: FetchedBatch): { bytes: Uint8Array; crcVerified: boolean } | null {
  const { bytes, visible } = batch;
  // Too short or of another magic: the core says what is wrong.
  if (bytes.length < HEADER_BYTES || bytes[MAGIC] !== 2) return { bytes, crcVerified: false };
  const codec = viewOf(bytes).getInt16(ATTRIBUTES) & CODEC_MASK;
  if (visible && codec === 0) return { bytes, crcVerified: false };
  if (checker.crc32c(bytes.subarray(ATTRIBUTES)) !== viewOf(bytes).getUint32(CRC)) {
    throw new CorruptBatchError(placeOf(fetched, batch), new RouterError("BatchCrc", null));
  }
  if (!visible) return null;
  try {
    return { bytes: inflateBatch(bytes, INFLATED_BYTES_MAX), crcVerified: true };
  } catch (error) {
    const place = placeOf(fetched, batch);
    if (!(error instanceof CodecError)) throw new CorruptBatchError(place, error);
    throw new AppError("CODEC_UNSUPPORTED", false, `can't read the RecordBatch at ${place} (${codecName(codec)}): ${error.message}`, error);
  }
}

function placeOf(fetched: FetchedBatches, batch: FetchedBatch): string {
  return `${fetched.topic}-${fetched.partition} offset ${baseOffsetOf(fetched, batch)}`;
}

function baseOffsetOf(fetched: FetchedBatches, { bytes }: FetchedBatch): bigint {
  return bytes.length < 8 ? fetched.fetchOffset : viewOf(bytes).getBigInt64(0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
