/**
 * What the router counts: of what was read, what became of each record, what was written, and what was committed. Everything is told by the
 * fetch, by the stretch or by the batch, never by the record, and the app's own account is read off the same counters.
 */
import type { FetchedBatches, PartitionProgress, Position } from "../binder.ts";
import type { Counter, Metrics, Timer } from "../metrics.ts";
import type { RoutedStretch } from "../route-fetched.ts";
import { createIntegrationMeters, type IntegrationMeters } from "./integration-meters.ts";
import { createLag } from "./lag.ts";

/** Records since the start, by what became of them. */
export interface RecordCounts {
  /** By output index. */
  readonly routed: readonly number[];
  readonly tombstones: number;
  /** Left out because no output takes them. */
  readonly unroutable: number;
  /** Written to the topic of dead letters because no output takes them. */
  readonly deadLetters: number;
  /** Times that the app went on elsewhere in the input than where it stood, because the log did not have the position any more. */
  readonly jumps: number;
}

/** A batch that is written: to an output, by its index, or to the topic of dead letters. */
export interface SentBatch {
  readonly output: number | "dead-letters";
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

/** Takes note of what happens. None of it ever throws. */
export interface RouterMeters {
  sessionOpened(): void;
  sessionFailed(): void;
  /** The partitions have been assigned anew. */
  assigned(): void;
  jumped(): void;
  fetched(fetched: FetchedBatches): void;
  routed(stretch: RoutedStretch): void;
  /** A batch is on its way until `acknowledged` settles. */
  sent(batch: SentBatch, acknowledged: Promise<void>): void;
  /** A handler had to wait until there was room for more on the way. */
  heldBack(seconds: number): void;
  committed(positions: readonly Position[], seconds: number): void;
  commitRefused(seconds: number): void;
  counts(): RecordCounts;
}

export interface RouterMetersOptions {
  readonly topics: readonly string[];
  readonly group: string;
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  /** What becomes of unroutable records: the policy's name. */
  readonly unroutable: string;
  readonly inFlightBytesMax: number;
  /** The session of this moment, or null between two. */
  readonly session: () => RunningSession | null;
}

/** What is read off a session when somebody asks. */
export interface RunningSession {
  /** Bytes that are written and not acknowledged. */
  readonly inFlightBytes: number;
  /** How far the consumer is, of the partitions that it has. */
  progress(): readonly PartitionProgress[];
}

const NO_OUTPUT = "none";

/** Registers the router's meters and returns those who tell them. */
export function createRouterMeters(metrics: Metrics, options: RouterMetersOptions): RouterMeters {
  const records = createRecordMeters(metrics, options);
  const integration = createIntegrationMeters(metrics, options.outputs);
  const written = createWrittenMeters(metrics, options, integration);
  const lag = registerLag(metrics, options);
  const count = (name: string, description: string): Counter => metrics.counter({ name, description });
  const sessionsOpened = count("router.sessions.opened", "Sessions begun: a consumer and a producer each");
  const sessionsFailed = count("router.sessions.failed", "Sessions that could not be opened, or could not go on");
  const assignments = count("router.assignments", "Times that the group's partitions were assigned to this instance anew");
  const jumps = count("router.jumps", "Times that the position was not in the input's log any more");
  const fetches = count("router.fetches", "Fetches of a partition that brought batches");
  const batches = count("router.fetched.batches", "RecordBatches read from the input");
  const bytes = metrics.counter({ name: "router.fetched", description: "Bytes of RecordBatches read from the input", baseUnit: "bytes" });
  const core = metrics.timer({ name: "router.core", description: "Time that the core took for a stretch of records" });
  const waits = metrics.timer({ name: "router.held.back", description: "Time that reading waited for room among what is in flight" });
  const commit = { name: "router.commit", description: "Time of commits of the consumer's positions" };
  const taken = metrics.timer(commit, { outcome: "taken" });
  const refused = metrics.timer(commit, { outcome: "refused" });
  return {
    sessionOpened: () => sessionsOpened.add(1),
    sessionFailed: () => sessionsFailed.add(1),
    assigned() {
      assignments.add(1);
      lag.assigned();
    },
    jumped: () => jumps.add(1),
    fetched(fetched) {
      fetches.add(1);
      batches.add(fetched.batches.length);
      bytes.add(fetched.batches.reduce((sum, batch) => sum + batch.bytes.length, 0));
      lag.fetched(fetched.topic, fetched.partition, fetched.fetchOffset);
    },
    routed(stretch) {
      const seconds = stretch.coreMs / 1000;
      core.record(seconds);
      integration.received(records.add(stretch), seconds, stretch.unroutable.length);
    },
    sent: written.sent,
    heldBack: (seconds) => waits.record(seconds),
    committed(positions, seconds) {
      taken.record(seconds);
      lag.committed(positions);
    },
    commitRefused: (seconds) => refused.record(seconds),
    counts: () => ({ ...records.counts(), jumps: jumps.count }),
  };
}

interface RecordMeters {
  /** Counts the records of a stretch and returns how many there are. */
  add(stretch: RoutedStretch): number;
  counts(): Omit<RecordCounts, "jumps">;
}

/** Each record that was read is in exactly one of these. */
function createRecordMeters(metrics: Metrics, { outputs, unroutable: policy }: RouterMetersOptions): RecordMeters {
  const family = { name: "router.records", description: "Records of the input, by what became of them" };
  const of = (outcome: string, output = NO_OUTPUT): Counter => metrics.counter(family, { outcome, output });
  const routed = outputs.map((output) => of("routed", output));
  const tombstones = of("tombstone");
  const leftOut = of("unroutable");
  const deadLetters = of("dead-letter");
  const reasonFamily = { name: "router.unroutable", description: "Unroutable records, by why they are" };
  const reasons = new Map<string, Counter>();
  // Which reasons there can be is the rule's business, so a series begins with its first record.
  const ofReason = (reason: string): Counter => {
    const known = reasons.get(reason) ?? metrics.counter(reasonFamily, { policy, reason });
    reasons.set(reason, known);
    return known;
  };
  return {
    add({ batches, tombstones: nulls, unroutable, deadLetters: letters }) {
      let count = nulls + unroutable.length;
      for (const { output, recordCount } of batches) {
        routed[output]?.add(recordCount);
        count += recordCount;
      }
      tombstones.add(nulls);
      (letters.length > 0 ? deadLetters : leftOut).add(unroutable.length);
      for (const { reason } of unroutable) ofReason(reason).add(1);
      return count;
    },
    counts: () => ({
      routed: routed.map((counter) => counter.count),
      tombstones: tombstones.count,
      unroutable: leftOut.count,
      deadLetters: deadLetters.count,
    }),
  };
}

/** What is written to one topic. */
interface TargetMeters {
  readonly batches: Counter;
  readonly bytes: Counter;
  readonly latency: Timer;
  /** Also counts as sent into the output's channel. */
  readonly channel: ReturnType<IntegrationMeters["channel"]> | null;
}

function createWrittenMeters(
  metrics: Metrics,
  { outputs, inFlightBytesMax, session }: RouterMetersOptions,
  integration: IntegrationMeters,
): Pick<RouterMeters, "sent"> {
  const targetOf = (output: string, channel: TargetMeters["channel"]): TargetMeters => ({
    batches: metrics.counter({ name: "router.written.batches", description: "RecordBatches acknowledged" }, { output }),
    bytes: metrics.counter({ name: "router.written", description: "Bytes of RecordBatches acknowledged", baseUnit: "bytes" }, { output }),
    latency: metrics.timer({ name: "router.acknowledgement", description: "Time until a batch was acknowledged" }, { output }),
    channel,
  });
  const targets = outputs.map((output) => targetOf(output, integration.channel(output)));
  const deadLetters = targetOf("dead-letters", null);
  const inFlightFamily = { name: "router.in.flight", description: "Bytes written and not acknowledged yet", baseUnit: "bytes" };
  metrics.gauge(inFlightFamily, {}, () => session()?.inFlightBytes ?? 0);
  const inFlightMax = { name: "router.in.flight.max", description: "Most of them that there may be", baseUnit: "bytes" };
  metrics.gauge(inFlightMax, {}, () => inFlightBytesMax);
  return {
    sent({ output, bytes, recordCount }, acknowledged) {
      const target = output === "dead-letters" ? deadLetters : targets[output];
      if (target === undefined) return;
      const size = bytes.length;
      const sentMs = performance.now();
      const seconds = (): number => (performance.now() - sentMs) / 1000;
      const succeeded = (): void => {
        target.batches.add(1);
        target.bytes.add(size);
        target.latency.record(seconds());
        target.channel?.succeeded(recordCount, seconds());
      };
      const failed = (error: unknown): void => {
        target.channel?.failed(recordCount, seconds(), error);
      };
      acknowledged.then(succeeded, failed);
    },
  };
}

function registerLag(metrics: Metrics, { topics, group, session }: RouterMetersOptions): ReturnType<typeof createLag> {
  const lag = createLag();
  for (const topic of topics) {
    metrics.gauge(
      {
        name: "spring.cloud.stream.binder.kafka.offset",
        description: "Unconsumed messages for a particular group and topic, of the partitions that this instance reads",
      },
      { group, topic },
      () => lag.of(topic, session()?.progress() ?? []),
    );
  }
  return lag;
}
