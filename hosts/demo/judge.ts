/** Decides whether every record arrived where it belongs: once, in order, unchanged but for the prefix. It keeps what is on the way, no more. */
import type { BatchRecord, ReadRecord } from "./record-batch.ts";
import { SINKS, sinkOf, type DemoField, type Sink } from "./stream.ts";

export interface Judge {
  /** Notes a record that is about to be sent. */
  sent(record: BatchRecord): void;
  /** Judges a record that a sink has read. */
  arrived(sink: Sink, record: ReadRecord): void;
  sentCount(): number;
  arrivedCount(sink: Sink): number;
  /** How many records that were sent have not arrived. */
  missingCount(): number;
  /** Whether something is wrong already, if only that a record was overtaken. */
  isWrong(): boolean;
  /** Whether the first thing that is wrong is known. */
  isDecided(): boolean;
  /** Returns the first thing that is wrong, as a sentence without its full stop; what has not arrived by now is lost. Null when all is well. */
  fault(): string | null;
}

/** A record that was sent. */
interface SentRecord {
  readonly text: string;
  /** Everything of it but the value. */
  readonly rest: string;
}

/** What a sink has received and is still to receive. */
interface SinkState {
  /** In the order of sending. */
  readonly expected: SentRecord[];
  /** Overtaken by a record that was sent later: lost, or out of order. */
  readonly overtaken: SentRecord[];
  /** The last ones that arrived, oldest first, to recognise what comes twice. */
  readonly recent: Set<string>;
  arrivedCount: number;
}

/** What arrives twice with more records than this between is taken for a record of somebody else. */
const RECENT_MAX = 10_000;
const TIMESTAMP_AT_END = /\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d$/u;

/** Returns a judge that has seen nothing, of a stream that is routed by a field, or by the last digit. */
export function createJudge(field: DemoField | null = null): Judge {
  const states = new Map(SINKS.map((sink): [Sink, SinkState] => [sink, emptyState()]));
  const stateOf = (sink: Sink): SinkState => {
    const state = states.get(sink);
    if (state === undefined) throw new RangeError(`${sink.label} is not a sink of this stream`);
    return state;
  };
  const total = (count: (state: SinkState) => number): number => Array.from(states.values(), count).reduce((sum, one) => sum + one, 0);
  let sentCount = 0;
  let fault: string | null = null;
  return {
    sent(record) {
      sentCount++;
      const sent = { text: textOf(record.value) ?? "", rest: restOf(record) };
      const sink = sinkOf(sent.text, field);
      if (sink === null) throw new RangeError(`"${sent.text}" belongs to no sink`);
      stateOf(sink).expected.push(sent);
    },
    arrived(sink, record) {
      const state = stateOf(sink);
      state.arrivedCount++;
      const found = take(sink, state, record, field);
      if (found !== null) fault ??= `${sink.label} received ${quoted(record)} at offset ${record.offset}: ${found}`;
    },
    sentCount: () => sentCount,
    arrivedCount: (sink) => stateOf(sink).arrivedCount,
    missingCount: () => total(({ expected, overtaken }) => expected.length + overtaken.length),
    isWrong: () => fault !== null || total(({ overtaken }) => overtaken.length) > 0,
    isDecided: () => fault !== null,
    fault: () => fault ?? lossOf(states),
  };
}

function emptyState(): SinkState {
  return { expected: [], overtaken: [], recent: new Set(), arrivedCount: 0 };
}

/** Takes an arrived record off what is expected; returns what is wrong with it, or null. */
function take(sink: Sink, state: SinkState, record: ReadRecord, field: DemoField | null): string | null {
  const value = textOf(record.value);
  if (value === null) return "a record without a value, which nobody sent";
  const text = TIMESTAMP_AT_END.exec(value)?.[0];
  if (text === undefined) return "no timestamp as it was sent, so it was altered or written by somebody else";
  const home = sinkOf(text, field);
  if (home !== sink) return `it belongs to ${home?.label ?? "no sink"}`;
  if (value !== sink.prefix + text) return `its prefix is not "${sink.prefix}"`;

  const { expected, overtaken, recent } = state;
  const rest = restOf(record);
  const isSame = (sent: SentRecord): boolean => sent.text === text && sent.rest === rest;
  const at = expected.findIndex(isSame);
  if (at !== -1) {
    overtaken.push(...expected.splice(0, at));
    expected.shift();
    remember(recent, text + rest);
    return null;
  }
  const late = overtaken.findIndex(isSame);
  if (late !== -1) {
    overtaken.splice(late, 1);
    return "out of order, behind a record that was sent later";
  }
  if (recent.has(text + rest)) return "it arrived before, so it was doubled";
  if ([...expected, ...overtaken].some((sent) => sent.text === text)) {
    return `its time, key or headers are not those that were sent (has the topic message.timestamp.type=LogAppendTime?): ${rest}`;
  }
  return "nobody here sent it, or it was doubled: does something else write to these topics?";
}

function remember(recent: Set<string>, identity: string): void {
  // Records of one millisecond are all the same; the set has the last of them in the last place.
  recent.delete(identity);
  recent.add(identity);
  const [oldest] = recent;
  if (recent.size > RECENT_MAX && oldest !== undefined) recent.delete(oldest);
}

function lossOf(states: ReadonlyMap<Sink, SinkState>): string | null {
  for (const [sink, { expected, overtaken }] of states) {
    const lost = overtaken[0] ?? expected[0];
    if (lost !== undefined) {
      const count = expected.length + overtaken.length;
      return `"${sink.prefix}${lost.text}" never arrived at ${sink.label}${count > 1 ? `, nor did ${count - 1} more` : ""}`;
    }
  }
  return null;
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

function quoted({ value }: BatchRecord): string {
  return JSON.stringify(textOf(value));
}

/** Returns time, key and headers as a text to compare and to show. */
function restOf({ timestampMs, key, headers }: BatchRecord): string {
  const shown = headers.map((header) => `${header.key}=${textOf(header.value)}`);
  return `time ${timestampMs}, key ${textOf(key)}, headers ${shown.join(" ")}`;
}
