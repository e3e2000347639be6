/** Lets consumer groups begin at the end of topics that hold records already. */
import { USUAL_READING, type BatchConsumer, type Binder } from "../dataflow/binder.ts";
import { SHORT_RETRY, createKafka } from "../dataflow/kafka/kafka-client.ts";
import type { Logger } from "../dataflow/log.ts";
import { openPatiently } from "./retry.ts";

/** A group and the one topic that it reads. */
export interface GroupAtEnd {
  readonly group: string;
  readonly topic: string;
}

export interface StartAtEndOptions {
  readonly binder: Binder;
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  readonly brokers: readonly string[];
  readonly groups: readonly GroupAtEnd[];
  readonly log: Logger;
  /** Ends the wait for the groups. */
  readonly stop: AbortSignal;
}

/**
 * Commits, for new groups, the offsets behind the last records of their topics; the answer removes the groups, once their members have left.
 *
 * A group that begins at "latest" would find out what that means only with its first fetch, and the records between its start and that fetch
 * would be lost on it.
 */
export async function startAtEnd(options: StartAtEndOptions): Promise<() => Promise<void>> {
  const { binder, groups, log, stop } = options;
  const admin = createKafka(options, SHORT_RETRY, log).admin();
  const commitEnd = async ({ group, topic }: GroupAtEnd): Promise<void> => {
    const ends = await admin.fetchTopicOffsets(topic);
    // Only a member may commit for its group. This one reads nothing: its handler is not interested.
    const join = async (): Promise<BatchConsumer> =>
      binder.openConsumer({ ...USUAL_READING, topics: [topic], group, startOffset: "latest" }, async () => Promise.resolve());
    const member = await openPatiently(join, stop);
    try {
      await member.commit(ends.map(({ partition, high }) => ({ topic, partition, offset: BigInt(high) })));
    } finally {
      await member.close();
    }
  };
  const remove = async (): Promise<void> => {
    try {
      await admin.deleteGroups(groups.map(({ group }) => group));
    } finally {
      await admin.disconnect();
    }
  };
  await admin.connect();
  try {
    await Promise.all(groups.map(commitEnd));
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
  return remove;
}
