/** kafkajs as the app has it: its sockets, its retries, and what of its log the operator gets to see. */
import net from "node:net";
import tls from "node:tls";
import type { Logger } from "../log.ts";
import { OPEN_ACCESS, type Access } from "./access.ts";
import { createClientLog } from "./client-log.ts";
import { KafkaClient, logLevel, type Kafka, type SocketFactory } from "./kafkajs.ts";
import { writeWhole } from "./request-frame.ts";
import { openWithWholeResponses } from "./whole-responses.ts";

/** Returns what opens sockets. Nagle's algorithm would hold small produce requests back until the last one is acknowledged. */
function connectBy(tlsOptions: Access["tls"]): SocketFactory {
  return ({ host, port, onConnect }) => {
    const socket = openOrFailed(() =>
      openWithWholeResponses((onread) => {
        const place = { host, port, onread };
        if (tlsOptions === null) return net.connect(place, onConnect);
        return tls.connect({ ...place, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...tlsOptions() }, onConnect);
      }),
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    return writeWhole(socket);
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
  return new KafkaClient({
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
