/**
 * The only file that imports kafkajs, and the only one that knows its insides: its table of protocol requests, in which the lane replaces
 * the codecs of two messages and listens to others. Pinned to the one version whose insides these are.
 */
import { createRequire } from "node:module";
import net from "node:net";
import tls from "node:tls";
import {
  AssignerProtocol,
  Kafka,
  Partitioners,
  logLevel,
  type Admin,
  type AuthenticationProviderArgs,
  type ConfigResourceTypes,
  type Consumer,
  type EachBatchPayload,
  type ISocketFactory,
  type KafkaConfig,
  type PartitionAssigner,
  type Producer,
  type Transaction as KafkaTransaction,
} from "kafkajs";
import { AppError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { OPEN_ACCESS, type Access } from "./access.ts";
import type { PartitionsToAdd } from "./added-partitions.ts";
import { createClientLog } from "./client-log.ts";
import { withWholeResponses } from "./whole-responses.ts";

export type { AuthenticationProviderArgs as AuthenticationExchange };
/** How a client logs in. */
export type SaslOptions = NonNullable<KafkaConfig["sasl"]>;
export type { Admin, Consumer, EachBatchPayload, Kafka, KafkaTransaction, PartitionAssigner, Producer };

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

/** Returns a request's bytes as kafkajs takes them: it asks an encoder for its size and its buffer, under two names. */
export function asEncoder(buffer: Buffer): { readonly buf: Buffer; readonly buffer: Buffer; size(): number } {
  return { buf: buffer, buffer, size: () => buffer.length };
}

/** What kafkajs calls to begin and to widen a transaction, on the broker that coordinates it. */
export interface CoordinatorCalls {
  addOffsetsToTxn: (this: unknown, options: object) => Promise<unknown>;
  initProducerId: (this: unknown, options: object) => Promise<unknown>;
  addPartitionsToTxn: (this: unknown, options: PartitionsToAdd) => Promise<unknown>;
}

/** Returns the calls that all of kafkajs's brokers share. */
export function coordinatorCalls(): CoordinatorCalls {
  return (load("kafkajs/src/broker") as { prototype: CoordinatorCalls }).prototype;
}

/** What kafkajs calls for the consumer's fetches and their batches; `running` ends with the consumer, `offsetManager` with the assignment. */
export interface FetchCalls {
  fetch: (this: FetchingConsumer, nodeId: string) => Promise<readonly object[]>;
  handleBatch: (this: FetchingConsumer, batch: object) => Promise<void>;
}

interface FetchingConsumer {
  readonly running: boolean;
  readonly consumerGroup: { readonly offsetManager: unknown };
}

/** What kafkajs calls to join a group. */
export interface ConsumerGroupCalls {
  joinAndSync: (this: { readonly groupId: string }) => Promise<void>;
}

/** What kafkajs calls for the map of a group's committed offsets. */
export interface ClusterCalls {
  committedOffsets: (options: { readonly groupId: string }) => object;
}

/** Returns the calls that all of kafkajs's consumers share. */
export function consumerCalls(): { readonly fetches: FetchCalls; readonly groups: ConsumerGroupCalls; readonly clusters: ClusterCalls } {
  return {
    fetches: (load("kafkajs/src/consumer/runner") as { prototype: FetchCalls }).prototype,
    groups: (load("kafkajs/src/consumer/consumerGroup") as { prototype: ConsumerGroupCalls }).prototype,
    clusters: (load("kafkajs/src/cluster") as { prototype: ClusterCalls }).prototype,
  };
}

/** Returns what opens sockets. Nagle's algorithm would hold small produce requests back until the last one is acknowledged. */
function connectBy(tlsOptions: Access["tls"]): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const open = (): net.Socket => {
      if (tlsOptions === null) return net.connect({ host, port }, onConnect);
      return tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...tlsOptions() }, onConnect);
    };
    const socket = openOrFailed(open);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    return withWholeResponses(socket);
  };
}

/** kafkajs keeps the code of an error that a socket has, but not of one that is thrown. */
function openOrFailed(open: () => net.Socket): net.Socket {
  try {
    return open();
  } catch (error) {
    return new net.Socket().destroy(error as Error);
  }
}

/** For questions that the app's own loop asks again, telling the operator so. */
export const SHORT_RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 3 };
/**
 * Some half a minute, for members of a group and producers: a broker that restarts finds both where they were, which saves the group the wait
 * for a member that is gone and the records a second way through the router.
 */
export const PATIENT_RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 30 };

/** For transactions, which wait for the coordinator a moment at a time. */
export const TRANSACTION_RETRY = { initialRetryTime: 20, maxRetryTime: 1000, retries: 30 };

/**
 * Before the end of a login, when the next request logs in anew. In kafkajs's ten seconds a login that lasts less would be made anew with each
 * request, and a broker takes one in a second.
 */
const LOGIN_ANEW_MS = 2000;

/** Whom a client talks to, and how it calls itself. */
export interface KafkaOptions {
  readonly clientId: string;
  readonly brokers: readonly string[];
  /**
   * A broker that takes longer hangs, and the group and the partitions have others soon. Shorter than the session of a member, which has to
   * find a new coordinator before it is thrown out. kafkajs takes the longer one of this and what a single request asks for.
   */
  readonly requestTimeoutMs: number;
  /** Absent where anybody is let in. */
  readonly access?: Access;
}

/**
 * Returns a kafkajs client. What kafkajs calls an error is mostly something that it goes on to retry, so it is a warning here, and all else is for
 * debugging.
 */
export function createKafka(options: KafkaOptions, retry: typeof SHORT_RETRY, log: Logger): Kafka {
  const { clientId, brokers, requestTimeoutMs, access = OPEN_ACCESS } = options;
  const levels: Readonly<Record<number, "warn" | "debug">> = { [logLevel.ERROR]: "warn" };
  const write = createClientLog(log, Date.now);
  return new Kafka({
    clientId,
    brokers: [...brokers],
    socketFactory: connectBy(access.tls),
    ...(access.sasl === null ? {} : { sasl: access.sasl(), reauthenticationThreshold: LOGIN_ANEW_MS }),
    connectionTimeout: 3000,
    requestTimeout: requestTimeoutMs,
    retry,
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ namespace, level, log: entry }) => {
        // The message is an error at times.
        const { message: said, error, broker } = entry as { message: unknown; error?: unknown; broker?: string };
        const message = String(said);
        const text = typeof error === "string" && error !== "" && !message.includes(error) ? `${message}: ${error}` : message;
        write(isToldByApp(text) ? "debug" : (levels[level] ?? "debug"), namespace, broker === undefined ? text : `${text} (${broker})`);
      },
  });
}

/**
 * Whether the app itself tells of what kafkajs tells here: that a broker does not let it in, once for each of its attempts and with the property
 * that is to blame; and that it may not ask for the configuration of topics, which does not matter.
 */
function isToldByApp(text: string): boolean {
  return /\bSASL|\bSasl[AH]|certificate|altnames|SSL routines|secure TLS|\balert\b|\bssl[.-]|Response DescribeConfigs/u.test(text);
}

/** Options of the lane's producer: kafkajs's partitioner is never asked, but warns when it is not chosen. */
export const createPartitioner = Partitioners.DefaultPartitioner;

/** How members of a group tell each other what they want and get. */
export const { MemberMetadata: memberMetadata, MemberAssignment: memberAssignment } = AssignerProtocol;

/** The kind of resource whose configuration is asked for. The enum itself is not among the exports that Node finds in a CommonJS package. */
export const TOPIC_RESOURCE: ConfigResourceTypes.TOPIC = 2;
