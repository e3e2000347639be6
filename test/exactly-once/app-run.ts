/** The app as a process that delivers exactly once, and the judgement on what it has delivered. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApp, type RunningApp } from "../broker/app.ts";
import { faultless, verify } from "../broker/records.ts";
import { streamOf, type Stream } from "../broker/stream.ts";
import { untilDecided } from "./offsets.ts";
import type { RequestMatcher } from "./request-proxy.ts";
import { ownerOf, type ApiName, type Request } from "./requests.ts";
import type { ProxiedBroker } from "./use-proxied-broker.ts";

/** Of each topic. */
export const PARTITIONS = 2;
/** So many that they make some batches of an output partition, if those are small. */
const RECORDS = 200;
const LINES_SHOWN = 40;
const transaction = "spring.cloud.stream.kafka.binder.transaction";
const client = "spring.cloud.stream.kafka.binder.configuration";
/** A member hears soon of what the group wants, and a stop does not wait long for a fetch. */
const PROMPT = {
  [`${client}.fetch.max.wait.ms`]: 200,
  [`${client}.heartbeat.interval.ms`]: 500,
};
export const TRANSACTION_TIMEOUT = `${transaction}.producer.configuration.transaction.timeout.ms`;
export const SESSION_TIMEOUT = `${client}.session.timeout.ms`;
export const REBALANCE_TIMEOUT = `${client}.max.poll.interval.ms`;

/** What an instance is told beside its stream. */
export type MoreProperties = Readonly<Record<string, string | number>>;

/** A stream of numbered records, and the instances of the app that route it. */
export interface AppRun {
  readonly stream: Stream;
  /** Those requests of the instances that are of this kind: requests of other tests are none of theirs. */
  matching(api: ApiName, where?: (request: Request) => boolean): RequestMatcher;
  /** Writes further records to each partition of the input. */
  write(): Promise<void>;
  start(more?: MoreProperties): RunningApp;
  /** Awaits that all records are committed, stops the instances, and judges what is in the log. */
  judge(): Promise<void>;
}

/** Prepares a run: the topics are there, and records in the input. */
export async function openRun(context: TestContext, broker: ProxiedBroker, name: string): Promise<AppRun> {
  const stream = streamOf(broker.bootstrap, name);
  for (const topic of [stream.input, stream.even, stream.odd]) await broker.topics.create(topic, PARTITIONS);
  const apps: RunningApp[] = [];
  let written = 0;
  const write = async (): Promise<void> => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      // All of one length, so that batches of as many records are as long.
      const values = Array.from({ length: RECORDS }, (_, index) => String(1_000_000 + written + index));
      await broker.topics.write(stream.input, partition, values);
      written += RECORDS;
    }
  };
  await write();
  context.after(() => {
    // What the types do not know yet.
    if (!(context as TestContext & { readonly passed: boolean }).passed)
      for (const app of apps) console.error([...app.lines, ...app.errorLines].slice(-LINES_SHOWN).join("\n"));
  });
  return {
    stream,
    matching: (api, where = () => true) => ({
      api,
      where: (request) => ownerOf(request)?.startsWith(`${name}-`) === true && where(request),
    }),
    write,
    start: (more = {}) => {
      const properties = { ...stream.properties, ...PROMPT, [`${transaction}.transaction-id-prefix`]: `${name}-`, ...more };
      const app = startApp(context, { properties });
      apps.push(app);
      return app;
    },
    judge: async () => {
      const { bootstrap } = broker.cluster;
      await broker.topics.untilCommitted(stream.group, stream.input);
      for (const app of apps) assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
      for (const topic of [stream.even, stream.odd]) await untilDecided(bootstrap, topic, PARTITIONS);
      assert.deepEqual(await verify(bootstrap, stream), faultless(written));
      assert.deepEqual(await broker.topics.committed(stream.group, stream.input), await broker.topics.endOffsets(stream.input));
    },
  };
}

/** Prepares a run whose one instance has committed what was there, and so has begun. */
export async function openBegun(
  context: TestContext,
  broker: ProxiedBroker,
  name: string,
  more: MoreProperties = {},
): Promise<AppRun & { readonly app: RunningApp }> {
  const run = await openRun(context, broker, name);
  const app = run.start(more);
  await broker.topics.untilCommitted(run.stream.group, run.stream.input);
  return { ...run, app };
}
