/** What is said of records that the rule has no output for. */
import type { Refusal } from "../routed.ts";
import { AppError } from "./errors.ts";
import type { Logger } from "./log.ts";

/** `router.unroutable`, where no output takes such records. */
export type UnroutablePolicy = "dlq" | "drop" | "log" | "stop";

/** An input record that the rule has no output for. */
export interface UnroutableRecord extends Refusal {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Tells the operator of unroutable records, without flooding the log. */
export interface UnroutableReport {
  /** Takes note of a record. With policy `stop` it throws, naming the record. */
  note(record: UnroutableRecord): void;
  /** To be called every second, and at the end: says what has not been said yet. */
  secondPassed(): void;
}

/** Lines a second that single records may have; the rest of the second is summed up in one. */
const LINES_PER_SECOND_MAX = 10;
const LOGGER = "router.unroutable";

/** Returns what a policy says of unroutable records. `deadLetterTopic` is where `dlq` writes them; null with any other policy. */
export function createUnroutableReport(policy: UnroutablePolicy, deadLetterTopic: string | null, log: Logger): UnroutableReport {
  if (deadLetterTopic !== null) return reportSums(deadLetterTopic, log);
  if (policy === "log") return reportLines(log);
  return { note: policy === "stop" ? stop : () => {}, secondPassed: () => {} };
}

/** Returns why a record is unroutable and where that shows, as logs and dead letters have it. */
export function describeRefusal({ reason, byteOffset }: Refusal): string {
  return `${reason} at byte ${byteOffset}`;
}

function reportLines(log: Logger): UnroutableReport {
  let lines = 0;
  let unsaid = 0;
  return {
    note(record) {
      if (lines === LINES_PER_SECOND_MAX) {
        unsaid++;
        return;
      }
      lines++;
      log.warn(LOGGER, `Left out ${describeRecord(record)}`);
    },
    secondPassed() {
      if (unsaid > 0) log.warn(LOGGER, `Left out ${counted(unsaid, "more record")}`);
      lines = 0;
      unsaid = 0;
    },
  };
}

function reportSums(deadLetterTopic: string, log: Logger): UnroutableReport {
  let count = 0;
  let last: UnroutableRecord | null = null;
  return {
    note(record) {
      count++;
      last = record;
    },
    secondPassed() {
      if (last === null) return;
      const sum = `${counted(count, "record")} became dead letters for ${deadLetterTopic} in the last second`;
      log.warn(LOGGER, `${sum}, the last one ${describeRecord(last)}`);
      count = 0;
      last = null;
    },
  };
}

function stop(record: UnroutableRecord): never {
  const { topic, partition, offset } = record;
  const place = `${topic}-${partition} offset ${offset}`;
  throw new AppError(
    "RECORD_UNROUTABLE",
    false,
    `the record at ${place} is unroutable (${describeRefusal(record)}), and router.unroutable=stop says to stop; ` +
      "choose another policy, for one start at least; the group's offset is no way past it, for records before it may not have been written yet",
  );
}

function describeRecord(record: UnroutableRecord): string {
  const { topic, partition, offset } = record;
  return `${topic}-${partition} offset ${offset}: ${describeRefusal(record)}`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
