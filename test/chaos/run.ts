/** One chaos run: load, routers and faults at the same time, then the account of every record. */
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startCluster, type Cluster } from "../../hosts/demo/broker/cluster.ts";
import { streamOf, type Stream } from "../broker/stream.ts";
import { accountFor, type Account } from "./account.ts";
import { openClusterAdmin, type Leader } from "./cluster-admin.ts";
import { FAULTS, PARTITIONS_FAULT, TOO_LARGE_FAULT, type Fault, type Scene, type TransactionSettings } from "./faults.ts";
import { createInstances } from "./instances.ts";
import { startLoad } from "./load.ts";
import { isSettled, untilCommitted, untilMore, untilSettled } from "./progress.ts";
import { randomOf, rounds, type Random } from "./schedule.ts";
import { TRANSACTION_FAULTS } from "./transaction-faults.ts";

const STOCK_ROUTER = fileURLToPath(new URL("stock-router.ts", import.meta.url));
const INPUT_PARTITIONS = 6;
/** With fewer than the input, several input partitions share one of the output. */
const OUTPUT_PARTITIONS = { even: 6, odd: 4 };
const BETWEEN_FAULTS_MS = { min: 100, max: 2000 };
/** One in so many faults begins before it is known that the routers have got over the last one. */
const HASTY_ONE_IN = 3;
const RECOVERY_TIMEOUT_MS = 90_000;
/** A killed member's session takes 15 s; what takes much longer is worth a look at the logs. */
const ODD_RECOVERY_MS = 30_000;
const CAUGHT_UP_TIMEOUT_MS = 120_000;
/** The share of the time after which the input gets more partitions. */
const LATE = 0.6;
/** Smaller ones are fewer records a second than are written: one request a broker is on its way at a time. */
const BATCH_BYTES = [16_384, 65_536, 300_000] as const;
const IN_FLIGHT_BATCHES = [8, 16, 64] as const;
/** Shorter than a member's session, as long, and longer: what a router leaves behind stands in the next one's way for this long. */
const TRANSACTION_TIMEOUTS_MS = [6000, 15_000, 30_000] as const;
/** What the coordinator, and whoever waits for it, may take beyond a transaction's timeout. */
const SETTLED_GRACE_MS = 15_000;

/** What a run is told. */
export interface RunOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly records: number;
  readonly isControl: boolean;
  /** The routers are told to deliver exactly once. */
  readonly isExactlyOnce: boolean;
  /** Without the faults that take long. */
  readonly isBrief: boolean;
  /** Only faults whose name has this word are made; empty for all. */
  readonly only: string;
  readonly keepsLogs: boolean;
  readonly print: (line: string) => void;
}

/** What came of a run. */
export interface RunResult {
  readonly account: Account;
  readonly faults: number;
  /** Faults that ended without an unrouted record: they tell nothing. */
  readonly idleFaults: number;
  /** The longest time from the end of a fault until the group had committed more. */
  readonly slowestRecoveryMs: number;
  /** Sentences on what went wrong besides the records. */
  readonly surprises: readonly string[];
  /** Where the routers' logs are, if they were kept. */
  readonly logs: string | null;
}

/** Whether every record is accounted for. Duplicates are what at-least-once means. */
export function isFaultless({ account, surprises }: RunResult, isExactlyOnce: boolean): boolean {
  const { missing, unexpected, disordered, duplicated } = account;
  return missing === 0 && unexpected === 0 && disordered === 0 && surprises.length === 0 && (duplicated === 0 || !isExactlyOnce);
}

/** Starts the nodes that runs take place on: three, with proxies, and prompt to notice that one of them is away. */
export async function startChaosCluster(): Promise<Cluster> {
  const properties = { "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500, "auto.leader.rebalance.enable": "false" };
  return startCluster({ nodes: 3, heapMb: 256, proxied: true, properties });
}

/** Makes one run. The topics are new with each seed and kind of router; the nodes are as before when it is over. */
export async function runChaos(cluster: Cluster, options: RunOptions): Promise<RunResult> {
  const random = randomOf(options.seed);
  const kind = `${options.isControl ? "stock" : "router"}${options.isExactlyOnce ? "-once" : ""}`;
  const stream = streamOf(cluster.proxied ?? "", `${kind}-${options.seed}`);
  const print = printerSince(performance.now(), options.print);
  const batchBytes = random.pick(BATCH_BYTES);
  // With every other seed unroutable records become dead letters, and are dropped with the others.
  const hasDeadLetters = !options.isControl && options.seed % 2 === 1;
  const routing = options.isControl ? {} : settingsOf(batchBytes, hasDeadLetters, random);
  const transactions = options.isExactlyOnce ? { idPrefix: `${stream.input}-`, timeoutMs: random.pick(TRANSACTION_TIMEOUTS_MS) } : null;
  const settings = { ...routing, ...transactionProperties(transactions) };
  print(
    `seed ${options.seed}: ${Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}`,
  );

  await using admin = await openClusterAdmin(cluster.bootstrap);
  await admin.create(stream.input, INPUT_PARTITIONS);
  await admin.create(stream.even, OUTPUT_PARTITIONS.even);
  await admin.create(stream.odd, OUTPUT_PARTITIONS.odd);
  await admin.untilInSync();
  await using instances = createInstances({
    main: options.isControl ? STOCK_ROUTER : null,
    properties: { ...stream.properties, ...settings },
    onSurprise: print,
  });
  await using load = await startLoad({
    bootstrap: cluster.bootstrap,
    topic: stream.input,
    partitions: INPUT_PARTITIONS,
    perSecond: Math.ceil(options.records / options.seconds),
    records: options.records,
  });
  await instances.untilRouting(instances.start());
  const scene = { cluster, admin, instances, load, stream, random, batchBytes, transactions };
  const surprises: string[] = [];
  const course = await makeFaults(scene, options, print, surprises);
  const acknowledged = await load.stop();
  const caughtUpMs = await untilCommitted(admin, stream, CAUGHT_UP_TIMEOUT_MS);
  if (caughtUpMs === null) surprises.push(`not caught up within ${CAUGHT_UP_TIMEOUT_MS / 1000} s`);
  print(caughtUpMs === null ? (surprises.at(-1) ?? "") : `all committed ${(caughtUpMs / 1000).toFixed(1)} s after the last record`);
  await instances.stopAll();
  const deadLetters = hasDeadLetters ? deadLettersOf(stream) : null;
  if (transactions !== null) {
    const outputs = [stream.even, stream.odd, ...(deadLetters === null ? [] : [deadLetters])];
    const unsettled = await untilSettled(admin, stream, outputs, transactions.timeoutMs + SETTLED_GRACE_MS);
    if (!isSettled(unsettled)) surprises.push(`not settled in time: ${JSON.stringify(unsettled)}`);
  }
  const { account, samples } = await accountFor({
    bootstrap: cluster.bootstrap,
    input: stream.input,
    even: stream.even,
    odd: stream.odd,
    deadLetters,
    acknowledged,
    anyPartition: options.isControl,
  });
  for (const sample of samples) print(sample);
  const result = { account, ...course, surprises: [...surprises, ...instances.surprises], logs: null };
  const isOdd = !isFaultless(result, options.isExactlyOnce) || course.slowestRecoveryMs > ODD_RECOVERY_MS + (transactions?.timeoutMs ?? 0);
  const logs = options.keepsLogs || isOdd ? await instances.keepLogs() : null;
  return { ...result, logs };
}

function settingsOf(batchBytes: number, hasDeadLetters: boolean, random: Random): Record<string, string | number> {
  return {
    "router.output-batch-bytes": batchBytes,
    "router.in-flight-bytes": batchBytes * random.pick(IN_FLIGHT_BATCHES),
    "logging.level.root": "DEBUG",
    ...(hasDeadLetters ? { "spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq": "true" } : { "router.unroutable": "drop" }),
  };
}

/** Returns what routers are told so that they deliver exactly once. */
export function transactionProperties(transactions: TransactionSettings | null): Record<string, string | number> {
  if (transactions === null) return {};
  const transaction = "spring.cloud.stream.kafka.binder.transaction";
  return {
    [`${transaction}.transaction-id-prefix`]: transactions.idPrefix,
    [`${transaction}.producer.configuration.transaction.timeout.ms`]: transactions.timeoutMs,
  };
}

function deadLettersOf({ input, group }: Stream): string {
  return `error.${input}.${group}`;
}

interface Course {
  readonly faults: number;
  readonly idleFaults: number;
  readonly slowestRecoveryMs: number;
}

/** Makes faults for the time of the run, and until each of them has occurred. */
async function makeFaults(
  scene: Scene,
  { seconds, isControl, isExactlyOnce, isBrief, only }: RunOptions,
  print: (line: string) => void,
  surprises: string[],
): Promise<Course> {
  const { random } = scene;
  const isWanted = ({ name, isLong }: Fault): boolean => name.includes(only) && !(isBrief && isLong === true);
  const all = [...FAULTS, ...(isControl ? [] : [TOO_LARGE_FAULT]), ...(isExactlyOnce ? TRANSACTION_FAULTS : [])];
  const repeated = all.filter(isWanted);
  const missing = new Set([...repeated, PARTITIONS_FAULT].filter(isWanted));
  const startMs = performance.now();
  const course = { faults: 0, idleFaults: 0, slowestRecoveryMs: 0 };
  const order = rounds(repeated, random);
  for (;;) {
    const passed = (performance.now() - startMs) / 1000 / seconds;
    if (passed >= 1 && missing.size === 0) return course;
    const isLate = passed >= LATE && missing.has(PARTITIONS_FAULT);
    const fault = isLate ? PARTITIONS_FAULT : order.next().value;
    missing.delete(fault);
    const isHasty = random.integer(1, HASTY_ONE_IN) === 1;
    const { line, isIdle, recoveryMs } = await observe(scene, fault, isHasty);
    print(line);
    course.faults += 1;
    course.idleFaults += isIdle ? 1 : 0;
    if (recoveryMs === null) surprises.push(`nothing was committed for ${RECOVERY_TIMEOUT_MS / 1000} s after: ${fault.name}`);
    course.slowestRecoveryMs = Math.max(course.slowestRecoveryMs, recoveryMs ?? RECOVERY_TIMEOUT_MS);
    await setTimeout(random.integer(BETWEEN_FAULTS_MS.min, BETWEEN_FAULTS_MS.max));
  }
}

/** Makes a fault in the middle of the flow, and says what was to be seen. */
async function observe(
  scene: Scene,
  fault: Fault,
  isHasty: boolean,
): Promise<{ line: string; isIdle: boolean; recoveryMs: number | null }> {
  const { admin, stream } = scene;
  const topics = [stream.input, stream.even, stream.odd];
  const leadersBefore = await admin.leaders(topics);
  const unroutedBefore = await admin.untilBehind(stream.group, stream.input);
  const what = await fault.make(scene);
  const { written, committed } = await admin.behind(stream.group, stream.input);
  const unroutedAfter = written - committed;
  const leadersAfter = await admin.leaders(topics);
  const recoveryMs = isHasty ? 0 : await untilMore(admin, stream, committed, RECOVERY_TIMEOUT_MS);
  const recovery = isHasty ? "" : recoveryMs === null ? "; NOTHING COMMITTED SINCE" : `; committed on after ${Math.round(recoveryMs)} ms`;
  const seen = `${epochsRaised(leadersBefore, leadersAfter)}; unrouted ${unroutedBefore} before, ${unroutedAfter} after${recovery}`;
  return { line: `${fault.name}: ${what} | ${seen}`, isIdle: unroutedAfter <= 0, recoveryMs };
}

function epochsRaised(before: ReadonlyMap<string, Leader>, after: ReadonlyMap<string, Leader>): string {
  const raised = [...after].filter(([partition, { epoch }]) => epoch > (before.get(partition)?.epoch ?? epoch));
  const [[partition, { epoch }] = ["", { epoch: 0 }]] = raised;
  const example = raised.length === 0 ? "" : ` (${partition} ${before.get(partition)?.epoch} to ${epoch})`;
  return `leader epochs raised in ${raised.length} of ${after.size} partitions${example}`;
}

function printerSince(startMs: number, print: (line: string) => void): (line: string) => void {
  return (line) => {
    print(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  };
}
