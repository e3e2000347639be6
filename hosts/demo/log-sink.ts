import { USUAL_READING, type BatchConsumer, type Binder, type FetchedBatches } from "../dataflow/binder.ts";
import { decodeRecordBatch, type Crc32c, type ReadRecord } from "./record-batch.ts";

export interface LogSinkOptions {
  readonly binder: Binder;
  readonly topic: string;
  readonly group: string;
  readonly crc32c: Crc32c;
  /** Called for each record of the topic, once, in the order of each partition. */
  readonly onRecord: (record: ReadRecord) => void;
}

/** Opens a log sink: reads the topic from where the group stands, or else from its beginning. */
export async function openLogSink({ binder, topic, group, crc32c, onRecord }: LogSinkOptions): Promise<BatchConsumer> {
  // A group that assigns its partitions anew begins at the committed offset again. What has been read before must not look as if it were in
  // the topic twice, so the positions are kept here.
  const positions = new Map<number, bigint>();
  const read = (fetched: FetchedBatches): void => {
    const from = positions.get(fetched.partition) ?? fetched.fetchOffset;
    for (const { bytes, visible } of fetched.batches) {
      if (!visible) continue;
      for (const record of decodeRecordBatch(bytes, crc32c)) if (record.offset >= from) onRecord(record);
    }
    positions.set(fetched.partition, fetched.nextOffset > from ? fetched.nextOffset : from);
  };
  return binder.openConsumer({ ...USUAL_READING, topics: [topic], group, startOffset: "earliest" }, async (fetched, heartbeat) => {
    read(fetched);
    await heartbeat();
  });
}
