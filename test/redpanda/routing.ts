/** Routing in tests: records in, lines of text out. */
import assert from "node:assert/strict";
import type { Sketch } from "../batches.ts";
import { batchOf } from "../batches.ts";
import { literalOf } from "../bytes.ts";
import type { Header } from "../record-batch.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { readPayload } from "./payload.ts";
import { deploymentOf, topicOf } from "./router-deployment.ts";
import type { RouterBuild } from "./router-module.ts";
import { routerModule } from "./router-module.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";
import type { LogEvent } from "./transform-log.ts";

/** The topics of the even, the odd and the unroutable, when outputs are the default ones. */
export const [EVEN, ODD, LETTERS] = [0, 1, 2].map(topicOf) as [string, string, string];

/** What the router wrote, as lines of text, and what it logged. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly log: readonly LogEvent[];
}

/** Returns a record as a line of text: its topic, key, value and headers. */
export function lineOf(
  topic: string,
  { key, value, headers }: { key: Uint8Array | null; value: Uint8Array | null; headers: readonly Header[] },
): string {
  const fields = headers.map((header) => ` ${literalOf(header.key)}=${literalOf(header.value)}`);
  return `${topic}: ${literalOf(key)} ${literalOf(value)}${fields.join("")}`;
}

/** Routes batches with a new VM and returns what was written as lines of text. */
export function routeBatches(guest: Guest, batches: readonly SourceBatch[]): Outcome {
  const lines: string[] = [];
  runOnce(guest, batches, (topic, payload) => {
    const content = readPayload(payload);
    assert.ok(content !== null, "what the router writes is a record");
    return lines.push(lineOf(topic ?? EVEN, content)) > 0;
  });
  return { lines, log: guest.log.events };
}

/** Routes one batch of records under a rule. */
export function route(
  sketches: readonly (Sketch | string | null)[],
  rule = "",
  environment: Readonly<Record<string, string>> = {},
  build: RouterBuild = "redpanda",
): Outcome {
  return routeBatches(new Guest(routerModule(build), deploymentOf(rule, environment)), [sourceBatchOf(batchOf(sketches))]);
}
