/**
 * The only file that imports kafkajs, and the only one that knows its insides: its table of protocol requests, in which the lane replaces
 * the codecs of two messages and listens to others. Pinned to the one version whose insides these are.
 */
import { createRequire } from "node:module";
import type * as Kafkajs from "kafkajs";
import type {
  Admin,
  AuthenticationProviderArgs,
  ConfigResourceTypes,
  Consumer,
  EachBatchPayload,
  ISocketFactory as SocketFactory,
  Kafka,
  KafkaConfig,
  PartitionAssigner,
  Producer,
  Transaction as KafkaTransaction,
} from "kafkajs";
import { AppError } from "../errors.ts";
import type { GroupToAdd, PartitionsToAdd } from "./added-to-transaction.ts";
import { frameRequest } from "./request-frame.ts";

export type { AuthenticationProviderArgs as AuthenticationExchange };
/** How a client logs in. */
export type SaslOptions = NonNullable<KafkaConfig["sasl"]>;
export type { Admin, Consumer, EachBatchPayload, Kafka, KafkaTransaction, PartitionAssigner, Producer, SocketFactory };

/** The version whose protocol table has the shape below. */
const KAFKAJS_VERSION = "2.2.4";

/** One request as kafkajs sends it: it asks for bytes, and gives the answer's bytes back. */
export interface ProtocolRequest {
  readonly request: { readonly apiVersion: number; encode(): Promise<{ readonly buffer: Buffer }> };
  readonly response: { decode(raw: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
  readonly requestTimeout?: number;
  /** Whether kafkajs tells of an answer that is an error; it does unless this is false. */
  readonly logResponseError?: boolean;
}

/** What kafkajs does for one API: a version chosen gives a function that makes requests of that version. */
export interface ProtocolApi {
  protocol: (choice: { readonly version: number }) => (options: never) => ProtocolRequest;
  /** The versions that kafkajs chooses from: the highest that the broker has, too. */
  versions: readonly string[];
}

const load = createRequire(import.meta.url);
frameOurselves();
const { AssignerProtocol, Kafka: KafkaClient, Partitioners, logLevel } = load("kafkajs") as typeof Kafkajs;
/** The client itself, and what it calls an error among what it logs. */
export { KafkaClient, logLevel };

/** Puts our frames in the place of kafkajs's, which its connections get hold of as they are loaded. */
function frameOurselves(): void {
  const name = "kafkajs/src/protocol/request";
  load(name);
  const framing = load.cache[load.resolve(name)];
  if (framing !== undefined) framing.exports = frameRequest;
}

/** kafkajs's own table of what it sends, as far as the lane changes it. */
export type ProtocolTable = Readonly<
  Record<
    | "AddOffsetsToTxn"
    | "AddPartitionsToTxn"
    | "Fetch"
    | "GroupCoordinator"
    | "InitProducerId"
    | "JoinGroup"
    | "OffsetFetch"
    | "Produce"
    | "SyncGroup"
    | "TxnOffsetCommit",
    ProtocolApi
  >
>;

/** Returns kafkajs's own table. Throws when this is not the version that was looked into. */
export function protocolTable(): ProtocolTable {
  const { version } = load("kafkajs/package.json") as { version: string };
  if (version !== KAFKAJS_VERSION) {
    throw new AppError(
      "KAFKA_CLIENT_UNSUPPORTED",
      false,
      `kafkajs ${version} is installed, but the RecordBatch lane is made for ${KAFKAJS_VERSION}: install that version`,
    );
  }
  const { requests } = load("kafkajs/src/protocol/requests") as { requests: ProtocolTable };
  return requests;
}

/** Has every request of an API go through `to`. */
export function change(api: ProtocolApi, to: (call: ProtocolRequest, version: number, options: unknown) => ProtocolRequest): void {
  const { protocol } = api;
  api.protocol = ({ version }) => {
    const original = protocol({ version });
    return (options) => to(original(options), version, options);
  };
}

/**
 * Returns a request's body as kafkajs takes it: it asks an encoder for its size and its buffer, under two names. Our frames take the parts as they
 * are; kafkajs's own would have them in one piece.
 */
export function asEncoder(...parts: readonly Buffer[]): RequestEncoder {
  const whole = (): Buffer => (parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
  return {
    parts,
    size: () => parts.reduce((sum, { length }) => sum + length, 0),
    get buf() {
      return whole();
    },
    get buffer() {
      return whole();
    },
  };
}

interface RequestEncoder {
  readonly parts: readonly Buffer[];
  readonly buf: Buffer;
  readonly buffer: Buffer;
  size(): number;
}

/** A broker as a client of kafkajs has it; another client has an object of its own for the same one. */
export interface KnownBroker {
  readonly nodeId: string;
}

/** A request to a coordinator, called on kafkajs's object for its broker. */
export type CoordinatorCall<Options = object> = (this: object, options: Options) => Promise<unknown>;

/** What kafkajs calls for a transaction, on the broker that coordinates it or the group. */
export interface CoordinatorCalls {
  addOffsetsToTxn: CoordinatorCall<GroupToAdd>;
  addPartitionsToTxn: CoordinatorCall<PartitionsToAdd>;
  endTxn: CoordinatorCall;
  initProducerId: CoordinatorCall;
  txnOffsetCommit: CoordinatorCall;
}

/** Returns the calls that all of kafkajs's brokers share. */
export function coordinatorCalls(): CoordinatorCalls {
  return (load("kafkajs/src/broker") as { prototype: CoordinatorCalls }).prototype;
}

/** What kafkajs calls for the consumer's fetches and their batches; `running` ends with the consumer, `offsetManager` with the assignment. */
export interface FetchCalls {
  fetch: (this: FetchingConsumer, nodeId: string) => Promise<readonly PartitionBatch[]>;
  handleBatch: (this: FetchingConsumer, batch: PartitionBatch) => Promise<void>;
}

/** What a fetch brought of one partition; `rawMessages` is the list that the codec has made. */
interface PartitionBatch {
  readonly rawMessages: readonly object[];
}

interface FetchingConsumer {
  readonly running: boolean;
  readonly consumerGroup: { readonly offsetManager: unknown };
}

/** A member of a group, or who is about to be one. */
interface JoiningMember {
  readonly groupId: string;
  leave(): Promise<void>;
}

/** What kafkajs calls to join a group. */
export interface ConsumerGroupCalls {
  joinAndSync: (this: JoiningMember) => Promise<void>;
}

/** What kafkajs calls to go on elsewhere: to remember where, and to do it with the next fetch. */
export interface SeekCalls {
  seek: (this: SeekingGroup, position: object) => void;
  seekOffsets: (this: SeekingGroup, partitions: readonly object[]) => Promise<void>;
}

/** A member, with the positions of its assignment, and where it is to go on. */
export interface SeekingGroup {
  readonly offsetManager: unknown;
  readonly seekOffset: Map<unknown, unknown>;
}

/** Whose coordinator kafkajs looks for: a group's, or a transactional id's, which it calls a group as well. */
export interface SoughtCoordinator {
  readonly groupId: string;
  readonly coordinatorType?: number;
}

/** What kafkajs calls for the map of a group's committed offsets, and for coordinators. */
export interface ClusterCalls {
  committedOffsets: (options: { readonly groupId: string }) => object;
  findGroupCoordinator: (this: Cluster, sought: SoughtCoordinator) => Promise<KnownBroker>;
}

/** A client's brokers. */
export interface Cluster {
  /** Connects to a broker, unless there is a connection. */
  findBroker(options: { readonly nodeId: string }): Promise<KnownBroker>;
}

/** Returns the calls that all of kafkajs's consumers share. */
export function consumerCalls(): {
  readonly fetches: FetchCalls;
  readonly groups: ConsumerGroupCalls & SeekCalls;
  readonly clusters: ClusterCalls;
} {
  return {
    fetches: (load("kafkajs/src/consumer/runner") as { prototype: FetchCalls }).prototype,
    groups: (load("kafkajs/src/consumer/consumerGroup") as { prototype: ConsumerGroupCalls & SeekCalls }).prototype,
    clusters: (load("kafkajs/src/cluster") as { prototype: ClusterCalls }).prototype,
  };
}

/** What kafkajs calls with what a socket has read; `chunks` is what it has not used up yet, of so many bytes. */
export interface ConnectionCalls {
  processData: (this: { chunks: readonly Buffer[]; readonly bytesBuffered: number }, bytes: Buffer) => void;
}

/** Returns the calls that all of kafkajs's connections share. */
export function connectionCalls(): ConnectionCalls {
  return (load("kafkajs/src/network/connection") as { prototype: ConnectionCalls }).prototype;
}

/** What kafkajs calls to look at a connection's queue again after a while. */
export interface QueueCalls {
  scheduleCheckPendingRequests: (this: { readonly pending: readonly object[] }) => void;
}

/** Returns the calls that the queues of all connections share. */
export function queueCalls(): QueueCalls {
  return (load("kafkajs/src/network/requestQueue") as { prototype: QueueCalls }).prototype;
}

/** Options of the lane's producer: kafkajs's partitioner is never asked, but warns when it is not chosen. */
export const createPartitioner = Partitioners.DefaultPartitioner;

/** How members of a group tell each other what they want and get. */
export const { MemberMetadata: memberMetadata, MemberAssignment: memberAssignment } = AssignerProtocol;

/** The kind of resource whose configuration is asked for. The enum itself is not among the exports that Node finds in a CommonJS package. */
export const TOPIC_RESOURCE: ConfigResourceTypes.TOPIC = 2;
