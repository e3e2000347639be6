/**
 * The only file that imports kafkajs, and the only one that knows its insides: its table of protocol requests, in which the lane replaces
 * the codecs of two messages. Pinned to the one version whose insides these are.
 */
import { createRequire } from "node:module";
import net from "node:net";
import tls from "node:tls";
import {
  Kafka,
  Partitioners,
  logLevel,
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type ISocketFactory,
  type Producer,
} from "kafkajs";
import { AppError } from "../errors.ts";
import type { Logger } from "../log.ts";

export type { Admin, Consumer, EachBatchPayload, Kafka, Producer };

/** The version whose protocol table has the shape below. */
const KAFKAJS_VERSION = "2.2.4";

/** One request as kafkajs sends it: it asks for bytes, and gives the answer's bytes back. */
export interface ProtocolRequest {
  readonly request: { readonly apiVersion: number; encode(): Promise<{ readonly buffer: Buffer }> };
  readonly response: { decode(raw: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
  readonly requestTimeout?: number;
}

/** What kafkajs does for one API: a version chosen gives a function that makes requests of that version. */
export interface ProtocolApi {
  protocol: (choice: { readonly version: number }) => (options: never) => ProtocolRequest;
}

const load = createRequire(import.meta.url);

/** Returns kafkajs's own table of the two APIs whose codecs are replaced. Throws when this is not the version that was looked into. */
export function protocolTable(): { readonly Fetch: ProtocolApi; readonly Produce: ProtocolApi } {
  const { version } = load("kafkajs/package.json") as { version: string };
  if (version !== KAFKAJS_VERSION) {
    throw new AppError(
      "KAFKA_CLIENT_UNSUPPORTED",
      false,
      `kafkajs ${version} is installed, but the RecordBatch lane is made for ${KAFKAJS_VERSION}: install that version`,
    );
  }
  const { requests } = load("kafkajs/src/protocol/requests") as { requests: { Fetch: ProtocolApi; Produce: ProtocolApi } };
  return requests;
}

/** Messages below this delay go out at once. Nagle's algorithm would hold small produce requests back until the last one is acknowledged. */
const connect: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
};

/**
 * Returns a kafkajs client. Its retries are short: the app's own loop decides what to do about a broker that is away, and says so. What
 * kafkajs calls an error is mostly something that it goes on to retry, so it is logged one level lower.
 */
export function createKafka(clientId: string, brokers: readonly string[], log: Logger): Kafka {
  const levels: Readonly<Record<number, "warn" | "info" | "debug">> = { [logLevel.ERROR]: "warn", [logLevel.WARN]: "info" };
  return new Kafka({
    clientId,
    brokers: [...brokers],
    socketFactory: connect,
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 3 },
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ namespace, level, log: entry }) => {
        const { message, error, broker } = entry as { message: string; error?: unknown; broker?: string };
        const text = typeof error === "string" && error !== "" && !message.includes(error) ? `${message}: ${error}` : message;
        log[levels[level] ?? "debug"](`kafkajs.${namespace || "Client"}`, broker === undefined ? text : `${text} (${broker})`);
      },
  });
}

/** Options of the lane's producer: kafkajs's partitioner is never asked, but warns when it is not chosen. */
export const createPartitioner = Partitioners.DefaultPartitioner;
