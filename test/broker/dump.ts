/** Kafka's own tools over a broker of the tests. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cluster } from "../../hosts/demo/broker/cluster.ts";
import { runTool } from "../../hosts/demo/broker/tools.ts";

/** Runs one of Kafka's tools; returns what it has written. */
export async function tool(className: string, args: readonly string[], stdin?: string): Promise<string> {
  const result = await runTool({ className: `org.apache.kafka.tools.${className}`, args, stdin });
  assert.equal(result.exitCode, 0, result.stdout + result.stderr);
  return result.stdout;
}

/** What DumpLogSegments says of each batch of a topic, or of whatever else its lines are that match. */
export async function dumpedBatches(cluster: Cluster, topic: string, lines = /^baseOffset:/u): Promise<readonly string[]> {
  const data = join(dirname(cluster.log(1)), "data-1");
  const folders = (await readdir(data)).filter((name) => name.replace(/-\d+$/u, "") === topic);
  const files = folders.map((name) => join(data, name, "00000000000000000000.log")).join(",");
  const dump = await tool("DumpLogSegments", ["--deep-iteration", "--files", files]);
  return dump.split("\n").filter((line) => lines.test(line));
}
