/** What the log of a partition has, transactions and all, by Kafka's own tool. */
import { dirname, join } from "node:path";
import type { Cluster } from "../../hosts/demo/broker/cluster.ts";
import { tool } from "../broker/dump.ts";

/** A record as its value, and what became of its transaction. */
export type LoggedRecord = `${string}: ${"committed" | "aborted" | "open"}`;

/** A line of a batch has its producer, and those of its records, which begin with a bar, have their values, or what a marker decides. */
const BATCH = /^baseOffset:.* producerId: (?<producer>-?\d+) .* isTransactional: (?<isTransactional>true|false) /u;
const MARKER = /^\| .* endTxnMarker: (?<decision>COMMIT|ABORT) /u;
const RECORD = /^\| .* payload: (?<value>.*)$/u;

/** Reads the records of a partition in the order of the log. What is outside of a transaction is committed. */
export async function loggedRecords(cluster: Cluster, topic: string, partition = 0): Promise<readonly LoggedRecord[]> {
  const file = join(dirname(cluster.log(1)), "data-1", `${topic}-${partition}`, "00000000000000000000.log");
  const dump = await tool("DumpLogSegments", ["--deep-iteration", "--print-data-log", "--files", file]);
  const records: { readonly value: string; readonly producer: string; outcome: "committed" | "aborted" | "open" }[] = [];
  let producer = "";
  let isTransactional = false;
  for (const line of dump.split("\n")) {
    const batch = BATCH.exec(line)?.groups;
    if (batch !== undefined) {
      producer = batch["producer"] ?? "";
      isTransactional = batch["isTransactional"] === "true";
    }
    const decision = MARKER.exec(line)?.groups?.["decision"];
    if (decision !== undefined) {
      const outcome = decision === "COMMIT" ? "committed" : "aborted";
      for (const record of records) if (record.producer === producer && record.outcome === "open") record.outcome = outcome;
    }
    const value = RECORD.exec(line)?.groups?.["value"];
    if (value !== undefined && decision === undefined) records.push({ value, producer, outcome: isTransactional ? "open" : "committed" });
  }
  return records.map((record): LoggedRecord => `${record.value}: ${record.outcome}`);
}
