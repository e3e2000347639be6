/** Timestamps of many formats, each group as it is deployed, go to the topics that java.time's numbers say. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Router } from "../../hosts/embed.ts";
import { batchOf } from "../batches.ts";
import { coreModule } from "../core-module.ts";
import type { JavaGroup } from "../timestamps/java-time.ts";
import { javaGroups } from "../timestamps/java-time.ts";
import { wasmtimeMissing } from "../wasmtime.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { readPayload } from "./payload.ts";
import { deploymentOf, topicOf } from "./router-deployment.ts";
import { routerModule } from "./router-module.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";
import { Wasmtime } from "./wasmtime.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
const wasm = routerModule("redpanda-timestamp");

/** Returns the rule of a group with so many outputs; with all 8 there is no topic left for dead letters. */
function ruleOf({ format, field, zone }: JavaGroup, outputs: number): string {
  const lines = ["rule=timestamp", `timestamp.format=${format}`, `timestamp.field=${field}`, `timestamp.zone=${zone}`];
  return [...lines, `outputs=${NAMES.slice(0, outputs).join(",")}`, `unroutable=${outputs === 8 ? "drop" : "dlq"}`].join("\n");
}

/** Returns a group's values in a batch, each with its index for a key. */
function batchOfGroup({ values }: JavaGroup): SourceBatch {
  return sourceBatchOf(batchOf(values.map(({ value }, index) => ({ key: String(index), value }))));
}

function topicOfNumber(number: bigint, outputs: number): string {
  const count = BigInt(outputs);
  return topicOf(Number(((number % count) + count) % count));
}

/** Returns what is to be written of a group: a line a record, with the core's reason where there is no such time. */
function wantedLines(group: JavaGroup, outputs: number): readonly string[] {
  const core = new Router(coreModule(), ruleOf(group, outputs));
  return group.values.flatMap(({ value, number }, index) => {
    if (number !== null) return [`${index} ${topicOfNumber(number, outputs)} ${value}`];
    const decision = core.route(value);
    assert.ok("reason" in decision, value);
    return outputs === 8 ? [] : [`${index} ${topicOf(outputs)} ${value} ${decision.reason} at byte ${decision.byteOffset}`];
  });
}

function lineOf(topic: string | null, payload: Uint8Array): string {
  const content = readPayload(payload);
  const fields = [content?.key, topic, content?.value, ...(content?.headers ?? []).map(({ value }) => value)];
  return fields.map((field) => (typeof field === "string" ? field : Buffer.from(field ?? []).toString())).join(" ");
}

const groups = javaGroups();

for (const group of groups) {
  test(`the ${group.field} of ${group.format} at ${group.zone} picks the topic that java.time says`, () => {
    for (const outputs of [7, 8]) {
      const lines: string[] = [];
      const guest = new Guest(wasm, deploymentOf(ruleOf(group, outputs)));
      runOnce(guest, [batchOfGroup(group)], (topic, payload) => lines.push(lineOf(topic, payload)) > 0);
      assert.deepEqual(lines, wantedLines(group, outputs));
    }
  });
}

const skip = (await wasmtimeMissing()) ?? false;
let wasmtime: Wasmtime | null = null;
before(async () => {
  if (skip === false) wasmtime = await Wasmtime.start();
});
after(() => wasmtime?.stop());

test("of every tenth group, wasmtime writes the same", { skip }, async () => {
  for (const group of groups.filter((_, index) => index % 10 === 0)) {
    const run = await wasmtime?.run(wasm, deploymentOf(ruleOf(group, 7)), [batchOfGroup(group)]);
    assert.equal(run?.error, null);
    assert.deepEqual(
      run?.written.map(([topic, payload]) => lineOf(topic, Buffer.from(payload, "base64"))),
      wantedLines(group, 7),
    );
  }
});
