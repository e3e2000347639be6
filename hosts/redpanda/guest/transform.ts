import { checkAbiVersion2, readBatchHeader, readNextRecord } from "./abi.ts";
import { growMemory } from "./environment.ts";
import { ROOM_BEHIND_RECORD, timestampHeaderLength } from "./headers.ts";
import { fail } from "./log.ts";
import { RECORD, RECORD_OFFSET, RECORD_TIMESTAMP } from "./record.ts";
import { ROOM_BEFORE_RECORD, routeRecord } from "./route.ts";
import { Rule } from "./rule.ts";
import { readSettings } from "./settings.ts";
import { Text } from "./texts.ts";

/** Where the broker writes a batch's header, of which nothing is of use here. */
const BATCH: usize = memory.data(64, 8);

/** Routes batches as they come, and never returns. There is one record at a time, in one buffer. */
export function transform<R extends Rule>(): void {
  checkAbiVersion2();
  const record = readSettings<R>() + ROOM_BEFORE_RECORD;
  for (;;) {
    const largest = readBatchHeader(
      BATCH,
      BATCH + 8,
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
    // To the end that the broker knows: the count in the header is the producer's, and nobody has compared it.
    for (;;) {
      const length = readNextRecord(RECORD, RECORD + RECORD_TIMESTAMP, RECORD + RECORD_OFFSET, record, largest);
      if (length < 0) {
        if (length !== -1) fail(Text.Broker);
        break;
      }
      routeRecord<R>(record, record + length);
    }
  }
}
