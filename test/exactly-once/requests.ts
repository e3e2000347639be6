/** The requests that decide what is delivered exactly once: what they say, and the answers that a test gives in the broker's place. */
import { FieldReader, FieldWriter, frameOf } from "./wire.ts";

/** The keys of the APIs that tests speak of. */
const API_KEYS = {
  Produce: 0,
  Fetch: 1,
  Metadata: 3,
  OffsetCommit: 8,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
  ApiVersions: 18,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const;

export type ApiName = keyof typeof API_KEYS;

const API_NAMES = new Map(Object.entries(API_KEYS).map(([name, key]) => [key as number, name as ApiName]));

/** From these versions on the fields are compact and have tags. Of the other APIs no flexible version is read here. */
const FLEXIBLE_FROM: Partial<Record<ApiName, number>> = { OffsetFetch: 6, TxnOffsetCommit: 3 };

/** Kafka's error codes that tests answer with or look for. */
export const ErrorCode = {
  none: 0,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  invalidProducerEpoch: 47,
  invalidTxnState: 48,
  concurrentTransactions: 51,
  unstableOffsetCommit: 88,
} as const;

/** A request on its way to the broker. */
export interface Request {
  /** Null for an API that no test speaks of. */
  readonly api: ApiName | null;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** The whole of it, its size included. */
  readonly frame: Buffer;
  /** What follows the header. */
  readonly body: Buffer;
}

/** Reads the header of a request. */
export function readRequest(frame: Buffer): Request {
  const api = API_NAMES.get(frame.readInt16BE(4)) ?? null;
  const version = frame.readInt16BE(6);
  const header = new FieldReader(frame.subarray(8), isFlexible({ api, version }));
  const correlationId = header.int32();
  const clientId = header.classicString();
  header.tags();
  return { api, version, correlationId, clientId, frame, body: header.rest() };
}

function isFlexible({ api, version }: Pick<Request, "api" | "version">): boolean {
  return api !== null && version >= (FLEXIBLE_FROM[api] ?? Infinity);
}

function fieldsOf(request: Request): FieldReader {
  return new FieldReader(request.body, isFlexible(request));
}

const WITHOUT_OWNER = new Set<ApiName | null>([null, "Fetch", "Metadata", "ApiVersions"]);

/**
 * Returns on whose behalf a request is: the transactional id or the group, with which the body of each of these APIs begins. Null for none, as in
 * a Produce outside of a transaction.
 */
export function ownerOf(request: Request): string | null {
  return WITHOUT_OWNER.has(request.api) ? null : fieldsOf(request).string();
}

/** Whether an EndTxn commits: transactional_id string, producer_id int64, producer_epoch int16, committed int8. */
export function isCommit(request: Request): boolean {
  const fields = fieldsOf(request);
  fields.string();
  fields.int64();
  fields.int16();
  return fields.int8() === 1;
}

/** What a FindCoordinator asks for, of version 1 and later: key string, key_type int8 (0 group, 1 transaction). */
export function coordinatorKind(request: Request): "group" | "transaction" {
  const fields = fieldsOf(request);
  fields.string();
  return fields.int8() === 1 ? "transaction" : "group";
}

/** A partition that a request names, with its records if the request has those. */
interface NamedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly records: Buffer;
}

const NO_RECORDS = Buffer.alloc(0);

/** The partitions of a Produce of version 3 to 8: transactional_id string, acks int16, timeout int32, topics [name, partitions [index, records]]. */
export function producedPartitions(request: Request): readonly NamedPartition[] {
  const fields = fieldsOf(request);
  fields.string();
  fields.int16();
  fields.int32();
  return topicsOf(fields, (topic) => ({ topic, partition: fields.int32(), records: fields.bytes() }));
}

/** The partitions of an OffsetFetch: group_id string, topics [name, partitions [index]], and more from version 7 on. */
function fetchedPartitions(request: Request): readonly NamedPartition[] {
  const fields = fieldsOf(request);
  fields.string();
  return topicsOf(fields, (topic) => ({ topic, partition: fields.int32(), records: NO_RECORDS }));
}

/**
 * The partitions of a TxnOffsetCommit: transactional_id string, group_id string, producer_id int64, producer_epoch int16, from version 3 on
 * generation_id int32, member_id string and group_instance_id string, then topics [name, partitions [index, committed_offset int64,
 * from version 2 on committed_leader_epoch int32, metadata string]].
 */
function committedPartitions(request: Request): readonly NamedPartition[] {
  const fields = fieldsOf(request);
  fields.string();
  fields.string();
  fields.int64();
  fields.int16();
  if (request.version >= 3) {
    fields.int32();
    fields.string();
    fields.string();
  }
  return topicsOf(fields, (topic) => {
    const partition = fields.int32();
    fields.int64();
    if (request.version >= 2) fields.int32();
    fields.string();
    fields.tags();
    return { topic, partition, records: NO_RECORDS };
  });
}

function topicsOf(fields: FieldReader, read: (topic: string) => NamedPartition): readonly NamedPartition[] {
  return fields
    .array(() => {
      const topic = fields.string() ?? "";
      const partitions = fields.array(() => read(topic));
      fields.tags();
      return partitions;
    })
    .flat();
}

/** Each partition is answered as a topic of its own, which says the same. */
function writeEach(fields: FieldWriter, partitions: readonly NamedPartition[], write: () => void): FieldWriter {
  return fields.array(partitions, ({ topic, partition }) => {
    fields.string(topic).array([partition], () => {
      fields.int32(partition);
      write();
      fields.tags();
    });
    fields.tags();
  });
}

const NOT_THROTTLED_MS = 0;

/** The bodies of answers that have nothing but an error, by API, in the versions that kafkajs and the app ask for. */
const ANSWERS: Partial<Record<ApiName, (fields: FieldWriter, code: number, request: Request) => FieldWriter>> = {
  // throttle_time_ms int32, error_code int16
  EndTxn: (fields, code) => fields.int32(NOT_THROTTLED_MS).int16(code),
  AddOffsetsToTxn: (fields, code) => fields.int32(NOT_THROTTLED_MS).int16(code),
  // throttle_time_ms int32, error_code int16, producer_id int64, producer_epoch int16
  InitProducerId: (fields, code) => fields.int32(NOT_THROTTLED_MS).int16(code).int64(-1n).int16(-1),
  // throttle_time_ms int32, error_code int16, error_message string, node_id int32, host string, port int32
  FindCoordinator: (fields, code) => fields.int32(NOT_THROTTLED_MS).int16(code).string(null).int32(-1).string("").int32(-1),
  // throttle_time_ms int32, topics [name, partitions [index, offset int64, leader_epoch int32, metadata string, error_code int16]], error_code
  OffsetFetch: (fields, code, request) =>
    writeEach(fields.int32(NOT_THROTTLED_MS), fetchedPartitions(request), () => fields.int64(-1n).int32(-1).string("").int16(code))
      .int16(ErrorCode.none)
      .tags(),
  // topics [name, partitions [index, error_code int16, base_offset int64, log_append_time int64, log_start_offset int64]], throttle_time_ms
  Produce: (fields, code, request) =>
    writeEach(fields, producedPartitions(request), () => fields.int16(code).int64(-1n).int64(-1n).int64(-1n)).int32(NOT_THROTTLED_MS),
  // throttle_time_ms int32, topics [name, partitions [index, error_code int16]]
  TxnOffsetCommit: (fields, code, request) =>
    writeEach(fields.int32(NOT_THROTTLED_MS), committedPartitions(request), () => fields.int16(code)).tags(),
};

/**
 * Returns the frame of an answer with this error code.
 *
 * *Errors*: there is no answer for requests of this API or this version.
 */
export function answerTo(request: Request, code: number): Buffer {
  const body = request.api === null ? undefined : ANSWERS[request.api];
  if (body === undefined) throw new Error(`there is no answer for requests of ${request.api ?? "this API"}`);
  if (request.api === "OffsetFetch" && request.version !== 7)
    throw new Error(`OffsetFetch ${request.version} is answered in version 7 only`);
  const flexible = isFlexible(request);
  return frameOf(
    new FieldWriter(flexible).int32(request.correlationId).tags().written(),
    body(new FieldWriter(flexible), code, request).written(),
  );
}

/** The APIs whose answers have one error code for all, behind throttle_time_ms. */
const HAS_ONE_CODE = new Set<ApiName | null>(["EndTxn", "AddOffsetsToTxn", "InitProducerId", "FindCoordinator", "Heartbeat"]);

/** Of the others, what stands between the index and the error code of a partition. */
const BEFORE_CODE: Partial<Record<ApiName, (fields: FieldReader, version: number) => unknown>> = {
  // offset, from version 5 on leader_epoch, metadata
  OffsetFetch: (fields, version) => [fields.int64(), version >= 5 ? fields.int32() : null, fields.string()],
  AddPartitionsToTxn: () => null,
  Produce: () => null,
  TxnOffsetCommit: () => null,
};

/** Returns the error code of an answer: of several partitions, the first error that there is. Null for an API whose answers are not read. */
export function errorCodeOf(request: Request, answer: Buffer): number | null {
  const { api } = request;
  const fields = new FieldReader(answer.subarray(4), isFlexible(request));
  fields.int32();
  fields.tags();
  const skip = api === null ? undefined : BEFORE_CODE[api];
  if (!HAS_ONE_CODE.has(api) && skip === undefined) return null;
  if (api !== "Produce") fields.int32();
  if (skip === undefined) return fields.int16();
  const codes: number[] = [];
  topicsOf(fields, (topic) => {
    const partition = fields.int32();
    skip(fields, request.version);
    codes.push(fields.int16());
    // base_offset, log_append_time, log_start_offset
    if (api === "Produce") for (let left = 3; left > 0; left--) fields.int64();
    fields.tags();
    return { topic, partition, records: NO_RECORDS };
  });
  return codes.find((code) => code !== ErrorCode.none) ?? ErrorCode.none;
}
