/** What is between a client and its brokers: requests that travel, get lost, arrive late, or arrive and are not answered. */
import { createRequire } from "node:module";
import { AppError } from "../../hosts/dataflow/errors.ts";
import { GroupError } from "../../hosts/dataflow/memory-groups.ts";
import { ProducerError } from "../../hosts/dataflow/memory-producers.ts";
import type { Faults, RequestPoint } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Life, Scheduler } from "./scheduler.ts";

/** A client gives a request up after this time. */
export const REQUEST_TIMEOUT_MS = 5000;
/** A broker that had stalled may see to a request when its sender has long given it up, or has just sent the next one. */
const LATE_MS_MAX = 14_000;
const SOON_MS_MAX = 500;
const NETWORK_MS_MAX = 20;

/** Answers that a broker may give to a request by the way, without having done anything; none of it is a reason to give up for good. */
const NOT_NOW: Readonly<Record<RequestPoint, readonly [string, ...string[]]>> = {
  connect: ["REQUEST_TIMED_OUT"],
  "find-coordinator": ["GROUP_COORDINATOR_NOT_AVAILABLE"],
  "init-producer": ["NOT_COORDINATOR_FOR_GROUP", "GROUP_LOAD_IN_PROGRESS", "CONCURRENT_TRANSACTIONS"],
  "add-partitions": ["NOT_COORDINATOR_FOR_GROUP", "GROUP_LOAD_IN_PROGRESS", "CONCURRENT_TRANSACTIONS"],
  "produce-in-transaction": ["NOT_LEADER_FOR_PARTITION", "NOT_ENOUGH_REPLICAS"],
  "add-offsets": ["NOT_COORDINATOR_FOR_GROUP", "CONCURRENT_TRANSACTIONS"],
  "send-offsets": ["NOT_COORDINATOR_FOR_GROUP", "GROUP_COORDINATOR_NOT_AVAILABLE", "GROUP_LOAD_IN_PROGRESS"],
  "end-transaction": ["NOT_COORDINATOR_FOR_GROUP", "CONCURRENT_TRANSACTIONS"],
};
/** Answers that sound the same, but it may have been done, or will be. */
const PERHAPS: Readonly<Partial<Record<RequestPoint, string>>> = {
  "produce-in-transaction": "REQUEST_TIMED_OUT",
  "end-transaction": "NOT_COORDINATOR_FOR_GROUP",
};
/** What may arrive twice: kafkajs itself sends these again, whether or not they have been done. */
const TRIED_AGAIN: ReadonlySet<RequestPoint> = new Set<RequestPoint>(["add-partitions", "produce-in-transaction"]);

const load = createRequire(import.meta.url);
const { createErrorFromCode, errorCodes } = load("kafkajs/src/protocol/error") as {
  createErrorFromCode: (code: number) => Error;
  errorCodes: readonly { readonly type: string; readonly code: number }[];
};
/** Not all of them are among kafkajs's exports. */
const { KafkaJSConnectionClosedError, KafkaJSConnectionError, KafkaJSRequestTimeoutError } = load("kafkajs/src/errors") as Record<
  "KafkaJSConnectionClosedError" | "KafkaJSConnectionError" | "KafkaJSRequestTimeoutError",
  new (message: string, details?: object) => Error
>;

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  /** Whose requests they are. */
  readonly client: string;
  /** Of the client's process. Its death does not take back what is on its way. */
  readonly life: Life;
}

/** The way of one client to all its brokers. */
export class Network {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Has a broker do something. Rejects as kafkajs does, with what the broker answers or with the loss of the answer. */
  async send<Answer>(point: RequestPoint, request: () => Answer): Promise<Answer> {
    const { random, faults, life } = this.#options;
    // The dead send nothing.
    if (!life.isAlive) return new Promise<never>(() => {});
    if (life.frozenMs > 0) await life.clock.delay(0);
    const requestMs = random.between(1, NETWORK_MS_MAX);
    const lateMs = random.between(1, random.pick([SOON_MS_MAX, LATE_MS_MAX]));
    switch (faults.strike(point)) {
      case "before":
        await life.clock.delay(requestMs);
        throw random.chance(0.5) ? refused() : answerOf(random.pick(NOT_NOW[point]));
      case "after":
        return this.#lose(point, request, random.chance(0.5) ? requestMs : lateMs);
      case "never":
        if (random.chance(0.5)) this.#arrive(point, request, lateMs).catch(() => {});
        await life.clock.delay(REQUEST_TIMEOUT_MS);
        throw new KafkaJSRequestTimeoutError(`Request ${point} timed out`);
      case "late":
        return this.#answered(point, request, random.between(1, REQUEST_TIMEOUT_MS - 100));
      case "twice":
        if (TRIED_AGAIN.has(point)) this.#arrive(point, request, lateMs).catch(() => {});
        return this.#answered(point, request, requestMs);
      default:
        return this.#answered(point, request, requestMs);
    }
  }

  /** The request arrives sooner or later, but there is no telling from the answer. */
  async #lose(point: RequestPoint, request: () => unknown, requestMs: number): Promise<never> {
    const { random, life } = this.#options;
    this.#arrive(point, request, requestMs).catch(() => {});
    await life.clock.delay(random.between(1, 2 * NETWORK_MS_MAX));
    const perhaps = PERHAPS[point];
    if (perhaps !== undefined && random.chance(0.5)) throw answerOf(perhaps);
    throw new KafkaJSConnectionClosedError("Closed connection", { host: "broker", port: 9092 });
  }

  async #answered<Answer>(point: RequestPoint, request: () => Answer, requestMs: number): Promise<Answer> {
    const { random, life } = this.#options;
    const arrived = this.#arrive(point, request, requestMs);
    // The answer of one who is dead by then may be an error, too.
    arrived.catch(() => {});
    const answerMs = requestMs + random.between(10, 10 + NETWORK_MS_MAX);
    await life.clock.delay(answerMs);
    return arrived;
  }

  async #arrive<Answer>(point: RequestPoint, request: () => Answer, requestMs: number): Promise<Answer> {
    const { client, scheduler } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    scheduler.after(requestMs, () => {
      let answer: Answer;
      try {
        answer = request();
      } catch (error) {
        scheduler.note(`${client}: ${point} is refused: ${String(error)}`);
        reject(asAnswer(error));
        return;
      }
      scheduler.note(`${client}: ${point}`);
      resolve(answer);
    });
    return promise;
  }
}

function asAnswer(error: unknown): unknown {
  if (error instanceof ProducerError || error instanceof GroupError) return answerOf(error.type);
  if (error instanceof AppError && error.code === "TOPIC_MISSING") return answerOf("UNKNOWN_TOPIC_OR_PARTITION");
  return error;
}

/** Returns what kafkajs makes of an error by the protocol's name. */
function answerOf(type: string): Error {
  const entry = errorCodes.find((one) => one.type === type);
  if (entry === undefined) throw new RangeError(`kafkajs knows no error ${type}`);
  return createErrorFromCode(entry.code);
}

function refused(): Error {
  return new KafkaJSConnectionError("Connection error: connect ECONNREFUSED", { code: "ECONNREFUSED" });
}
