/**
 * The RecordBatch lane: kafkajs keeps its sockets, metadata, groups and retries, and loses the codecs of two messages. A Fetch response hands
 * out whole RecordBatches, a Produce request takes finished ones; see the two codec files. Of each fetch the lane keeps how far the partition
 * is read and where its log ends, for kafkajs tells nobody of a fetch that brought nothing. What it changes of groups and transactions is in
 * `group-lane.ts`.
 */
import type { ProducerStamp } from "../../routed.ts";
import type { PartitionProgress } from "../binder.ts";
import { decodeFetchResponse } from "./fetch-codec.ts";
import { fetchInOneAssignment, forgetWithAssignment, joinOnceAtATime, seekInOneAssignment } from "./assignments.ts";
import { rememberCoordinators } from "./coordinators.ts";
import { noteFetched, releaseHandled, type FetchedMessages } from "./fetched-memory.ts";
import { hasRevoking, installGroupLane, waitWhileBusy } from "./group-lane.ts";
import {
  asEncoder,
  change,
  connectionCalls,
  consumerCalls,
  coordinatorCalls,
  protocolTable,
  queueCalls,
  type ProtocolApi,
} from "./kafkajs.ts";
import { lookForWaitingOnly } from "./request-queue.ts";
import { BatchToProduce, carriesBatches, encodeProduceRequest, type ProduceOptions } from "./produce-codec.ts";
import { takeWholeResponses } from "./whole-responses.ts";

/** The Fetch versions whose responses carry RecordBatches and whose layout the codec knows; kafkajs speaks none above. */
const FETCH_VERSION_MIN = 4;
const PRODUCE_VERSION_MIN = 3;
/** A large batch on a slow line takes its time, and each attempt more of them would take the line from the others. */
const PRODUCE_TIMEOUT_MS = 30_000;

/** Writes a producer into the header of a RecordBatch, in place, and mends the CRC that is in it. */
export type StampProducer = (header: Uint8Array, stamp: ProducerStamp) => void;

const replaced = new WeakSet<ProtocolApi>();
const progress = new Map<string, PartitionProgress>();

/** Returns how far this thread is in each partition that it has fetched, as of its last fetch. */
export function fetchProgress(): readonly PartitionProgress[] {
  return [...progress.values()];
}

/**
 * Changes kafkajs, for the whole thread: from then on every consumer of this thread is handed RecordBatches, while producers are free to
 * send batches or messages. Does nothing when it has been done before.
 */
export function installLane(stampProducer: StampProducer): void {
  const table = protocolTable();
  const { Fetch, Produce } = table;
  if (replaced.has(Fetch)) return;
  replaced.add(Fetch);
  installGroupLane(table);
  const calls = coordinatorCalls();
  waitWhileBusy(calls);
  const { fetches, groups, clusters } = consumerCalls();
  joinOnceAtATime(groups, hasRevoking);
  fetchInOneAssignment(fetches);
  seekInOneAssignment(groups);
  releaseHandled(fetches);
  forgetWithAssignment(clusters);
  rememberCoordinators(clusters, calls);
  lookForWaitingOnly(queueCalls());
  takeWholeResponses(connectionCalls());
  change(Fetch, (call, version, options) => {
    if (version < FETCH_VERSION_MIN) return call;
    const decode = async (raw: Buffer): Promise<unknown> => {
      const answer = decodeFetchResponse(raw, version);
      noteProgress(options as FetchOptions, answer as FetchAnswer);
      noteFetched(answer as FetchedMessages, raw);
      return Promise.resolve(answer);
    };
    return { ...call, response: { ...call.response, decode } };
  });
  change(Produce, (call, version, options) => {
    const produce = options as ProduceOptions;
    // A transaction has no time for that.
    const patient = produce.transactionalId ? call : { ...call, requestTimeout: PRODUCE_TIMEOUT_MS };
    if (version < PRODUCE_VERSION_MIN || !carriesBatches(produce)) return patient;
    return {
      ...patient,
      response: { ...call.response, parse: async (decoded) => noteRefusal(produce, call.response.parse(decoded)) },
      request: { ...call.request, encode: async () => Promise.resolve(asEncoder(...encodeProduceRequest(produce, stampProducer))) },
    };
  });
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
