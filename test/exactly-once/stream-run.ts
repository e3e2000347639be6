/**
 * A stream whose routers deliver exactly once: numbered records are written to its input at a steady rate, a reader of committed records is on its
 * outputs all the while, and whoever runs it does things to routers and brokers. At the end every record is accounted for.
 */
import assert from "node:assert/strict";
import type { Cluster } from "../../hosts/demo/broker/cluster.ts";
import { streamOf, type Stream } from "../broker/stream.ts";
import { accountFor } from "../chaos/account.ts";
import { openClusterAdmin, type ClusterAdmin } from "../chaos/cluster-admin.ts";
import { createInstances, type Instances } from "../chaos/instances.ts";
import { talkWith, type Talk } from "../chaos/java.ts";
import { startLoad, type Load } from "../chaos/load.ts";
import { untilCommitted, untilMore, untilSettled } from "../chaos/progress.ts";
import { transactionProperties } from "../chaos/run.ts";

/** The shortest that brokers take, so that what a killed router leaves behind is soon out of the way. */
const SESSION_TIMEOUT_MS = 6000;
const TRANSACTION_TIMEOUT_MS = 6000;
const PROGRESS_TIMEOUT_MS = 60_000;
const SETTLED_TIMEOUT_MS = TRANSACTION_TIMEOUT_MS + 15_000;

/** What a stream is to be. */
export interface StreamShape {
  readonly name: string;
  readonly inputPartitions: number;
  readonly outputPartitions: number;
  readonly routers: number;
  /** The least number of records. */
  readonly records: number;
  readonly perSecond: number;
}

/** A running stream. */
export interface StreamRun extends AsyncDisposable {
  readonly stream: Stream;
  readonly admin: ClusterAdmin;
  readonly instances: Instances;
  /** What the routers' transactional ids begin with. */
  readonly idPrefix: string;
  /** Awaits that the group has committed more than so many records more. */
  readonly untilProgress: (records: number) => Promise<void>;
  /**
   * Ends the load, awaits that all is routed, stops the routers, and asserts: each record was written exactly once, to where it belongs and in
   * order; a reader of committed records saw that while it happened; no transaction is open; the group's positions are the input's ends; no
   * router ended by itself. Returns how many records there were.
   */
  readonly finish: () => Promise<number>;
}

/** Creates the topics and starts the load, the reader and the routers. Resolves when one router has joined its group. */
export async function startStream(cluster: Cluster, shape: StreamShape): Promise<StreamRun> {
  await using started = new AsyncDisposableStack();
  const admin = started.use(await openClusterAdmin(cluster.bootstrap));
  const stream = streamOf(cluster.bootstrap, shape.name);
  const idPrefix = `${shape.name}-`;
  const deadLetters = `error.${stream.input}.${stream.group}`;
  await admin.create(stream.input, shape.inputPartitions);
  for (const topic of [stream.even, stream.odd]) await admin.create(topic, shape.outputPartitions);
  await admin.create(deadLetters, shape.inputPartitions);
  const { bootstrap } = cluster;
  const { records, perSecond, inputPartitions: partitions } = shape;
  const load = started.use(await startLoad({ bootstrap, topic: stream.input, partitions, perSecond, records }));
  const outputs = [stream.even, stream.odd, deadLetters];
  const reader = started.use(await talkWith("CommittedReader", [bootstrap, ...outputs]));
  const instances = started.use(createInstances({ main: null, properties: propertiesOf(stream, idPrefix), onSurprise: console.error }));
  const [first = ""] = Array.from({ length: shape.routers }, () => instances.start());
  await instances.untilRouting(first);
  const owned = started.move();
  const parts = { cluster, admin, stream, deadLetters, load, reader, instances };
  return {
    stream,
    admin,
    instances,
    idPrefix,
    untilProgress: async (count) => {
      const { committed } = await admin.behind(stream.group, stream.input);
      const tookMs = await untilMore(admin, stream, committed + count, PROGRESS_TIMEOUT_MS);
      if (tookMs === null) await fail(instances, `the group did not commit ${count} records within ${PROGRESS_TIMEOUT_MS / 1000} s`);
    },
    finish: async () => finish(parts),
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
}

function propertiesOf(stream: Stream, idPrefix: string): Record<string, string | number> {
  const client = "spring.cloud.stream.kafka.binder.configuration";
  return {
    ...stream.properties,
    ...transactionProperties({ idPrefix, timeoutMs: TRANSACTION_TIMEOUT_MS }),
    [`${client}.session.timeout.ms`]: SESSION_TIMEOUT_MS,
    [`${client}.heartbeat.interval.ms`]: 1000,
    "spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq": "true",
    // Some batches make up a transaction.
    "router.output-batch-bytes": 16_384,
    "router.in-flight-bytes": 131_072,
    "logging.level.root": "DEBUG",
  };
}

interface Parts {
  readonly cluster: Cluster;
  readonly admin: ClusterAdmin;
  readonly stream: Stream;
  readonly deadLetters: string;
  readonly load: Load;
  readonly reader: Talk;
  readonly instances: Instances;
}

async function finish({ cluster, admin, stream, deadLetters, load, reader, instances }: Parts): Promise<number> {
  const acknowledged = await load.stop();
  const outputs = [stream.even, stream.odd, deadLetters];
  if ((await untilCommitted(admin, stream, PROGRESS_TIMEOUT_MS)) === null) await fail(instances, "not all is routed");
  await instances.stopAll();
  const unsettled = await untilSettled(admin, stream, outputs, SETTLED_TIMEOUT_MS);
  const { bootstrap } = cluster;
  const { input, even, odd } = stream;
  const { account, samples } = await accountFor({ bootstrap, input, even, odd, deadLetters, acknowledged, anyPartition: false });
  const { missing, unexpected, disordered, duplicated } = account;
  const live = await reader.ask("end");
  await using after = await talkWith("CommittedReader", [bootstrap, ...outputs]);
  const found = { missing, unexpected, disordered, duplicated, ...unsettled, surprises: instances.surprises, live };
  const wanted = { missing: 0, unexpected: 0, disordered: 0, duplicated: 0, open: 0, apart: 0, pending: false, surprises: [] };
  assert.deepEqual(found, { ...wanted, live: await after.ask("end") }, [...samples, await instances.keepLogs()].join("\n"));
  return account.input;
}

async function fail(instances: Instances, what: string): Promise<never> {
  throw new Error(`${what}; the routers' logs are in ${await instances.keepLogs()}`);
}
