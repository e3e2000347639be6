/**
 * The same short run on brokers that treat transactions differently: of a release before Kafka 4, of Kafka 4 as it is after an upgrade, and of Kafka 4 as
 * it is when it begins (where clients that can, and ours can't, get a new epoch with each transaction).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../../hosts/demo/broker/cluster.ts";
import { runTool } from "../../hosts/demo/broker/tools.ts";
import { brokerMissing } from "../broker/available.ts";
import { until } from "../broker/topics.ts";
import { coordinatorOf } from "../chaos/faults.ts";
import { startStream, type StreamRun } from "./stream-run.ts";

const PROGRESS_RECORDS = 5000;
const SHAPE = { name: "brokers", inputPartitions: 4, outputPartitions: 3, routers: 1, records: 40_000, perSecond: 4000 } as const;

const skip = (await brokerMissing()) ?? false;

for (const { name, options, features } of [
  { name: "Kafka 3.9.2", options: { version: "3.9.2" }, features: { "metadata.version": "3.9-IV0" } },
  {
    name: "Kafka 4.3.1 with transaction.version 0",
    options: { transactionVersion: 0 },
    features: { "metadata.version": "4.3-IV0", "transaction.version": "0" },
  },
  {
    name: "Kafka 4.3.1 with transaction.version 2",
    options: { transactionVersion: 2 },
    features: { "metadata.version": "4.3-IV0", "transaction.version": "2" },
  },
] as const) {
  test(`every record is routed exactly once by ${name}`, { skip }, async (context) => {
    const properties = { "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500 };
    await using cluster = await startCluster({ nodes: 3, heapMb: 256, properties, ...options });
    const found = await featuresOf(cluster.bootstrap);
    for (const [feature, level] of Object.entries(features)) assert.equal(found.get(feature), level, feature);

    await using run = await startStream(cluster, SHAPE);
    await run.untilProgress(PROGRESS_RECORDS);
    await killRouter(run);
    await rebalance(run);
    const { broker } = await transactionCoordinator(run);
    await cluster.restart(broker);
    await run.untilProgress(PROGRESS_RECORDS);
    context.diagnostic(`${await run.finish()} records`);
  });
}

/** The level of each feature that the cluster has agreed upon. */
async function featuresOf(bootstrap: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await runTool({
    className: "org.apache.kafka.tools.FeatureCommand",
    args: ["--bootstrap-server", bootstrap, "describe"],
  });
  return new Map(
    [...stdout.matchAll(/^Feature: (\S+).*\bFinalizedVersionLevel: (\S+)/gmu)].map(([, feature = "", level = ""]) => [feature, level]),
  );
}

async function killRouter({ instances, untilProgress }: StreamRun): Promise<void> {
  const [name = ""] = instances.names;
  await instances.kill(name);
  await instances.untilRouting(instances.start());
  await untilProgress(PROGRESS_RECORDS);
}

/** One more comes, and the first one goes. */
async function rebalance({ instances, untilProgress }: StreamRun): Promise<void> {
  const [first = ""] = instances.names;
  await instances.untilRouting(instances.start());
  await untilProgress(PROGRESS_RECORDS);
  await instances.stop(first);
  await untilProgress(PROGRESS_RECORDS);
}

/** Awaits that a router has a transaction open; returns where the state of it is kept. */
async function transactionCoordinator({ admin, idPrefix }: StreamRun): Promise<{ readonly broker: number }> {
  let open: string | undefined;
  await until("a transaction is open", async () => {
    [open] = [...(await admin.transactions(idPrefix))].find(([, state]) => state === "Ongoing") ?? [];
    return open !== undefined;
  });
  return coordinatorOf(admin, "__transaction_state", open ?? "");
}
