import { setTimeout } from "node:timers/promises";
import type { BatchProducer } from "../dataflow/binder.ts";
import type { BatchRecord } from "./record-batch.ts";

/** The headers that the original's time source gives each record: the media type without quotes, and its Java type for the log sink. */
const HEADERS = [
  { key: "contentType", value: Buffer.from("application/json") },
  { key: "spring_json_header_types", value: Buffer.from('{"contentType":"java.lang.String"}') },
];

/** Records that were due while the process or the broker stood still are made up for, but not more than those of this time. */
const ARREARS_MAX_MS = 1000;

export interface TimeSourceOptions {
  readonly everyMs: number;
  readonly topic: string;
  readonly producer: BatchProducer;
  readonly encode: (records: readonly BatchRecord[]) => Uint8Array;
  /** Called before the records are on their way. */
  readonly onSend: (records: readonly BatchRecord[]) => void;
}

export interface TimeSource {
  /** Rejects when the source can't go on; resolves after `stop`. */
  readonly ended: Promise<void>;
  /** Sends no more; resolves when all that was sent is acknowledged, or has failed. */
  readonly stop: () => Promise<void>;
}

/** Returns a time in the form `MM/dd/yy HH:mm:ss`, in UTC. */
export function timestampText(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}

/** Returns the record of a time as the original's time source writes it. */
export function timeRecord(epochMs: number): BatchRecord {
  return { timestampMs: epochMs, key: null, value: Buffer.from(timestampText(epochMs)), headers: HEADERS };
}

/** Starts to write the time to partition 0 of the topic: in one partition the order of all records is kept. */
export function startTimeSource({ everyMs, topic, producer, encode, onSend }: TimeSourceOptions): TimeSource {
  const stopping = new AbortController();
  const recordsMax = Math.ceil(ARREARS_MAX_MS / everyMs);
  const run = async (): Promise<void> => {
    const startedMs = performance.now();
    let ticks = 0;
    while (!stopping.signal.aborted) {
      const elapsedMs = performance.now() - startedMs;
      const due = Math.floor(elapsedMs / everyMs) + 1 - ticks;
      if (due <= 0) {
        await setTimeout(ticks * everyMs - elapsedMs, undefined, { signal: stopping.signal }).catch(() => {});
        continue;
      }
      ticks += due;
      const record = timeRecord(Date.now());
      const records = Array.from({ length: Math.min(due, recordsMax) }, () => record);
      onSend(records);
      await producer.produce(topic, 0, encode(records));
    }
  };
  const ended = run();
  ended.catch(() => {});
  return {
    ended,
    stop: async () => {
      stopping.abort();
      // Whoever looks at `ended` hears of a failure; stopping must not fail because of it.
      await ended.catch(() => {});
    },
  };
}
