// The inline transform of Redpanda: the broker starts it once on each core, and it never returns. It holds one record at a time, in one buffer.
import { checkAbiVersion2, readBatchHeader, readNextRecord } from "./abi.ts";
import { growMemory } from "./environment.ts";
import { ROOM_BEHIND_RECORD, timestampHeaderLength } from "./headers.ts";
import { fail } from "./log.ts";
import { RECORD, RECORD_OFFSET, RECORD_TIMESTAMP } from "./record.ts";
import { ROOM_BEFORE_RECORD, routeRecord } from "./route.ts";
import { readSettings } from "./settings.ts";
import { Text } from "./texts.ts";

/** Where the broker writes a batch's header; only the count of records is of use here. */
const BATCH: usize = memory.data(64, 8);
const RECORD_COUNT: usize = 8;

/** Routes batches as they come. */
export function _start(): void {
  checkAbiVersion2();
  const record = readSettings() + ROOM_BEFORE_RECORD;
  for (;;) {
    const largest = readBatchHeader(
      BATCH,
      BATCH + RECORD_COUNT,
      BATCH + 12,
      BATCH + 16,
      BATCH + 20,
      BATCH + 24,
      BATCH + 32,
      BATCH + 40,
      BATCH + 48,
      BATCH + 52,
    );
    if (largest < 0) fail(Text.Broker);
    growMemory(record + largest + timestampHeaderLength + ROOM_BEHIND_RECORD);
    for (let left = load<i32>(BATCH, RECORD_COUNT); left > 0; left--) {
      const length = readNextRecord(RECORD, RECORD + RECORD_TIMESTAMP, RECORD + RECORD_OFFSET, record, largest);
      if (length < 0) fail(Text.Broker);
      routeRecord(record, record + length);
    }
  }
}
