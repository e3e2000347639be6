/** What a broker could send: batches with faults, compressed ones with faults in or around what is compressed, and answers to requests. */
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { codecNumber, compress, type Codec } from "../../hosts/dataflow/codecs.ts";
import { batch } from "../arbitraries.ts";
import { joined } from "../bytes.ts";
import golden from "../golden/offsets.json" with { type: "json" };
import { hostileBatch } from "../hostile-batches.ts";
import { encodeFetchResponse, markerBatch } from "../hosts/dataflow/fetch-response.ts";
import { ATTRIBUTES_AT, encodeBatch, HEADER_BYTES, mendCrc, TRANSACTIONAL } from "../record-batch.ts";
import type { Random } from "../simulation/random.ts";
import { seedOf } from "./finding.ts";
import { damaged, randomBytes } from "./mutate.ts";

/** A batch, and how it was made. */
export interface HostileBatch {
  readonly kind: string;
  readonly bytes: Uint8Array;
}

const CODECS: readonly [Codec, ...Codec[]] = ["gzip", "snappy", "lz4", "zstd"];
/** One bomb a round is enough: each takes a second or so. */
const BOMB_CHANCE = 0.1;

/** Returns batches of all kinds. */
export async function hostileBatches(random: Random, count: number): Promise<readonly HostileBatch[]> {
  const sample = <Value>(arbitrary: fc.Arbitrary<Value>): readonly Value[] =>
    fc.sample(arbitrary, { numRuns: Math.ceil(count / 3), seed: seedOf(random) });
  const lying = sample(hostileBatch).map((bytes): HostileBatch => ({ kind: "lying", bytes }));
  const batches = sample(batch).map((one) => encodeBatch(one));
  const broken = batches.map((bytes): HostileBatch => ({ kind: "damaged", bytes: damaged(bytes, random) }));
  const compressed: HostileBatch[] = [];
  for (const bytes of batches) compressed.push(await compressedBatch(bytes, random));
  const bombs = random.chance(BOMB_CHANCE) ? [await bomb(random.pick(CODECS), random)] : [];
  return [...lying, ...broken, ...compressed, ...bombs];
}

/** A batch of which the records are compressed, where mostly something is wrong before it, in it, or with what is said of it. */
async function compressedBatch(sound: Uint8Array, random: Random): Promise<HostileBatch> {
  const codec = random.pick(CODECS);
  const records = sound.subarray(HEADER_BYTES);
  const meant = random.chance(0.3) ? damaged(records, random) : records;
  // There is nothing that the app would compress without a byte.
  const packed = meant.length === 0 ? meant : await compress(codec, meant);
  const other = random.chance(0.1) ? random.between(0, 7) : codecNumber(codec);
  const bytes = withRecords(sound, random.chance(0.5) ? damaged(packed, random) : packed, other);
  return { kind: codec, bytes: random.chance(0.1) ? damaged(bytes, random) : bytes };
}

/** A batch that is small and would inflate to very much. */
async function bomb(codec: Codec, random: Random): Promise<HostileBatch> {
  const header = encodeBatch({ ...fc.sample(batch, { numRuns: 1, seed: seedOf(random) })[0], records: [] } as never);
  const zeros = Buffer.alloc(random.pick([16, 140]) << 20);
  const packed = codec === "gzip" ? gzipSync(zeros, { level: 1 }) : await compress(codec, zeros);
  return { kind: `bomb of ${codec}`, bytes: withRecords(header, packed, codecNumber(codec)) };
}

/** Returns a batch with other records, sound as far as length and CRC are concerned. */
function withRecords(header: Uint8Array, records: Uint8Array, codec: number): Uint8Array {
  const bytes = Buffer.concat([header.subarray(0, HEADER_BYTES), records]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt16BE((bytes.readInt16BE(ATTRIBUTES_AT) & ~0x27) | codec, ATTRIBUTES_AT);
  mendCrc(bytes);
  return bytes;
}

/** The requests whose answers the app reads by itself. */
export type AnswerKind = "Fetch" | "OffsetFetch" | "TxnOffsetCommit";

/** Returns an answer that is damaged, random, or neither. */
export function answer(random: Random): { readonly kind: AnswerKind; readonly version: number; readonly bytes: Buffer } {
  const kind = random.pick<AnswerKind>(["Fetch", "Fetch", "OffsetFetch", "TxnOffsetCommit"]);
  const version = random.between(4, 11);
  const sound = soundAnswer(kind, version, random);
  const way = random.next();
  return { kind, version, bytes: way < 0.1 ? sound : way < 0.8 ? damaged(sound, random) : randomBytes(random, 120) };
}

function soundAnswer(kind: AnswerKind, version: number, random: Random): Buffer {
  if (kind === "OffsetFetch") return Buffer.from(golden.fetched, "base64");
  if (kind === "TxnOffsetCommit") return Buffer.from(golden.committed, "base64");
  const transactional = { attributes: TRANSACTIONAL, producerId: 7n, producerEpoch: 0 };
  const batches = fc
    .sample(batch, { numRuns: random.between(0, 3), seed: seedOf(random) })
    .map((one) => encodeBatch(random.chance(0.5) ? one : { ...one, ...transactional }));
  const marker = markerBatch(random.pick(["abort", "commit"]), 7n, 99n);
  const partition = { records: joined([...batches, marker]), aborted: [{ producerId: 7n, firstOffset: 0n }] };
  return encodeFetchResponse(version, { topics: [{ name: "timeDest", partitions: [partition, { partition: 1 }] }] });
}
