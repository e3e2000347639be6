/**
 * Conformance cases for programs in any language: a line of text for each, and a line for what became of it.
 *
 * A request is a word, rule text, and what is to be routed, with a space between each two of them. Bytes are in hexadecimal.
 *
 *     values <rule> <value> <value>…                       a value may be the word null
 *     batches <rule> <fetch offset>:<RecordBatch>…
 *
 * An answer is a list of items, with a space between each two of them, or a fault:
 *
 *     <output's index>=<value or RecordBatch>              in order, for each output
 *     ?<value's index or record's offset>:<reason>:<byte offset>
 *     tombstones=<count> next=<offset>                     of batches only; a value that is one is in the list, with its reason
 *     !<status>:<byte offset in the rule>
 *
 * Reasons and statuses are the core's numbers, or a reason's word and an error's code.
 */
import assert from "node:assert/strict";
import { globalsOf, hyphenated } from "../../hosts/core-exports.ts";
import { RouterError } from "../../hosts/router-error.ts";
import { timeOf } from "../batches.ts";
import { hexBytes } from "../bytes.ts";
import type { Case } from "../case-text.ts";
import { readCases } from "../case-text.ts";
import type { RoutedBatches, RoutedValues, Target } from "../conformance.ts";
import { coreModule } from "../core-module.ts";
import { decodeBatch } from "../record-batch.ts";
import { outputsOf } from "../redpanda/router-deployment.ts";

const DIGITS = Array.from({ length: 1000 }, (_, index) => index % 10);

/** Beyond the cases: so many values that a program which leaves no room for prefixes can't hide it behind the room that the core always has. */
const MANY: Case = {
  name: "values: Many values at once have room for all their prefixes",
  rule: "",
  input: { values: DIGITS.map((digit) => new TextEncoder().encode(String(digit))) },
  expected: DIGITS.map((digit) => (digit % 2 === 0 ? `even: "Even timestamp: ${digit}"` : `odd: "Odd timestamp:${digit}"`)),
};

/** The cases, and one more. */
export const CASES: readonly Case[] = [...readCases(), MANY];

const exports = new WebAssembly.Instance(coreModule()).exports;
const STATUSES = new Map(globalsOf(exports, "Status."));
const REASONS = new Map(globalsOf(exports, "Reason.").map(([value, name]) => [value, hyphenated(name)]));

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function requestOf(rule: string, input: Case["input"]): string {
  const words =
    "values" in input
      ? ["values", hexOf(new TextEncoder().encode(rule)), ...input.values.map((value) => (value === null ? "null" : hexOf(value)))]
      : [
          "batches",
          hexOf(new TextEncoder().encode(rule)),
          ...input.batches.map(({ fetchOffset, bytes }) => `${fetchOffset}:${hexOf(bytes)}`),
        ];
  return words.join(" ");
}

/** The items of an answer by what they are. */
interface Answer {
  readonly outputs: readonly { readonly name: string; readonly bytes: readonly Uint8Array[] }[];
  readonly unroutable: readonly { readonly position: bigint; readonly reason: string; readonly byteOffset: number }[];
  /** Of `tombstones` and `next`. */
  readonly number: (name: string) => bigint;
}

function answerOf(rule: string, line: string): Answer {
  if (line.startsWith("!")) throwFault(line.slice(1));
  const items = line === "" ? [] : line.split(" ");
  const outputs = outputsOf(rule).map((name, index) => ({
    name,
    bytes: items.filter((item) => item.startsWith(`${index}=`)).map((item) => hexBytes(item.slice(2))),
  }));
  const unroutable = items
    .filter((item) => item.startsWith("?"))
    .map((item) => {
      const [position = "", reason = "", byteOffset] = item.slice(1).split(":");
      return { position: BigInt(position), reason: REASONS.get(Number(reason)) ?? reason, byteOffset: Number(byteOffset) };
    });
  const numbers = items.filter((item) => /^\w{2,}=/.test(item)).map((item) => item.split("="));
  assert.equal(outputs.flatMap(({ bytes }) => bytes).length + unroutable.length + numbers.length, items.length, line);
  return { outputs, unroutable, number: (name) => BigInt(numbers.find(([known]) => known === name)?.[1] ?? "") };
}

function throwFault(fault: string): never {
  const [status = "", offset = ""] = fault.split(":");
  const ruleOffset = offset === "" || offset === "null" ? null : Number(offset);
  const name = STATUSES.get(Number(status));
  // A host of ours says the code itself.
  throw name === undefined ? Object.assign(new Error(), { code: status, ruleOffset }) : new RouterError(name, ruleOffset);
}

function valuesOf({ outputs, unroutable }: Answer): RoutedValues {
  return {
    outputs: outputs.map(({ name, bytes }) => ({ name, values: bytes })),
    unroutable: unroutable
      .filter(({ reason }) => reason !== "tombstone")
      .map(({ position, reason, byteOffset }) => ({ index: Number(position), reason, byteOffset })),
    tombstones: unroutable.filter(({ reason }) => reason === "tombstone").length,
  };
}

function batchesOf({ outputs, unroutable, number }: Answer): RoutedBatches {
  return {
    outputs: outputs.map(({ name, bytes }) => ({
      name,
      records: bytes
        .map((one) => decodeBatch(one))
        .flatMap((batch) => batch.records.map((record) => ({ ...record, time: timeOf(batch, record) }))),
    })),
    unroutable: unroutable.map(({ position, reason, byteOffset }) => ({ offset: position, reason, byteOffset })),
    tombstones: Number(number("tombstones")),
    nextOffset: number("next"),
  };
}

/** Something that answers requests, all of them at once: it gets their lines and returns as many. */
export interface Respondent {
  readonly name: string;
  readonly answer: (requests: string) => Promise<string>;
  /** A reason to skip all cases, or null. */
  readonly missing: string | null;
  readonly routesBatches: boolean;
}

/** Returns a target of the conformance cases that asks for all of them when the first one is run. */
export function targetOf({ name, answer, missing, routesBatches }: Respondent): Target {
  const requests = CASES.filter(({ input }) => routesBatches || "values" in input).map(({ rule, input }) => requestOf(rule, input));
  let lines: Promise<readonly string[]> | undefined;
  const ask = async (rule: string, input: Case["input"]): Promise<Answer> => {
    lines ??= answer(requests.map((line) => `${line}\n`).join("")).then((text) => text.replace(/\n$/, "").split("\n"));
    assert.equal((await lines).length, requests.length, "each request has an answer");
    return answerOf(rule, (await lines)[requests.indexOf(requestOf(rule, input))] ?? "no answer");
  };
  return {
    name,
    skip: ({ input }) => missing ?? ("batches" in input && !routesBatches ? "routes values, not batches" : undefined),
    routeValues: async (rule, values) => valuesOf(await ask(rule, { values })),
    routeBatches: async (rule, batches) => batchesOf(await ask(rule, { batches })),
  };
}
