/**
 * The two messages about a group's positions that exactly once depends on, in versions that kafkajs does not speak. All in Kafka's flexible
 * encoding; what kafkajs writes in front of a request is a header of version 1, so each body begins with the tagged fields of version 2's.
 */
import type { GroupMember, Position } from "../binder.ts";
import { FlexibleReader, FlexibleWriter } from "./flexible.ts";

/** The first version of TxnOffsetCommit that names the member (KIP-447; Kafka 2.5). */
export const FENCED_COMMIT_VERSION = 3;
/** The first version of OffsetFetch that waits for transactions (KIP-447; Kafka 2.5). */
export const STABLE_FETCH_VERSION = 7;
const NO_LEADER_EPOCH = -1;

interface TopicOffsets {
  topic: string;
  partitions: { partition: number; offset: string }[];
}

const members = new WeakMap<readonly TopicOffsets[], GroupMember>();

/** Returns positions as kafkajs's transaction takes and passes them on; the member that commits them can be had by `memberOf` there. */
export function fencedOffsets(positions: readonly Position[], member: GroupMember): TopicOffsets[] {
  const topics = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, ofTopic]) => {
    return { topic, partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset: offset.toString() })) };
  });
  members.set(topics, member);
  return topics;
}

/** Returns the member that positions come from, or null for those of somebody else. */
export function memberOf(topics: readonly TopicOffsets[]): GroupMember | null {
  return members.get(topics) ?? null;
}

/** What kafkajs knows of a TxnOffsetCommit request. */
export interface TxnOffsetCommitOptions {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: { toString(): string };
  readonly producerEpoch: number;
  readonly topics: readonly TopicOffsets[];
}

/**
 * Encodes TxnOffsetCommit v3:
 *
 *     tags transactional_id group_id producer_id:i64 producer_epoch:i16 generation_id:i32 member_id group_instance_id [topics] tags
 *       topics => name [partitions] tags
 *         partitions => partition:i32 offset:i64 leader_epoch:i32 metadata tags
 */
export function encodeTxnOffsetCommit(options: TxnOffsetCommitOptions, { memberId, generation }: GroupMember): Buffer {
  const writer = new FlexibleWriter();
  writer.noTags().string(options.transactionalId).string(options.groupId);
  writer.int64(BigInt(options.producerId.toString())).int16(options.producerEpoch);
  writer.int32(generation).string(memberId).string(null);
  writer.array(options.topics, ({ topic, partitions }) => {
    writer.string(topic);
    writer.array(partitions, ({ partition, offset }) => {
      writer.int32(partition).int64(BigInt(offset)).int32(NO_LEADER_EPOCH).string(null).noTags();
    });
    writer.noTags();
  });
  return writer.noTags().bytes();
}

/**
 * Decodes the answer to TxnOffsetCommit v3 into what kafkajs makes of earlier ones:
 *
 *     tags throttle_time_ms:i32 [topics] tags
 *       topics => name [partitions] tags
 *         partitions => partition:i32 error_code:i16 tags
 */
export function decodeTxnOffsetCommit(raw: Buffer): unknown {
  const reader = new FlexibleReader(raw);
  reader.skipTags();
  const clientSideThrottleTime = reader.int32();
  const topics = reader.array(() => {
    const topic = reader.string();
    const partitions = reader.array(() => {
      const partition = { partition: reader.int32(), errorCode: reader.int16() };
      reader.skipTags();
      return partition;
    });
    reader.skipTags();
    return { topic, partitions };
  });
  return { throttleTime: 0, clientSideThrottleTime, topics };
}

/** What kafkajs knows of an OffsetFetch request. */
export interface OffsetFetchOptions {
  readonly groupId: string;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number }[] }[];
}

/**
 * Encodes OffsetFetch v7, which is answered with UNSTABLE_OFFSET_COMMIT for a partition of which a transaction that is still open has a position:
 *
 *     tags group_id [topics] require_stable:i8 tags
 *       topics => name [partition:i32] tags
 */
export function encodeOffsetFetch({ groupId, topics }: OffsetFetchOptions): Buffer {
  const writer = new FlexibleWriter();
  writer.noTags().string(groupId);
  writer.array(topics, ({ topic, partitions }) => {
    writer.string(topic);
    writer.array(partitions, ({ partition }) => writer.int32(partition));
    writer.noTags();
  });
  return writer.int8(1).noTags().bytes();
}

/**
 * Decodes the answer to OffsetFetch v7 into what kafkajs makes of earlier ones:
 *
 *     tags throttle_time_ms:i32 [topics] error_code:i16 tags
 *       topics => name [partitions] tags
 *         partitions => partition:i32 offset:i64 leader_epoch:i32 metadata error_code:i16 tags
 */
export function decodeOffsetFetch(raw: Buffer): unknown {
  const reader = new FlexibleReader(raw);
  reader.skipTags();
  const clientSideThrottleTime = reader.int32();
  const responses = reader.array(() => {
    const topic = reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      const offset = reader.int64().toString();
      reader.int32();
      const metadata = reader.string();
      const errorCode = reader.int16();
      reader.skipTags();
      return { partition, offset, metadata, errorCode };
    });
    reader.skipTags();
    return { topic, partitions };
  });
  return { throttleTime: 0, clientSideThrottleTime, responses, errorCode: reader.int16() };
}
