/**
 * The RecordBatch lane: kafkajs keeps its sockets, metadata, groups and retries, and loses the codecs of two messages. A Fetch response hands
 * out whole RecordBatches, a Produce request takes finished ones; see the two codec files. Of what it says to the group's coordinator, the lane
 * learns the generation, and shortens the wait for an answer.
 */
import type { ProducerStamp } from "../../embed.ts";
import { decodeFetchResponse } from "./fetch-codec.ts";
import { protocolTable, type ProtocolApi, type ProtocolRequest } from "./kafkajs.ts";
import { carriesBatches, encodeProduceRequest, type ProduceOptions } from "./produce-codec.ts";

/** The Fetch versions whose responses carry RecordBatches and whose layout the codec knows; kafkajs speaks none above. */
const FETCH_VERSION_MIN = 4;
const PRODUCE_VERSION_MIN = 3;
/** A coordinator that takes longer hangs: the group has another one soon, and a member has to find it before its session is over. */
const HEARTBEAT_TIMEOUT_MS = 5000;
/** A commit waits for replicas, and the coordinator gives up on them after 5 s (`offsets.commit.timeout.ms`). */
const COMMIT_TIMEOUT_MS = 10_000;
/** Members whose generation is remembered; a process has few. */
const MEMBERS_MAX = 100;

export type StampProducer = (batch: Uint8Array, stamp: ProducerStamp) => void;

const replaced = new WeakSet<ProtocolApi>();
const generations = new Map<string, number>();

/** Returns the generation of its group that a member of this process joined last, or null for one that is not known. */
export function generationOf(memberId: string): number | null {
  return generations.get(memberId) ?? null;
}

/**
 * Replaces the two codecs in kafkajs, for the whole process: from then on every consumer of this process is handed RecordBatches, while
 * producers are free to send batches or messages. Does nothing when it has been done before.
 */
export function installLane(stampProducer: StampProducer): void {
  const { Fetch, Heartbeat, JoinGroup, OffsetCommit, Produce } = protocolTable();
  if (replaced.has(Fetch)) return;
  replaced.add(Fetch);
  change(Fetch, (call, version) => {
    if (version < FETCH_VERSION_MIN) return call;
    return { ...call, response: { ...call.response, decode: async (raw) => Promise.resolve(decodeFetchResponse(raw, version)) } };
  });
  change(Produce, (call, version, options) => {
    const produce = options as ProduceOptions;
    if (version < PRODUCE_VERSION_MIN || !carriesBatches(produce)) return call;
    return {
      ...call,
      request: { ...call.request, encode: async () => Promise.resolve(asEncoder(encodeProduceRequest(produce, stampProducer))) },
    };
  });
  change(Heartbeat, (call) => ({ ...call, requestTimeout: HEARTBEAT_TIMEOUT_MS }));
  change(OffsetCommit, (call) => ({ ...call, requestTimeout: COMMIT_TIMEOUT_MS }));
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
