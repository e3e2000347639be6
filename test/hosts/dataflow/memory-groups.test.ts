import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryGroup, SESSION_TIMEOUT_MS, type Assignment } from "../../../hosts/dataflow/memory-groups.ts";
import { Random } from "../../simulation/random.ts";
import { Life, Scheduler } from "../../simulation/scheduler.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 10_000;

const PARTITIONS = [0, 1, 2].map((partition) => ({ topic: "in", partition }));

/** A group in a time of its own. */
function createGroup() {
  const group = new MemoryGroup();
  const scheduler = new Scheduler(new Random(1));
  const { clock } = new Life(scheduler);
  const join = async (id: number): Promise<Assignment> => group.join(id, { partitions: PARTITIONS, instance: null }, clock);
  const heartbeat = (id: number, generation: number): void => {
    group.heartbeat(id, generation, clock.now());
  };
  const commit = (id: number, generation: number, offset: bigint): void => {
    group.commit(id, generation, [{ topic: "in", partition: 0, offset }]);
  };
  const pass = async (ms: number): Promise<boolean> => scheduler.run(scheduler.nowMs + ms, () => false);
  return { group, join, heartbeat, commit, pass, clock };
}

function partitionsOf({ partitions }: Assignment): readonly number[] {
  return partitions.map(({ partition }) => partition);
}

test("a member alone has all partitions at once", async () => {
  const { join, heartbeat } = createGroup();
  const assignment = await join(1);
  assert.deepEqual(partitionsOf(assignment), [0, 1, 2]);
  heartbeat(1, assignment.generation);
});

test("a newcomer waits until the others have joined again, and then each partition has one member", async () => {
  const { join, heartbeat } = createGroup();
  const { generation } = await join(1);
  const joining = join(2);
  assert.throws(
    () => {
      heartbeat(1, generation);
    },
    { type: "REBALANCE_IN_PROGRESS" },
  );
  const assignments = await Promise.all([join(1), joining]);
  assert.deepEqual(assignments.map(partitionsOf), [[0, 2], [1]]);
  for (const { generation: next } of assignments) assert.equal(next, generation + 1);
});

test("a commit counts until the next generation begins, and not a moment longer", async () => {
  const { group, join, commit } = createGroup();
  const { generation } = await join(1);
  const joining = join(2);
  commit(1, generation, 5n);
  await Promise.all([join(1), joining]);
  assert.throws(
    () => {
      commit(1, generation, 6n);
    },
    { type: "ILLEGAL_GENERATION" },
  );
  commit(1, generation + 1, 7n);
  assert.equal(group.committed({ topic: "in", partition: 0 }), 7n);
  assert.equal(group.committed({ topic: "in", partition: 1 }), null);
});

test("a member that is silent for too long is thrown out, and the newcomer waits no longer for it", { timeout: TEST_MS_MAX }, async () => {
  const { join, heartbeat, commit, pass } = createGroup();
  const { generation } = await join(1);
  let assignment: Assignment | null = null;
  const joined = join(2).then((one) => (assignment = one));
  await pass(SESSION_TIMEOUT_MS - 10);
  assert.equal(assignment, null);
  await pass(20);
  assert.deepEqual(partitionsOf(await joined), [0, 1, 2]);
  for (const late of [heartbeat, commit]) {
    assert.throws(
      () => {
        late(1, generation, 1n);
      },
      { type: "UNKNOWN_MEMBER_ID" },
    );
  }
});

test("the others notice a silent member, and share its partitions", async () => {
  const { join, heartbeat, pass } = createGroup();
  await join(1);
  const [{ generation }] = await Promise.all([join(2), join(1)]);
  await pass(SESSION_TIMEOUT_MS - 1000);
  heartbeat(1, generation);
  await pass(2000);
  assert.throws(
    () => {
      heartbeat(1, generation);
    },
    { type: "REBALANCE_IN_PROGRESS" },
  );
  assert.deepEqual(partitionsOf(await join(1)), [0, 1, 2]);
});

test("a member that leaves is missed at once", async () => {
  const { group, join, heartbeat, clock } = createGroup();
  const first = await join(1);
  const [second] = await Promise.all([join(2), join(1)]);
  group.leave(2, clock.now());
  assert.equal(second.generation, first.generation + 1);
  assert.throws(
    () => {
      heartbeat(1, second.generation);
    },
    { type: "REBALANCE_IN_PROGRESS" },
  );
  assert.deepEqual(partitionsOf(await join(1)), [0, 1, 2]);
});
