/**
 * The RecordBatch lane: kafkajs keeps its sockets, metadata, groups and retries, and loses the codecs of two messages. A Fetch response hands
 * out whole RecordBatches, a Produce request takes finished ones; see the two codec files. Of what the group's coordinator answers, the lane
 * learns the generation, and tells kafkajs where partitions begin that the group has committed nothing of. Of each fetch it keeps how far the
 * partition is read and where its log ends, for kafkajs tells nobody of a fetch that brought nothing.
 */
import type { ProducerStamp } from "../../routed.ts";
import type { PartitionProgress } from "../binder.ts";
import { decodeFetchResponse } from "./fetch-codec.ts";
import { protocolTable, type ProtocolApi, type ProtocolRequest } from "./kafkajs.ts";
import { BatchToProduce, carriesBatches, encodeProduceRequest, type ProduceOptions } from "./produce-codec.ts";

/** The Fetch versions whose responses carry RecordBatches and whose layout the codec knows; kafkajs speaks none above. */
const FETCH_VERSION_MIN = 4;
const PRODUCE_VERSION_MIN = 3;
/** A large batch on a slow line takes its time, and each attempt more of them would take the line from the others. */
const PRODUCE_TIMEOUT_MS = 30_000;
/** A member waits here for the leader of its group. */
const SYNC_TIMEOUT_MS = 30_000;
/** Members whose generation is remembered; a process has few. */
const MEMBERS_MAX = 100;

export type StampProducer = (batch: Uint8Array, stamp: ProducerStamp) => void;

const replaced = new WeakSet<ProtocolApi>();
const generations = new Map<string, number>();
const beginnings = new Map<string, BeginOf>();
const progress = new Map<string, PartitionProgress>();

/** Returns where a partition begins that its group has committed nothing of, or null to leave that to kafkajs. */
export type BeginOf = (topic: string, partition: number) => bigint | null;

/** Has kafkajs believe that a group has committed the offsets at which its partitions begin; null ends it. */
export function setBeginnings(group: string, begin: BeginOf | null): void {
  if (begin === null) beginnings.delete(group);
  else beginnings.set(group, begin);
}

/** Returns the generation of its group that a member of this process joined last, or null for one that is not known. */
export function generationOf(memberId: string): number | null {
  return generations.get(memberId) ?? null;
}

/** Returns how far this process is in each partition that it has fetched, as of its last fetch. */
export function fetchProgress(): readonly PartitionProgress[] {
  return [...progress.values()];
}

/**
 * Replaces the two codecs in kafkajs, for the whole process: from then on every consumer of this process is handed RecordBatches, while
 * producers are free to send batches or messages. Does nothing when it has been done before.
 */
export function installLane(stampProducer: StampProducer): void {
  const { Fetch, JoinGroup, OffsetFetch, Produce, SyncGroup } = protocolTable();
  if (replaced.has(Fetch)) return;
  replaced.add(Fetch);
  change(Fetch, (call, version, options) => {
    if (version < FETCH_VERSION_MIN) return call;
    const decode = async (raw: Buffer): Promise<unknown> => {
      const answer = decodeFetchResponse(raw, version);
      noteProgress(options as FetchOptions, answer as FetchAnswer);
      return Promise.resolve(answer);
    };
    return { ...call, response: { ...call.response, decode } };
  });
  change(Produce, (call, version, options) => {
    const produce = options as ProduceOptions;
    const patient = { ...call, requestTimeout: PRODUCE_TIMEOUT_MS };
    if (version < PRODUCE_VERSION_MIN || !carriesBatches(produce)) return patient;
    return {
      ...patient,
      response: { ...call.response, parse: async (decoded) => noteRefusal(produce, call.response.parse(decoded)) },
      request: { ...call.request, encode: async () => Promise.resolve(asEncoder(encodeProduceRequest(produce, stampProducer))) },
    };
  });
  change(SyncGroup, (call) => ({ ...call, requestTimeout: SYNC_TIMEOUT_MS }));
  change(OffsetFetch, (call, _version, options) => ({
    ...call,
    response: { ...call.response, parse: async (decoded) => fillUncommitted(options, await call.response.parse(decoded)) },
  }));
  change(JoinGroup, (call) => ({ ...call, response: { ...call.response, parse: async (decoded) => noteGeneration(call, decoded) } }));
}

/** Has every request of an API go through `to`. */
function change(api: ProtocolApi, to: (call: ProtocolRequest, version: number, options: unknown) => ProtocolRequest): void {
  const { protocol } = api;
  api.protocol = ({ version }) => {
    const original = protocol({ version });
    return (options) => to(original(options), version, options);
  };
}

/** What kafkajs knows of a Fetch request. */
interface FetchOptions {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

/** A Fetch answer as the codec has decoded it. */
interface FetchAnswer {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly highWatermark: string }[];
  }[];
}

function noteProgress({ topics }: FetchOptions, { responses }: FetchAnswer): void {
  for (const { topicName: topic, partitions } of responses) {
    for (const { partition, errorCode, highWatermark } of partitions) {
      const asked = topics.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition);
      if (asked === undefined || errorCode !== 0) continue;
      progress.set(`${topic}/${partition}`, { topic, partition, position: BigInt(asked.fetchOffset), endOffset: BigInt(highWatermark) });
    }
  }
}

/** Keeps with the batches why a broker did not take them, for kafkajs tells nobody when it tries again. */
async function noteRefusal({ topicData }: ProduceOptions, parsed: Promise<unknown>): Promise<unknown> {
  try {
    return await parsed;
  } catch (error) {
    for (const { partitions } of topicData) {
      for (const { messages } of partitions) if (messages instanceof BatchToProduce) messages.refusal = error;
    }
    throw error;
  }
}

/** An OffsetFetch answer as kafkajs has parsed it; nobody else has it yet. */
interface CommittedOffsets {
  readonly responses: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; offset: string }[] }[];
}

/** Puts the beginnings of the group in the place of -1, which means that nothing is committed. */
function fillUncommitted(options: unknown, answer: unknown): unknown {
  const begin = beginnings.get((options as { readonly groupId: string }).groupId);
  if (begin === undefined) return answer;
  for (const { topic, partitions } of (answer as CommittedOffsets).responses) {
    for (const entry of partitions) {
      const offset = BigInt(entry.offset) < 0n ? begin(topic, entry.partition) : null;
      if (offset !== null) entry.offset = offset.toString();
    }
  }
  return answer;
}

async function noteGeneration({ response }: ProtocolRequest, decoded: unknown): Promise<unknown> {
  const joined = (await response.parse(decoded)) as { readonly memberId: string; readonly generationId: number };
  if (generations.size >= MEMBERS_MAX) generations.clear();
  generations.set(joined.memberId, joined.generationId);
  return joined;
}

/** kafkajs asks an encoder for its size and its buffer, under two names. */
function asEncoder(buffer: Buffer): { readonly buf: Buffer; readonly buffer: Buffer; size(): number } {
  return { buf: buffer, buffer, size: () => buffer.length };
}
