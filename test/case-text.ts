/**
 * The text of conformance cases. Bytes are quoted text, with the escapes `\\`, `\"`, `\n`, `\t` and `\xHH`, times a number when ` * n` follows,
 * and several of them with ` + ` between; null is `null`.
 */
import { readFileSync, readdirSync } from "node:fs";
import { bytesOf, hexBytes, joined, literalOf } from "./bytes.ts";
import type { Sketch } from "./batches.ts";
import { batchOf } from "./batches.ts";
import type { BatchHeader } from "./record-batch.ts";
import { CONTROL, LOG_APPEND_TIME, TRANSACTIONAL, encodeBatch, mendCrc } from "./record-batch.ts";

/** A batch to route and how. */
export interface InputBatch {
  readonly bytes: Uint8Array;
  readonly fetchOffset: bigint;
}

/** One case: its input, and what must come of it as lines of text. */
export interface Case {
  /** File and heading. */
  readonly name: string;
  readonly rule: string;
  readonly input: { readonly values: readonly (Uint8Array | null)[] } | { readonly batches: readonly InputBatch[] };
  readonly expected: readonly string[];
}

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"(?: \* \d+)?`;
const BYTES = String.raw`(?:null|${QUOTED}(?: \+ ${QUOTED})*)`;

/** Returns the bytes that a text stands for. */
export function parseBytes(text: string): Uint8Array | null {
  if (text === "null") return null;
  const parts = Array.from(text.matchAll(new RegExp(QUOTED, "g")), ([part]) => {
    const quoted = part.slice(1, part.lastIndexOf('"'));
    const times = Number(/ \* (\d+)$/.exec(part)?.[1] ?? 1);
    return joined(Array.from({ length: times }, () => unescaped(quoted)));
  });
  if (parts.length === 0) throw new Error(`no bytes: ${text}`);
  return joined(parts);
}

function unescaped(text: string): Uint8Array {
  return joined(
    Array.from(text.matchAll(/\\x([0-9a-f]{2})|\\([\\"nt])|([^\\])/gsu), ([, hex, letter, plain]) => {
      if (hex !== undefined) return hexBytes(hex);
      return bytesOf(letter === undefined ? (plain ?? "") : letter === "n" ? "\n" : letter === "t" ? "\t" : letter);
    }),
  );
}

/** Returns a line with its bytes written in the one way in which results are written. */
function canonical(line: string): string {
  return line.replaceAll(new RegExp(BYTES, "g"), (text) => literalOf(parseBytes(text)));
}

/** Returns the cases of every file in `test/cases`. */
export function readCases(): readonly Case[] {
  const folder = new URL("cases/", import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .toSorted()
    .flatMap((file) => casesOf(file.slice(0, -".md".length), readFileSync(new URL(file, folder), "utf8")));
}

/** Returns the cases of one file: each heading of the second level with blocks below it is one. */
export function casesOf(file: string, text: string): readonly Case[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const heading = section.slice(0, section.indexOf("\n"));
      const name = `${file}: ${heading}`;
      const blocks = Array.from(section.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, kind = "", body = ""]) => ({ kind, body }));
      const bodies = (kind: string): readonly string[] => blocks.filter((block) => block.kind === kind).map(({ body }) => body);
      const unknown = blocks.find(({ kind }) => !["rule", "values", "batch", "result"].includes(kind));
      if (unknown !== undefined) throw new Error(`${name}: no block is called ${unknown.kind}`);
      const [result, ...others] = bodies("result");
      if (result === undefined || others.length > 0) throw new Error(`${name}: a case has one result`);
      const batches = bodies("batch").map(parseBatch);
      const values = bodies("values").flatMap((body) => linesOf(body).map(parseBytes));
      const input = batches.length > 0 ? { batches } : { values };
      return { name, rule: ruleOf(bodies("rule").join("")), input, expected: linesOf(result).map(canonical) };
    });
}

function linesOf(body: string): readonly string[] {
  return body.split("\n").filter((line) => line !== "");
}

/** A rule is text as it is, but that `{"p" * 255}` in it stands for the text between the braces. */
function ruleOf(body: string): string {
  return body.replaceAll(new RegExp(`\\{(${BYTES})\\}`, "g"), (_, text: string) => Buffer.from(parseBytes(text) ?? []).toString());
}

const ATTRIBUTES: Readonly<Record<string, number>> = {
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
  "log-append-time": LOG_APPEND_TIME,
  transactional: TRANSACTIONAL,
  control: CONTROL,
};

/** Returns the batch that a block describes: settings by name, then a line a record, then bytes to overwrite. */
function parseBatch(body: string): InputBatch {
  const lines = linesOf(body);
  const setting = (name: string): string | undefined => {
    const line = lines.find((one) => one.startsWith(name + ": "));
    return line?.slice(name.length + 2);
  };
  const baseOffset = BigInt(setting("base-offset") ?? 0);
  const baseTimestamp = BigInt(setting("base-time") ?? 0);
  const lastOffset = setting("last-offset");
  const maxTime = setting("max-time");
  const words = setting("attributes")?.split(" ") ?? [];
  const header: Partial<BatchHeader> = {
    baseOffset,
    baseTimestamp,
    attributes: words.reduce((bits, word) => bits | attributeOf(word), 0),
    ...(lastOffset === undefined ? {} : { lastOffsetDelta: Number(BigInt(lastOffset) - baseOffset) }),
    ...(maxTime === undefined ? {} : { maxTimestamp: BigInt(maxTime) }),
  };
  const records = lines.filter((line) => /\bvalue=/.test(line)).map((line) => parseRecord(line, baseOffset, baseTimestamp));
  const bytes = overwritten(encodeBatch(batchOf(records, header)), setting("overwrite"), setting("crc") !== "kept");
  return { bytes, fetchOffset: BigInt(setting("fetch-offset") ?? 0) };
}

function attributeOf(word: string): number {
  const bits = ATTRIBUTES[word];
  if (bits === undefined) throw new Error(`no attribute is called ${word}`);
  return bits;
}

const RECORD = new RegExp(`^(?:offset=(\\d+) )?(?:time=(-?\\d+) )?(?:key=(${BYTES}) )?value=(${BYTES})((?: ${BYTES}=${BYTES})*)$`);

function parseRecord(line: string, baseOffset: bigint, baseTimestamp: bigint): Sketch {
  const [, offset, time, key, value = "null", headers = ""] = RECORD.exec(line) ?? [];
  if (!RECORD.test(line)) throw new Error(`no record: ${line}`);
  return {
    ...(offset === undefined ? {} : { offsetDelta: Number(BigInt(offset) - baseOffset) }),
    timestampDelta: time === undefined ? 0n : BigInt(time) - baseTimestamp,
    key: key === undefined ? null : parseBytes(key),
    value: parseBytes(value),
    headers: Array.from(headers.matchAll(new RegExp(` (${BYTES})=(${BYTES})`, "g")), ([, name = "", content = ""]) => [
      parseBytes(name) ?? bytesOf(""),
      parseBytes(content),
    ]),
  };
}

/** Returns bytes with some replaced from a position on: `16 01`; the CRC is mended unless the change is to be found by it. */
function overwritten(bytes: Uint8Array, change: string | undefined, mend: boolean): Uint8Array {
  if (change === undefined) return bytes;
  const [at = "", ...hex] = change.split(" ");
  bytes.set(hexBytes(hex.join("")), Number(at));
  if (mend) mendCrc(bytes);
  return bytes;
}
