/** From what kafkajs hands to its consumer to the reader of batches. */
import { AppError } from "../errors.ts";
import type { KafkaMeters } from "../metrics/kafka-meters.ts";
import type { BatchReader } from "./batch-reader.ts";
import type { BatchMessage, OutOfRangeMessage } from "./fetch-codec.ts";
import type { EachBatchPayload } from "./kafkajs.ts";
import type { Membership } from "./membership.ts";

/**
 * Reads one fetch. Errors of the reader end the consumer: kafkajs would run the same batch again in the same session, where its first half may
 * be on its way already. Errors of the heartbeat are kafkajs's and pass through: it joins the group again or
 * only fetches again, from the offset that was resolved last.
 */
export async function readBatch(payload: EachBatchPayload, { reader, membership, failure, meters }: ReadOptions): Promise<void> {
  const lost = membership.lost();
  if (lost !== null) throw lost;
  const { topic, partition, highWatermark, messages, fetchedOffset } = payload.batch as unknown as LaneBatch;
  meters.consumed(messages.filter(isBatch).map(({ bytes }) => bytes));
  const groupErrors = new Set<unknown>();
  const heartbeat = async (): Promise<void> => {
    try {
      await payload.heartbeat();
    } catch (error) {
      const groupError = membership.failed(error);
      groupErrors.add(groupError);
      throw groupError;
    }
  };
  try {
    await reader.read({
      topic,
      partition,
      fetchOffset: BigInt(fetchedOffset),
      highWatermark: BigInt(highWatermark),
      batches: messages.every(isBatch) ? messages : null,
      heartbeat,
      moveTo: (nextOffset) => {
        payload.resolveOffset((nextOffset - 1n).toString());
      },
    });
  } catch (error) {
    if (groupErrors.has(error)) throw error;
    failure.error ??= error;
    throw new AppError("BINDER_CLOSED", false, "the handler of fetched batches has failed", error);
  }
}

/** What a fetch is read with. */
export interface ReadOptions {
  readonly reader: BatchReader;
  readonly membership: Membership;
  /** Where an error of the reader is kept. */
  readonly failure: { error: unknown };
  readonly meters: KafkaMeters;
}

/** What kafkajs takes for a batch of messages. */
interface LaneBatch {
  readonly topic: string;
  readonly partition: number;
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  readonly messages: readonly (BatchMessage | OutOfRangeMessage)[];
}

function isBatch(message: BatchMessage | OutOfRangeMessage): message is BatchMessage {
  return !("outOfRange" in message);
}
