import { inspect } from "node:util";

/** What went wrong in the app's surroundings, by code. Bad records are decisions, not errors; our own mistakes crash. */
export type AppErrorCode =
  | "BATCH_CORRUPT"
  | "BINDER_CLOSED"
  | "BROKER_UNAVAILABLE"
  | "CODEC_UNSUPPORTED"
  | "INPUT_REFUSED"
  | "KAFKA_CLIENT_UNSUPPORTED"
  | "LANE_SELF_TEST"
  | "LOGIN_FAILED"
  | "OFFSET_OUT_OF_RANGE"
  | "POSITION_LOST"
  | "PRODUCE_FAILED"
  | "PRODUCE_REFUSED"
  | "PRODUCE_UNCONFIRMED"
  | "RECORD_UNROUTABLE"
  | "THREAD_DIED"
  | "TLS_FAILED"
  | "TOPIC_MISSING"
  | "TOPIC_REFUSED"
  | "TRANSACTION_LOST"
  | "TRANSACTIONS_REFUSED";

/** An operating error. Match on `code`; the message tells the operator what to do. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: AppErrorCode;
  /** Whether the app may try again by itself; if not, it stops. */
  readonly retriable: boolean;

  constructor(code: AppErrorCode, retriable: boolean, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retriable = retriable;
  }
}

/** Returns whether trying again may help. Anything that is not known to be final is worth another try: nothing is lost by it. */
export function isRetriable(error: unknown): boolean {
  if (error instanceof AppError) return error.retriable;
  // TypeError and the like come from our own code: a restart by the platform beats a loop.
  return !causesOf(error).some((cause) => cause instanceof Error && OWN_MISTAKES.has(cause.name) && !isOfClient(cause));
}

/** kafkajs stumbles over itself when a group is joined anew at the wrong moment; a new consumer does not. */
function isOfClient({ stack = "" }: Error): boolean {
  return /^ +at .*[\\/]kafkajs[\\/]src[\\/]/u.test(stack.split("\n")[1] ?? "");
}

const OWN_MISTAKES: ReadonlySet<string> = new Set(["TypeError", "RangeError", "ReferenceError", "SyntaxError"]);

/** Adds to a refusal where its records come from, which the producer does not know and the operator has to. */
export function withOrigin(error: unknown, origin: string): unknown {
  if (!(error instanceof AppError) || error.code !== "PRODUCE_REFUSED") return error;
  return new AppError(error.code, error.retriable, `${error.message}; the records come from ${origin}`, error.cause);
}

/** Returns the Kafka protocol's name of an error that a broker gave, such as `MESSAGE_TOO_LARGE`, or null. */
export function protocolType(error: unknown): string | null {
  for (const cause of causesOf(error)) {
    if (cause instanceof Error && "type" in cause && typeof cause.type === "string") return cause.type;
  }
  return null;
}

/** Returns an error and the causes below it; of an aggregate, also what it gathers. */
export function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  let at = error;
  for (let depth = 0; at !== undefined && at !== null && depth < CAUSES_MAX; depth++) {
    causes.push(at);
    // kafkajs has an aggregate of its own with the same field.
    if (at instanceof Error && "errors" in at && Array.isArray(at.errors)) causes.push(...(at.errors as unknown[]));
    at = at instanceof Error ? at.cause : undefined;
  }
  return causes;
}

/** Returns what an error says, with the causes below it, in one line. */
export function describeError(error: unknown): string {
  const messages: string[] = [];
  for (const cause of causesOf(error)) {
    const message = messageOf(cause);
    if (!messages.some((known) => known.includes(message))) messages.push(message);
  }
  return messages.join(": ");
}

/** A chain of causes that goes deeper says nothing more to an operator; it might also be a ring. */
const CAUSES_MAX = 5;

/** Node gives a refused connection to a name with several addresses as an aggregate without a message of its own. */
function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === "") return thrown.errors.map(messageOf).join(", ");
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === "string" ? thrown : inspect(thrown);
}
