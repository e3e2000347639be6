import { HEADER_BYTES, RECORD_BYTES_MIN, RECORD_COUNT } from "../../../core/batch-layout.ts";
import { ARENA_BYTES_MAX, PREFIX_BYTES_MAX } from "../../../core/limits.ts";
import { ARENA, COUNT, FINISHED_LENGTH, outputStruct } from "../../../core/memory.ts";
import { finishOutputBatches, openOutputBatches } from "../../../core/output-batch.ts";
import { nextOffsetOfBatch, routeBatch, tombstonesOfBatch } from "../../../core/record-batch.ts";
import { outputsOfRule } from "../../../core/rule-values.ts";
import { Status } from "../../../core/status.ts";
import { layOut } from "./arena.ts";
import { RESULT, failWith, writeList, writeUnroutable } from "./results.ts";
import { runRouter } from "./routers.ts";

// The call for RecordBatches. It opens and finishes the outputs itself, so that nothing is held between two calls.

/** Cases of `batch-error` in the WIT: first the statuses from `Status.BatchTruncated` on. */
enum BatchError {
  BatchTruncated,
  OutOfRange = 10,
  OutOfMemory,
}

/** Errors stand that far behind the tag. */
const ERROR: usize = 8;

/** One `output-batch` an output that has records, `OUTPUTS_MAX` at most: u32 output, u32 bytes, u32 bytesLength, u32 recordCount. */
const BATCHES: usize = memory.data(128, 4);
const BATCH_SHIFT: usize = 4;

/**
 * By how many bytes a record grows at most: by a prefix, and by a byte each for the lengths of value and record. Its offset delta never grows,
 * and its timestamp delta is as it was, or 0.
 */
const GROWTH_BYTES_MAX: u32 = PREFIX_BYTES_MAX + 2;

/**
 * `router.route-record-batch`. The result:
 *
 *      0 u8 tag
 *      8 u32 outputs, u32 outputsLength, u32 unroutable, u32 unroutableLength, u32 tombstones, u8 full; or u8 error
 *     32 i64 nextOffset
 */
export function routeRecordBatch(router: usize, batch: usize, length: u32, fetchOffset: i64, batchBytesMax: u32, crcVerified: u32): usize {
  runRouter(router);
  if (length > ARENA_BYTES_MAX) return failWith(BatchError.OutOfRange, ERROR);
  const records = recordsAtMost(batch, length);
  const bytesAtMost = min(<u64>length + <u64>records * GROWTH_BYTES_MAX, ARENA_BYTES_MAX);
  const bytesMax = <u32>min(<u64>batchBytesMax, bytesAtMost);
  if (layOut(batch, length, max(bytesMax, length + 512), records) !== Status.Ok) return failWith(BatchError.OutOfMemory, ERROR);
  openOutputBatches(bytesMax);
  const status = routeBatch(0, length, fetchOffset, crcVerified);
  if (status > Status.Full) return failWith(status - Status.BatchTruncated, ERROR);
  finishOutputBatches();
  store<u8>(RESULT, 0);
  writeList(RESULT + 8, BATCHES, writeBatches());
  writeUnroutable(RESULT + 16);
  store<u32>(RESULT, tombstonesOfBatch(), 24);
  store<u8>(RESULT, status === Status.Full ? 1 : 0, 28);
  store<i64>(RESULT, nextOffsetOfBatch(), 32);
  return RESULT;
}

/** Returns how many records a batch can have: as many as its header says, or as have room in it. */
function recordsAtMost(batch: usize, length: u32): u32 {
  if (length < HEADER_BYTES) return 0;
  return min(bswap(load<u32>(batch, RECORD_COUNT)), (length - HEADER_BYTES) / RECORD_BYTES_MIN);
}

/** Writes an element for each output that has a finished batch; returns how many. */
function writeBatches(): u32 {
  let count: u32 = 0;
  for (let output: u32 = 0; output < outputsOfRule(); output++) {
    const struct = outputStruct(output);
    if (load<u32>(struct, FINISHED_LENGTH) === 0) continue;
    const element = BATCHES + ((<usize>count) << BATCH_SHIFT);
    store<u32>(element, output);
    writeList(element + 4, <usize>load<u32>(struct, ARENA), load<u32>(struct, FINISHED_LENGTH));
    store<u32>(element, load<u32>(struct, COUNT), 12);
    count++;
  }
  return count;
}
