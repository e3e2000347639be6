/** A session whose producer has transactions: what one of them has is all that its positions stand for, and nothing else. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import type { SessionOptions } from "../../../hosts/dataflow/session.ts";
import { turn } from "./fake-binder.ts";
import { open as openSession, values, type Opened } from "./opened-session.ts";

/** Commits come when the test asks for them. */
const open = async (context: TestContext, changes: Partial<SessionOptions> = {}): Promise<Opened> =>
  openSession(context, { commitIntervalMs: 3_600_000, ...changes }, true);

/** The error that ends a session. */
const failure = async ({ session }: Opened): Promise<AppError> => {
  const error: unknown = await session.failed.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof AppError);
  return error;
};

const committed = ({ binder }: Opened): readonly string[] => binder.events.filter((event) => event.startsWith("committed"));

test("each partition begins at what is committed, also one that stays with the consumer", async (context) => {
  assert.equal((await open(context)).consumer.options.beginsAtCommitted, true);
  assert.equal((await openSession(context)).consumer.options.beginsAtCommitted, undefined);
});

test("from a commit's beginning to its end nothing is taken, of no partition", async (context) => {
  const opened = await open(context, { commitIntervalMs: 1 });
  const { consumer, producer } = opened;
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  consumer.onCommit = async () => {
    asked.resolve();
    await answered.promise;
  };
  producer.acknowledgesAtOnce = true;
  await consumer.deliver(values(0n, ["1"]));
  await asked.promise;
  const later = consumer.deliver(values(0n, ["2"], 1));
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(producer.sent.length, 1);
  answered.resolve();
  await later;
  assert.equal(committed(opened)[0], "committed in-0@1");
  assert.equal(producer.sent.length, 2);
});

test("a commit has the positions behind all batches that were sent, once they are acknowledged", async (context) => {
  const opened = await open(context);
  const { consumer, producer } = opened;
  await consumer.deliver(values(0n, ["1", "2"]));
  await consumer.deliver(values(5n, ["3"], 1));
  const revoked = consumer.options.onRevoking?.();
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.deepEqual(committed(opened), []);
  producer.acknowledgeAll();
  await revoked;
  assert.deepEqual(committed(opened), ["committed in-0@2 in-1@6"]);
});

test("before the group is joined anew what is done is committed, and nothing is taken until the partitions are assigned", async (context) => {
  const opened = await open(context);
  const { consumer, producer, session } = opened;
  producer.acknowledgesAtOnce = true;
  await consumer.deliver(values(0n, ["1"]));
  await consumer.options.onRevoking?.();
  assert.deepEqual(committed(opened), ["committed in-0@1"]);
  const waiting = consumer.deliver(values(1n, ["2"]));
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(producer.sent.length, 1);
  consumer.options.onAssigned?.([]);
  await waiting;
  assert.equal(producer.sent.length, 1, "of an assignment that is over nothing is taken");
  await consumer.deliver(values(1n, ["2"]));
  assert.equal(producer.sent.length, 2);
  await session.drain();
  assert.deepEqual(committed(opened), ["committed in-0@1", "committed in-0@2"]);
});

test("partitions that are assigned anew while a transaction has records of them end the session", async (context) => {
  const opened = await open(context);
  const { consumer, producer } = opened;
  producer.acknowledgesAtOnce = true;
  await consumer.deliver(values(0n, ["1"]));
  consumer.options.onAssigned?.([]);
  const { code, retriable } = await failure(opened);
  assert.deepEqual({ code, retriable }, { code: "TRANSACTION_LOST", retriable: true });
  await opened.session.abandon();
  assert.deepEqual(committed(opened), []);
});

test("partitions that are assigned anew while their positions are on their way end nothing: the group has seen those positions", async (context) => {
  const opened = await open(context);
  const { consumer, producer, session } = opened;
  producer.acknowledgesAtOnce = true;
  const gate = Promise.withResolvers<void>();
  consumer.onCommit = async () => gate.promise;
  await consumer.deliver(values(0n, ["1"]));
  const revoked = consumer.options.onRevoking?.();
  for (let turns = 0; turns < 20; turns++) await turn();
  consumer.options.onAssigned?.([]);
  const next = consumer.deliver(values(1n, ["2"]));
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(producer.sent.length, 1, "the commit still lasts");
  gate.resolve();
  await revoked;
  await next;
  await session.drain();
  assert.deepEqual(committed(opened), ["committed in-0@1", "committed in-0@2"]);
});

test("where partitions begin at the consumer's choice is committed by itself before anything is taken", async (context) => {
  const opened = await open(context);
  const { consumer, producer } = opened;
  producer.acknowledgesAtOnce = true;
  const gate = Promise.withResolvers<void>();
  consumer.onCommit = async () => gate.promise;
  consumer.options.onAssigned?.([{ topic: "in", partition: 0, offset: 7n }]);
  const taken = consumer.deliver(values(7n, ["1"]));
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(producer.sent.length, 0);
  gate.resolve();
  await taken;
  await consumer.options.onRevoking?.();
  assert.deepEqual(committed(opened), ["committed in-0@7", "committed in-0@8"]);
});

test("a transaction with a stretch of which a batch fails is not committed, also not for what is whole in it", async (context) => {
  const opened = await open(context);
  const { consumer, producer } = opened;
  await consumer.deliver(values(0n, ["1", "2"]));
  await consumer.deliver(values(0n, ["3"], 1));
  producer.sent[0]?.acknowledge();
  producer.sent[1]?.refuse(new Error("no answer"));
  producer.sent[2]?.acknowledge();
  await consumer.options.onRevoking?.();
  await opened.session.abandon();
  assert.deepEqual(committed(opened), []);
});

test("a commit that fails ends the session, which takes and commits nothing any more", async (context) => {
  const opened = await open(context);
  const { consumer, producer, session } = opened;
  producer.acknowledgesAtOnce = true;
  await consumer.deliver(values(0n, ["1"]));
  consumer.commitError = new Error("no answer");
  await consumer.options.onRevoking?.();
  const { code, retriable, message } = await failure(opened);
  assert.deepEqual({ code, retriable }, { code: "TRANSACTION_LOST", retriable: true });
  assert.match(message, /not known whether/u);
  consumer.options.onAssigned?.([]);
  const waiting = consumer.deliver(values(1n, ["2"]));
  await session.abandon();
  await waiting;
  assert.equal(producer.sent.length, 1);
  assert.deepEqual(committed(opened), []);
});

test("brokers that have no such transactions end the app", async (context) => {
  const opened = await open(context);
  opened.producer.acknowledgesAtOnce = true;
  await opened.consumer.deliver(values(0n, ["1"]));
  opened.consumer.commitError = new AppError("TRANSACTIONS_REFUSED", false, "too old");
  await opened.consumer.options.onRevoking?.();
  assert.equal((await failure(opened)).retriable, false);
});
