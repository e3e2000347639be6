/**
 * Whoever joins the group in the middle of a transaction, or stands still then, each record is delivered exactly once and in order, and no
 * transaction is left open.
 */
import assert from "node:assert/strict";
import { until } from "../broker/topics.ts";
import { openBegun, PARTITIONS, REBALANCE_TIMEOUT, SESSION_TIMEOUT, TRANSACTION_TIMEOUT, type AppRun } from "./app-run.ts";
import { untilDecided } from "./offsets.ts";
import { ErrorCode, isCommit } from "./requests.ts";
import { useProxiedBroker } from "./use-proxied-broker.ts";

/** Shorter than brokers allow by themselves. */
const SESSION_MS = 1500;
const REBALANCE_MS = 1000;
const TRANSACTION_MS = 1000;

const broker = await useProxiedBroker({
  heapMb: 384,
  properties: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500, "group.min.session.timeout.ms": 1000 },
});

const untilMembers = async ({ stream }: AppRun, count: number): Promise<void> =>
  until(`${stream.group} has ${count} members`, async () => (await broker.topics.members(stream.group)).length === count);
const untilToldToJoin = async (run: AppRun): Promise<void> => {
  for (let told: number | null = null; told !== ErrorCode.rebalanceInProgress;) {
    told = (await (await broker.proxy.seen(run.matching("Heartbeat"))).answered).errorCode;
  }
};

broker.test("another instance joins the group while a transaction's batch is on its way", async (context) => {
  const run = await openBegun(context, broker, "joins-early");
  const joining = broker.proxy.hold(run.matching("JoinGroup"));
  run.start();
  await joining.met;
  const batch = broker.proxy.hold(run.matching("Produce"));
  await run.write();
  await batch.met;
  const ended = broker.proxy.seen(run.matching("EndTxn"));
  // The first one is the other instance's, which has been given its id.
  const rejoined = broker.proxy.seen({ ...run.matching("JoinGroup"), nth: 2 });
  await joining.deliver();
  await untilToldToJoin(run);
  await batch.deliver();
  assert.equal(await Promise.race([ended.then(() => "committed"), rejoined.then(() => "joined")]), "committed");
  await untilMembers(run, 2);
  await run.write();
  await run.judge();
  assert.doesNotMatch(run.app.lines.join("\n"), /trying again/u);
});

broker.test("another instance joins the group between a transaction's positions and its end", async (context) => {
  const run = await openBegun(context, broker, "joins-late");
  const joining = broker.proxy.hold(run.matching("JoinGroup"));
  run.start();
  await joining.met;
  const end = broker.proxy.hold(run.matching("EndTxn", isCommit));
  await run.write();
  await end.met;
  await joining.deliver();
  await untilToldToJoin(run);
  assert.equal((await end.deliver()).errorCode, ErrorCode.none);
  await untilMembers(run, 2);
  await run.write();
  await run.judge();
  assert.doesNotMatch(run.app.lines.join("\n"), /trying again/u);
});

broker.test("a member that the group has gone on without commits nothing more", async (context) => {
  const run = await openBegun(context, broker, "left-behind", { [REBALANCE_TIMEOUT]: REBALANCE_MS });
  const late = broker.proxy.hold(run.matching("TxnOffsetCommit"));
  await run.write();
  await late.met;
  const assigned = broker.proxy.seen(run.matching("SyncGroup"));
  run.start({ [REBALANCE_TIMEOUT]: REBALANCE_MS });
  await (
    await assigned
  ).answered;
  assert.equal((await late.deliver()).errorCode, ErrorCode.unknownMemberId);
  await run.write();
  await run.judge();
});

broker.test("an instance stands still for longer than its session, with a transaction that is committed meanwhile", async (context) => {
  const session = { [SESSION_TIMEOUT]: SESSION_MS };
  const run = await openBegun(context, broker, "out-of-session", session);
  const end = broker.proxy.hold(run.matching("EndTxn", isCommit));
  await run.write();
  await end.met;
  run.app.signal("SIGSTOP");
  const asked = broker.proxy.seen(run.matching("OffsetFetch"));
  run.start(session);
  await (
    await asked
  ).answered;
  assert.equal((await end.deliver()).errorCode, ErrorCode.none);
  await broker.topics.untilCommitted(run.stream.group, run.stream.input);
  await run.write();
  run.app.signal("SIGCONT");
  await untilMembers(run, 2);
  await run.write();
  await run.judge();
});

broker.test("an instance stands still for longer than its transaction may be open", async (context) => {
  const run = await openBegun(context, broker, "out-of-time", { [TRANSACTION_TIMEOUT]: TRANSACTION_MS });
  const end = broker.proxy.hold(run.matching("EndTxn", isCommit));
  await run.write();
  await end.met;
  run.app.signal("SIGSTOP");
  for (const topic of [run.stream.even, run.stream.odd]) await untilDecided(broker.cluster.bootstrap, topic, PARTITIONS);
  assert.equal((await end.deliver()).errorCode, ErrorCode.invalidProducerEpoch);
  run.app.signal("SIGCONT");
  await run.write();
  await run.judge();
});
