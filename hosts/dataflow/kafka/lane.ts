/**
 * The RecordBatch lane: kafkajs keeps its sockets, metadata, groups and retries, and loses the codecs of two messages. A Fetch response hands
 * out whole RecordBatches, a Produce request takes finished ones; see the two codec files.
 */
import type { ProducerStamp } from "../../embed.ts";
import { decodeFetchResponse } from "./fetch-codec.ts";
import { protocolTable, type ProtocolApi } from "./kafkajs.ts";
import { carriesBatches, encodeProduceRequest, type ProduceOptions } from "./produce-codec.ts";

/** The Fetch versions whose responses carry RecordBatches and whose layout the codec knows; kafkajs speaks none above. */
const FETCH_VERSION_MIN = 4;
const PRODUCE_VERSION_MIN = 3;

export type StampProducer = (batch: Uint8Array, stamp: ProducerStamp) => void;

const replaced = new WeakSet<ProtocolApi>();

/**
 * Replaces the two codecs in kafkajs, for the whole process: from then on every consumer of this process is handed RecordBatches, while
 * producers are free to send batches or messages. Does nothing when it has been done before.
 */
export function installLane(stampProducer: StampProducer): void {
  const { Fetch, Produce } = protocolTable();
  if (replaced.has(Fetch)) return;
  replaced.add(Fetch);

  const fetchProtocol = Fetch.protocol;
  Fetch.protocol = ({ version }) => {
    const original = fetchProtocol({ version });
    if (version < FETCH_VERSION_MIN) return original;
    return (options) => {
      const call = original(options);
      return { ...call, response: { ...call.response, decode: async (raw) => Promise.resolve(decodeFetchResponse(raw, version)) } };
    };
  };

  const produceProtocol = Produce.protocol;
  Produce.protocol = ({ version }) => {
    const original = produceProtocol({ version });
    if (version < PRODUCE_VERSION_MIN) return original;
    return (options) => {
      const call = original(options);
      const produce: ProduceOptions = options;
      if (!carriesBatches(produce)) return call;
      return {
        ...call,
        request: { ...call.request, encode: async () => Promise.resolve(asEncoder(encodeProduceRequest(produce, stampProducer))) },
      };
    };
  };
}

/** kafkajs asks an encoder for its size and its buffer, under two names. */
function asEncoder(buffer: Buffer): { readonly buf: Buffer; readonly buffer: Buffer; size(): number } {
  return { buf: buffer, buffer, size: () => buffer.length };
}
