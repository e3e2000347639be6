import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceAssigner, shareOut, type Instance } from "../../../hosts/dataflow/kafka/instance-assigner.ts";
import { memberAssignment } from "../../../hosts/dataflow/kafka/kafkajs.ts";

const member = (memberId: string, index: number, count: number): { memberId: string; instance: Instance } => ({
  memberId,
  instance: { index, count },
});
const TOPIC = new Map([["in", [0, 1, 2, 3, 4]]]);

test("each instance gets the partitions whose number modulo the count is its index, whoever else is there", () => {
  assert.deepEqual(shareOut([member("b", 2, 3), member("a", 0, 3)], TOPIC), [
    { memberId: "b", assignment: { in: [2] } },
    { memberId: "a", assignment: { in: [0, 3] } },
  ]);
});

test("of two instances with the same index, one gets nothing", () => {
  assert.deepEqual(shareOut([member("a", 1, 2), member("b", 1, 2)], TOPIC), [
    { memberId: "a", assignment: { in: [1, 3] } },
    { memberId: "b", assignment: {} },
  ]);
});

test("members tell the leader their index, and it assigns by that", async () => {
  type Cluster = Parameters<ReturnType<typeof instanceAssigner>>[0]["cluster"];
  const cluster = { findTopicPartitionMetadata: () => [0, 1, 2, 3].map((partitionId) => ({ partitionId })) } as unknown as Cluster;
  const told: string[] = [];
  const logger = { error: (message: string) => told.push(message) } as unknown as Parameters<
    ReturnType<typeof instanceAssigner>
  >[0]["logger"];
  const assignerOf = (index: number): ReturnType<ReturnType<typeof instanceAssigner>> =>
    instanceAssigner({ index, count: 2 })({ cluster, groupId: "group", logger });
  const [zero, one] = [assignerOf(0), assignerOf(1)];
  const members = [
    { memberId: "x", memberMetadata: one.protocol({ topics: ["in"] }).metadata },
    { memberId: "y", memberMetadata: zero.protocol({ topics: ["in"] }).metadata },
  ];
  const assigned = await zero.assign({ members, topics: ["in"] });
  assert.deepEqual(
    assigned.map(({ memberId, memberAssignment: bytes }) => [memberId, { ...memberAssignment.decode(bytes)?.assignment }]),
    [
      ["x", { in: [1, 3] }],
      ["y", { in: [0, 2] }],
    ],
  );
  assert.deepEqual(told, []);
  await zero.assign({ members: members.slice(0, 1), topics: ["in"] });
  assert.match(told.join(), /No instance takes in-0, in-2:/u);
});
