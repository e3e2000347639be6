/**
 * Whatever happens to one request of a transaction on its way, the app delivers each record exactly once and in order, and leaves no transaction
 * open. `members.e2e.ts` has what happens to the group meanwhile.
 */
import assert from "node:assert/strict";
import { until } from "../broker/topics.ts";
import { openBegun, openRun, PARTITIONS, TRANSACTION_TIMEOUT, type AppRun } from "./app-run.ts";
import { untilDecided } from "./offsets.ts";
import type { RequestMatcher } from "./request-proxy.ts";
import { coordinatorKind, ErrorCode, isCommit, producedPartitions, type Request } from "./requests.ts";
import { useProxiedBroker } from "./use-proxied-broker.ts";

/** For the test that waits for it; shorter than brokers allow by themselves. */
const TRANSACTION_MS = 1000;

const broker = await useProxiedBroker({
  heapMb: 384,
  properties: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500 },
});
/** The first version of OffsetFetch that waits for transactions. */
const STABLE_FETCH = 7;

/** The Produce requests to one partition, so that none of another one comes between. */
const toFirstEven = (run: AppRun): RequestMatcher =>
  run.matching("Produce", (request) =>
    producedPartitions(request).every(({ topic, partition }) => topic === run.stream.even && partition === 0),
  );
const recordsOf = (request: Request): Buffer | undefined => producedPartitions(request)[0]?.records;
/** Offsets behind the last records and markers of the outputs, all together. */
const outputEnds = async ({ stream }: AppRun): Promise<number> =>
  [...(await broker.topics.endOffsets(stream.even)), ...(await broker.topics.endOffsets(stream.odd))].reduce((sum, end) => sum + end, 0);
const isAbort = (request: Request): boolean => !isCommit(request);

broker.test("an EndTxn that commits loses its answer with the connection", async (context) => {
  const run = await openBegun(context, broker, "commit-unanswered");
  const lost = broker.proxy.loseAnswer(run.matching("EndTxn", isCommit), { close: true });
  const recycled = broker.proxy.seen(run.matching("InitProducerId"));
  await run.write();
  assert.equal((await (await lost.met).answered).errorCode, ErrorCode.none);
  await recycled;
  await run.write();
  await run.judge();
});

broker.test("an EndTxn that commits comes when the next transaction is open", async (context) => {
  const run = await openBegun(context, broker, "commit-late");
  const late = broker.proxy.hold(run.matching("EndTxn", isCommit), { close: true });
  const next = broker.proxy.hold(run.matching("EndTxn", isCommit));
  await run.write();
  await next.met;
  assert.equal((await late.deliver()).errorCode, ErrorCode.invalidProducerEpoch);
  assert.equal((await next.deliver()).errorCode, ErrorCode.none);
  await run.judge();
});

broker.test("an EndTxn that aborts comes when the next transaction is open", async (context) => {
  const run = await openBegun(context, broker, "abort-late");
  // A member that the group has shut out has nothing in doubt, so it aborts.
  broker.proxy.answer(run.matching("TxnOffsetCommit"), ErrorCode.illegalGeneration);
  const late = broker.proxy.hold(run.matching("EndTxn", isAbort), { close: true });
  const next = broker.proxy.hold(run.matching("EndTxn", isCommit));
  await run.write();
  await next.met;
  assert.equal((await late.deliver()).errorCode, ErrorCode.invalidProducerEpoch);
  assert.equal((await next.deliver()).errorCode, ErrorCode.none);
  await run.judge();
});

broker.test("an EndTxn that has committed is answered as if the coordinator were another broker", async (context) => {
  const run = await openBegun(context, broker, "commit-elsewhere");
  const answered = broker.proxy.answer(run.matching("EndTxn", isCommit), ErrorCode.notCoordinator, { forward: true });
  const recycled = broker.proxy.seen(run.matching("InitProducerId"));
  await run.write();
  assert.equal((await (await answered.met).answered).errorCode, ErrorCode.none);
  await recycled;
  await run.judge();
});

broker.test("a batch comes when the next transaction is about to write one of the same size to the same partition", async (context) => {
  const run = await openBegun(context, broker, "batch-late");
  const late = broker.proxy.hold(toFirstEven(run), { close: true });
  // The other attempt costs the producer.
  broker.proxy.answer(toFirstEven(run), ErrorCode.invalidTxnState);
  const next = broker.proxy.hold(toFirstEven(run));
  await run.write();
  await next.met;
  assert.equal((await late.deliver()).errorCode, ErrorCode.invalidProducerEpoch);
  assert.equal((await next.deliver()).errorCode, ErrorCode.none);
  await run.judge();
});

broker.test("a batch loses its acknowledgement while one of the same size is in line behind it", async (context) => {
  const run = await openBegun(context, broker, "in-line", { "router.output-batch-bytes": 1024 });
  const lost = broker.proxy.loseAnswer(toFirstEven(run), { close: true });
  const again = broker.proxy.seen({ ...toFirstEven(run), nth: 2 });
  const behind = broker.proxy.seen({ ...toFirstEven(run), nth: 3 });
  await run.write();
  const sent = recordsOf((await lost.met).request);
  assert.deepEqual(recordsOf((await again).request), sent);
  assert.equal(recordsOf((await behind).request)?.length, sent?.length);
  await run.judge();
});

broker.test("positions come when the next transaction has sent its own", async (context) => {
  const run = await openBegun(context, broker, "positions-late");
  const late = broker.proxy.hold(run.matching("TxnOffsetCommit"), { close: true });
  const next = broker.proxy.hold(run.matching("EndTxn", isCommit));
  await run.write();
  await next.met;
  assert.equal((await late.deliver()).errorCode, ErrorCode.invalidProducerEpoch);
  assert.equal((await next.deliver()).errorCode, ErrorCode.none);
  await run.judge();
});

broker.test("a partition is added when its transaction is over and none is open", async (context) => {
  const run = await openBegun(context, broker, "partition-late", { [TRANSACTION_TIMEOUT]: TRANSACTION_MS });
  const late = broker.proxy.hold(run.matching("AddPartitionsToTxn"), { close: true });
  await run.write();
  await late.met;
  await broker.topics.untilCommitted(run.stream.group, run.stream.input);
  for (const topic of [run.stream.even, run.stream.odd]) await untilDecided(broker.cluster.bootstrap, topic, PARTITIONS);
  const before = await outputEnds(run);
  // It opens a transaction that nobody ends, until the coordinator aborts it, and with it the producer's epoch.
  assert.equal((await late.deliver()).errorCode, ErrorCode.none);
  await until("the coordinator has aborted it", async () => (await outputEnds(run)) > before);
  const recycled = broker.proxy.seen(run.matching("InitProducerId"));
  await run.write();
  await recycled;
  await run.judge();
});

broker.test("the answer with the producer id is lost with the connection", async (context) => {
  const run = await openRun(context, broker, "producer-id-unanswered");
  run.start();
  // A coordinator that was never asked before may say that it is loading.
  for (let said: number | null = null; said !== ErrorCode.none;) {
    const lost = broker.proxy.loseAnswer(run.matching("InitProducerId"), { close: true });
    said = (await (await lost.met).answered).errorCode;
  }
  await run.judge();
});

broker.test("a producer id is not given out while another transaction is said to be ending", async (context) => {
  const run = await openRun(context, broker, "producer-id-busy");
  const busy = broker.proxy.answerAll(run.matching("InitProducerId"), ErrorCode.concurrentTransactions);
  run.start();
  await until("the app has asked five times", async () => Promise.resolve(busy.count() >= 5));
  busy.end();
  await run.judge();
});

broker.test("committed positions are said to be open, and the member waits and keeps its place", async (context) => {
  const run = await openRun(context, broker, "positions-open");
  const open = broker.proxy.answerAll(
    run.matching("OffsetFetch", ({ version }) => version === STABLE_FETCH),
    ErrorCode.unstableOffsetCommit,
  );
  run.start();
  await open.met;
  let hasJoinedAgain = false;
  const joined = broker.proxy.seen(run.matching("JoinGroup"));
  void joined.then(() => (hasJoinedAgain = true));
  await broker.proxy.seen({ ...run.matching("Heartbeat"), nth: 4 });
  assert.equal(hasJoinedAgain, false);
  open.end();
  await run.judge();
});

broker.test("the first batch is refused, as when the coordinator does not answer the leader", async (context) => {
  const run = await openRun(context, broker, "not-verified");
  const refused = broker.proxy.answer(toFirstEven(run), ErrorCode.notEnoughReplicas);
  const again = broker.proxy.seen({ ...toFirstEven(run), nth: 2 });
  run.start();
  assert.deepEqual(recordsOf((await again).request), recordsOf((await refused.met).request));
  await run.judge();
});

broker.test("a batch is refused as one of no transaction", async (context) => {
  const run = await openBegun(context, broker, "no-transaction");
  broker.proxy.answer(toFirstEven(run), ErrorCode.invalidTxnState);
  const recycled = broker.proxy.seen(run.matching("InitProducerId"));
  await run.write();
  await recycled;
  await run.judge();
});

/** The app knows its coordinator, and looks for it only when that one says it is none any more. */
const isLookUp = (request: Request): boolean => coordinatorKind(request) === "transaction";

broker.test("the coordinator has moved when the transaction is to be committed, and can't be found", async (context) => {
  const run = await openBegun(context, broker, "lookup-refused");
  const refused = broker.proxy.answerAll(run.matching("FindCoordinator", isLookUp), ErrorCode.coordinatorNotAvailable);
  broker.proxy.answer(run.matching("AddOffsetsToTxn"), ErrorCode.notCoordinator);
  await run.write();
  await until("the app has asked three times", async () => Promise.resolve(refused.count() >= 3));
  refused.end();
  await run.judge();
});

broker.test("the connection breaks when the coordinator that has moved is looked for", async (context) => {
  const run = await openBegun(context, broker, "lookup-broken");
  const broken = broker.proxy.hold(run.matching("FindCoordinator", isLookUp), { close: true });
  broker.proxy.answer(run.matching("AddOffsetsToTxn"), ErrorCode.notCoordinator);
  await run.write();
  await broken.met;
  await run.judge();
});
