/** How long a record takes at a steady rate, and how many transactions a second there are when records trickle in. */
import { Kafka, logLevel, type Producer } from "kafkajs";
import { AT_LEAST_ONCE, exactlyOnce } from "./peers/pipeline/ours.ts";
import { openLogEnds } from "./pipeline-log-ends.ts";
import { quantile, type LatencyRow, type Trickle } from "./pipeline-report.ts";
import { startRouter, type Router, type Stream } from "./pipeline-router.ts";
import { PARTITIONS, streamOf, untilCommitted, untilMore, type Field } from "./pipeline-run.ts";

const RECORDS_PER_SECOND = 10_000;
const TURN_MS = 5;
const RECORDS_PER_TURN = (RECORDS_PER_SECOND * TURN_MS) / 1000;
const TRICKLE_INTERVAL_MS = 5;

/** A value of 17 bytes that says when it was made: sixteen digits of microseconds, and one for the parity. */
function valueNow(index: number): string {
  return `${Math.round((performance.timeOrigin + performance.now()) * 1000)}${index % 10}`;
}

function ageMs(value: string): number {
  return performance.timeOrigin + performance.now() - Number(value.slice(-17, -1)) / 1000;
}

async function withProducer<T>(field: Field, use: (producer: Producer) => Promise<T>): Promise<T> {
  const producer = clientOf(field).producer();
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

function clientOf({ bootstrap }: Field): Kafka {
  return new Kafka({ clientId: "bench", brokers: [bootstrap], logLevel: logLevel.NOTHING });
}

/** Writes records at the rate, some in each partition a turn; what is late goes out with the next turn. */
async function writeSteadily(producer: Producer, topic: string, seconds: number): Promise<number> {
  const turns = (seconds * 1000) / TURN_MS;
  const sends: Promise<unknown>[] = [];
  const beginMs = performance.now();
  for (let turn = 0; turn < turns; turn++) {
    const waitMs = beginMs + turn * TURN_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const messages = Array.from({ length: RECORDS_PER_TURN }, (_, index) => ({ value: valueNow(index), partition: index % PARTITIONS }));
    sends.push(producer.send({ topic, messages, acks: -1 }));
  }
  await Promise.all(sends);
  return turns * RECORDS_PER_TURN;
}

/** Reads topics as a reader of committed records does; returns the ages at which records came, when as many as are asked for have come. */
async function readAges(
  field: Field,
  topics: readonly string[],
  group: string,
): Promise<{ of(count: number): Promise<readonly number[]> }> {
  const consumer = clientOf(field).consumer({ groupId: group, maxWaitTimeInMs: 100 });
  const ages: number[] = [];
  let wanted = Infinity;
  const { promise: all, resolve } = Promise.withResolvers<undefined>();
  const joined = Promise.withResolvers<undefined>();
  consumer.on("consumer.group_join", () => joined.resolve(undefined));
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 2 * PARTITIONS,
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) ages.push(ageMs(value?.toString() ?? ""));
      if (ages.length >= wanted) resolve(undefined);
      return Promise.resolve();
    },
  });
  await joined.promise;
  return {
    of: async (count) => {
      wanted = count;
      if (ages.length < wanted) await all;
      await consumer.disconnect();
      return ages;
    },
  };
}

/** Measures records through a router, or, with null, straight from the input to the reader. */
export async function latencyOf(field: Field, router: Router | null, name: string, seconds: number): Promise<LatencyRow> {
  const stream = streamOf(field.bootstrap, name, name);
  for (const topic of [stream.input, stream.even, stream.odd]) await field.topics.create(topic, PARTITIONS);
  const running = router === null ? null : startRouter(router, stream);
  try {
    const ages = await readAges(field, router === null ? [stream.input] : [stream.even, stream.odd], `${name}-reader`);
    const count = await withProducer(field, async (producer) => {
      if (running !== null) await untilRouted(field, stream, producer, running);
      return writeSteadily(producer, stream.input, seconds);
    });
    // The first record was there before the rate was.
    const all = (await ages.of(count + (router === null ? 0 : 1))).slice(-count);
    const label = router === null ? "no router" : `${router.name}, ${router.delivery}`;
    const [p50Ms, p99Ms] = [quantile(all, 0.5), quantile(all, 0.99)];
    return { name: label, perSecond: RECORDS_PER_SECOND, records: count, p50Ms, p99Ms, maximumMs: quantile(all, 1) };
  } finally {
    await running?.stop();
  }
}

/** Awaits that a first record has come through. */
async function untilRouted(field: Field, stream: Stream, producer: Producer, running: ReturnType<typeof startRouter>): Promise<void> {
  using ends = await openLogEnds(field.bootstrap, [stream.even, stream.odd], PARTITIONS);
  await producer.send({ topic: stream.input, messages: [{ value: valueNow(0), partition: 0 }] });
  await untilMore(ends, running, 0);
}

export async function latencies(field: Field, seconds: number): Promise<readonly LatencyRow[]> {
  const rows: LatencyRow[] = [];
  for (const [index, router] of [null, AT_LEAST_ONCE, exactlyOnce(100), exactlyOnce(20)].entries()) {
    rows.push(await latencyOf(field, router, `latency-${index}`, seconds));
  }
  return rows;
}

/** Writes one record after the other, each as soon as the one before is acknowledged, all into one partition of one output. */
export async function trickle(field: Field, seconds: number): Promise<Trickle> {
  const stream = streamOf(field.bootstrap, "trickle", "trickle");
  for (const topic of [stream.input, stream.even, stream.odd]) await field.topics.create(topic, 1);
  const running = startRouter(exactlyOnce(TRICKLE_INTERVAL_MS), stream);
  try {
    using ends = await openLogEnds(field.bootstrap, [stream.even], 1);
    return await withProducer(field, async (producer) => {
      const write = async (): Promise<unknown> => producer.send({ topic: stream.input, messages: [{ value: valueNow(0) }] });
      await write();
      await untilMore(ends, running, 0);
      await untilCommitted(field, running, stream, 1);
      const before = (await ends.sum()) ?? 0;
      const beginMs = performance.now();
      let written = 0;
      for (; performance.now() < beginMs + seconds * 1000; written++) await write();
      await untilCommitted(field, running, stream, written + 1);
      const took = (performance.now() - beginMs) / 1000;
      // What is in the log besides the records are the ends of transactions, one of each.
      const markers = ((await ends.sum()) ?? 0) - before - written;
      return { intervalMs: TRICKLE_INTERVAL_MS, recordsPerSecond: written / took, transactionsPerSecond: markers / took };
    });
  } finally {
    await running.stop();
  }
}
