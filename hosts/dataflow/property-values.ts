import { parseBrokers, type BrokerAddress } from "./brokers.ts";
import { quoted } from "./config-error.ts";
import { parseDurationMs } from "./duration.ts";
import { canonicalName } from "./property-name.ts";
import type { Reading } from "./property.ts";

/** Most outputs that the core takes. */
export const OUTPUTS_MAX = 8;

/** Most characters in an output's name: what the core takes. All of them are ASCII. */
export const OUTPUT_NAME_LENGTH_MAX = 64;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Reads a number of bytes. As in Boot's DataSize, B, KB, MB or GB may stand behind it, and count by 1024. */
export function readDataSize(text: string): Reading<number> {
  const [, amount, unit = "B"] = /^(\d+)([KMG]?B)?$/u.exec(text.trim()) ?? [];
  const bytesPerUnit = BYTES_PER_UNIT[unit];
  if (amount === undefined || bytesPerUnit === undefined) return { fault: "is not a number of bytes" };
  return { value: Number(amount) * bytesPerUnit };
}

/** Reads a duration into milliseconds. */
export function readDurationMs(text: string): Reading<number> {
  const durationMs = parseDurationMs(text);
  return durationMs === null ? { fault: "is not a duration" } : { value: durationMs };
}

/** Returns a reader of some words, whatever their case and the spaces around them, each with the value that it stands for. */
export function readerOfWords<Value>(valueByWord: ReadonlyMap<string, Value>, fault: string): (text: string) => Reading<Value> {
  return (text) => {
    const value = valueByWord.get(text.trim().toLowerCase());
    return value === undefined ? { fault } : { value };
  };
}

/** Reads the name of one topic. */
export function readTopic(text: string): Reading<string> {
  if (text.includes(",")) return { fault: "names several topics" };
  // Kafka's own rule (org.apache.kafka.common.internals.Topic).
  return /^[A-Za-z0-9._-]{1,249}$/u.test(text) && text !== "." && text !== ".." ? { value: text } : { fault: "is not a topic name" };
}

/** Reads a comma list of topics; a topic that is named twice is read once. */
export function readTopics(text: string): Reading<readonly string[]> {
  const topics = text.split(",").map((name) => name.trim());
  const wrong = topics.find((name) => "fault" in readTopic(name));
  if (wrong === undefined) return { value: [...new Set(topics)] };
  return { fault: topics.length === 1 ? "is not a topic name" : `has a name in it that is no topic's, ${quoted(wrong)}` };
}

/** Reads a comma list of broker addresses. */
export function readBrokers(text: string): Reading<readonly BrokerAddress[]> {
  const brokers = parseBrokers(text);
  return "fault" in brokers ? brokers : { value: brokers };
}

/** What bindings and meters of the app's own are called, in the form in which names are compared. */
const TAKEN_NAMES: ReadonlyMap<string, string> = new Map([
  ["input", "the input binding"],
  ["deadletters", "the dead letters' meters"],
  ["errorchannel", "Spring's error channel"],
]);

/** Reads the names of the outputs. */
export function readOutputNames(text: string): Reading<readonly string[]> {
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => name.length > OUTPUT_NAME_LENGTH_MAX || !/^[A-Za-z0-9._-]+$/u.test(name));
  if (wrong !== undefined) return { fault: `has a name that is not allowed, ${quoted(wrong)}` };
  if (names.length < 2 || names.length > OUTPUTS_MAX) return { fault: `has ${names.length} name${names.length === 1 ? "" : "s"}` };
  // Boot could not tell the properties of such outputs apart.
  if (new Set(names.map(canonicalName)).size !== names.length) return { fault: "has names that differ in nothing but case, - and _" };
  const taken = names.find((name) => TAKEN_NAMES.has(canonicalName(name)));
  if (taken !== undefined) return { fault: `has the name of ${TAKEN_NAMES.get(canonicalName(taken))}, ${quoted(taken)}` };
  return { value: names };
}
