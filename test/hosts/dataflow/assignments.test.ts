/** What the lane changes of kafkajs's assignments, with kafkajs's own classes around it. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import {
  fetchInOneAssignment,
  forgetWithAssignment,
  joinOnceAtATime,
  seekInOneAssignment,
} from "../../../hosts/dataflow/kafka/assignments.ts";
import type { ClusterCalls, ConsumerGroupCalls, FetchCalls, SeekCalls, SeekingGroup } from "../../../hosts/dataflow/kafka/kafkajs.ts";

/** More fetches of a closed consumer than this are fetches without end. */
const FETCHES_MAX = 100;

interface FetchManager {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const load = createRequire(import.meta.url);
const createFetchManager = load("kafkajs/src/consumer/fetchManager") as (options: object) => FetchManager;
const { prototype: stock } = load("kafkajs/src/consumer/runner") as { prototype: FetchCalls };
const silent = { namespace: () => silent, debug: () => {}, info: () => {} };

/** Closes a consumer while its last handler runs before new fetchers begin. Returns why those ended, and how often they fetched. */
async function closeBetweenFetchers(calls: FetchCalls): Promise<{ readonly reason: string; readonly fetches: number }> {
  const handling = Promise.withResolvers<void>();
  const handled = Promise.withResolvers<void>();
  const consumerGroup = { groupId: "group", memberId: "member", offsetManager: null };
  const consumer = { running: true, logger: silent, consumerGroup };
  let nodeIds = ["1", "2"];
  let fetches = 0;
  const manager = createFetchManager({
    logger: silent,
    getNodeIds: () => nodeIds,
    fetch: async (nodeId: string) => {
      if (consumer.running && nodeId === "1") return [{ topic: "input", partition: 0 }];
      if (consumer.running) {
        await handling.promise;
        return [];
      }
      fetches += 1;
      if (fetches > FETCHES_MAX) throw new Error("without end");
      return calls.fetch.call(consumer, nodeId);
    },
    handler: async () => {
      handling.resolve();
      await handled.promise;
    },
  });
  const ended = manager.start().then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
  await handling.promise;
  // A broker that has gone: the fetcher that waits for no handler notices it, and the other one is waited for.
  nodeIds = ["1"];
  await new Promise((resolve) => setImmediate(resolve));
  consumer.running = false;
  const stopped = manager.stop();
  handled.resolve();
  const reason = await ended;
  await stopped;
  return { reason, fetches };
}

test("kafkajs fetches without end for a consumer that is closed between two sets of fetchers", async () => {
  assert.deepEqual(await closeBetweenFetchers(stock), { reason: "without end", fetches: FETCHES_MAX + 1 });
});

test("a fetcher of a consumer that is closed ends with its next fetch", async () => {
  const calls: FetchCalls = { ...stock, fetch: stock.fetch, handleBatch: stock.handleBatch };
  fetchInOneAssignment(calls);
  assert.deepEqual(await closeBetweenFetchers(calls), { reason: "the consumer is closed", fetches: 1 });
});

/** What a fetch brought of one partition. */
type Fetched = Awaited<ReturnType<FetchCalls["fetch"]>>[number];

/** A consumer whose fetches the test answers, and what it has handled. */
function fetching(): {
  calls: FetchCalls;
  consumer: { running: boolean; consumerGroup: { offsetManager: object } };
  handled: object[];
  answer: (batches: readonly Fetched[]) => void;
} {
  const { promise, resolve } = Promise.withResolvers<readonly Fetched[]>();
  const handled: object[] = [];
  const calls: FetchCalls = {
    fetch: async () => promise,
    handleBatch: async (batch) => {
      handled.push(batch);
      return Promise.resolve();
    },
  };
  fetchInOneAssignment(calls);
  return { calls, consumer: { running: true, consumerGroup: { offsetManager: {} } }, handled, answer: resolve };
}

test("what is fetched and handled in one assignment is handed on", async () => {
  const { calls, consumer, handled, answer } = fetching();
  const batch = { rawMessages: [] };
  answer([batch]);
  assert.deepEqual(await calls.fetch.call(consumer, "1"), [batch]);
  await calls.handleBatch.call(consumer, batch);
  assert.deepEqual(handled, [batch]);
});

test("a fetch that is answered after the partitions were assigned anew brings nothing", async () => {
  const { calls, consumer, answer } = fetching();
  const fetched = calls.fetch.call(consumer, "1");
  consumer.consumerGroup.offsetManager = {};
  answer([{ rawMessages: [] }]);
  assert.deepEqual(await fetched, []);
});

test("a batch that waited for a worker while the partitions were assigned anew is not handled", async () => {
  const { calls, consumer, handled, answer } = fetching();
  const batch = { rawMessages: [] };
  answer([batch]);
  await calls.fetch.call(consumer, "1");
  consumer.consumerGroup.offsetManager = {};
  await calls.handleBatch.call(consumer, batch);
  assert.deepEqual(handled, []);
});

/** Whoever joins a group, and how often it has left it. */
function memberOf(groupId: string): { readonly groupId: string; left: number; leave(): Promise<void> } {
  return {
    groupId,
    left: 0,
    async leave() {
      this.left++;
      return Promise.reject(new Error("not connected"));
    },
  };
}

test("who has joined after it was closed leaves the group, and no other whose join fails does", async () => {
  const closed = new AppError("BINDER_CLOSED", true, "closed");
  for (const [error, left] of [
    [closed, 1],
    [new Error("loading"), 0],
  ] as const) {
    const calls: ConsumerGroupCalls = { joinAndSync: async () => Promise.reject(error) };
    joinOnceAtATime(calls, () => false);
    const member = memberOf("group");
    await assert.rejects(calls.joinAndSync.call(member), error);
    assert.equal(member.left, left);
  }
});

test("who wants to join while the member joins waits for that, and later joins anew", async () => {
  const joins: PromiseWithResolvers<void>[] = [];
  const calls: ConsumerGroupCalls = {
    joinAndSync: async () => {
      const join = Promise.withResolvers<void>();
      joins.push(join);
      return join.promise;
    },
  };
  joinOnceAtATime(calls, () => false);
  const [member, other] = [memberOf("group"), memberOf("group")];
  const both = [calls.joinAndSync.call(member), calls.joinAndSync.call(member)];
  void calls.joinAndSync.call(other);
  assert.equal(joins.length, 2, "one for each member");
  joins[0]?.resolve();
  await Promise.all(both);
  void calls.joinAndSync.call(member);
  assert.equal(joins.length, 3);
});

test("a join that fails is kafkajs's to judge, but of a member that has given up what it had: it is final, and tells why", async () => {
  const error = Object.assign(new Error("loading"), { type: "GROUP_LOAD_IN_PROGRESS", retriable: true });
  const calls: ConsumerGroupCalls = { joinAndSync: async () => Promise.reject(error) };
  joinOnceAtATime(calls, (group) => group === "transactional");
  await assert.rejects(calls.joinAndSync.call(memberOf("other")), error);
  await assert.rejects(calls.joinAndSync.call(memberOf("transactional")), { retriable: false, cause: error });
});

test("each assignment has positions of its own", () => {
  const calls: Pick<ClusterCalls, "committedOffsets"> = { committedOffsets: () => assert.fail("those of the group") };
  forgetWithAssignment(calls);
  const [first, second] = [calls.committedOffsets({ groupId: "group" }), calls.committedOffsets({ groupId: "group" })];
  assert.deepEqual([first, second], [{}, {}]);
  assert.notEqual(first, second);
});

const { prototype: stockGroup } = load("kafkajs/src/consumer/consumerGroup") as { prototype: SeekCalls };
const SeekOffsets = load("kafkajs/src/consumer/seekOffsets") as new () => Map<unknown, unknown>;

/** A member of a group whose assignments the test changes, and where kafkajs has gone on in each of them. */
class Seeking implements SeekingGroup {
  readonly seekOffset = new SeekOffsets();
  readonly logger = silent;
  readonly moves: string[] = [];
  offsetManager = this.#positions("first");

  assignAnew(): void {
    this.offsetManager = this.#positions("second");
  }

  #positions(assignment: string): object {
    const seek = async ({ partition, offset }: { readonly partition: number; readonly offset: string }): Promise<void> => {
      this.moves.push(`${assignment}: ${partition} at ${offset}`);
      return Promise.resolve();
    };
    return { seek, resolveOffsets: async () => Promise.resolve() };
  }
}

/** Asks for two partitions to go on elsewhere, one of which is fetched; the other one only in the next assignment. */
async function seekOverAssignments(calls: SeekCalls): Promise<readonly string[]> {
  const group = new Seeking();
  for (const partition of [0, 1]) calls.seek.call(group, { topic: "in", partition, offset: "100" });
  await calls.seekOffsets.call(group, [{ topic: "in", partitions: [0] }]);
  group.assignAnew();
  await calls.seekOffsets.call(group, [{ topic: "in", partitions: [0, 1] }]);
  calls.seek.call(group, { topic: "in", partition: 0, offset: "200" });
  await calls.seekOffsets.call(group, [{ topic: "in", partitions: [0, 1] }]);
  return group.moves;
}

test("kafkajs goes on in one assignment where it was told to in another", async () => {
  assert.deepEqual(await seekOverAssignments(stockGroup), ["first: 0 at 100", "second: 1 at 100", "second: 0 at 200"]);
});

test("where a partition is to go on holds for the assignment in which that was asked for", async () => {
  const calls: SeekCalls = { seek: stockGroup.seek, seekOffsets: stockGroup.seekOffsets };
  seekInOneAssignment(calls);
  assert.deepEqual(await seekOverAssignments(calls), ["first: 0 at 100", "second: 0 at 200"]);
});

test("a new assignment that asks before it fetches forgets what another one had asked for", async () => {
  const calls: SeekCalls = { seek: stockGroup.seek, seekOffsets: stockGroup.seekOffsets };
  seekInOneAssignment(calls);
  const group = new Seeking();
  calls.seek.call(group, { topic: "in", partition: 1, offset: "100" });
  group.assignAnew();
  calls.seek.call(group, { topic: "in", partition: 0, offset: "200" });
  await calls.seekOffsets.call(group, [{ topic: "in", partitions: [0, 1] }]);
  assert.deepEqual(group.moves, ["second: 0 at 200"]);
});
