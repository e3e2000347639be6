/** What the lane learns of requests that kafkajs makes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { protocolTable } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { fetchProgress, installLane } from "../../../hosts/dataflow/kafka/lane.ts";
import { encodeFetchResponse, type FetchedPartition } from "./fetch-response.ts";

installLane(() => {});

/** Has kafkajs decode the answer to a fetch of one partition at an offset, which brought nothing. */
async function answer(partition: number, fetchOffset: string, answered: FetchedPartition): Promise<void> {
  const options = { topics: [{ topic: "in", partitions: [{ partition, fetchOffset }] }] };
  const { response } = protocolTable().Fetch.protocol({ version: 11 })(options as never);
  await response.decode(encodeFetchResponse(11, { topics: [{ name: "in", partitions: [{ partition, ...answered }] }] }));
}

test("of each fetch, also one that brought nothing, the lane keeps how far the partition is read and where its log ends", async () => {
  await answer(0, "7", { highWatermark: 9n });
  await answer(1, "3", { highWatermark: 3n });
  await answer(0, "8", { highWatermark: 12n });
  assert.deepEqual(fetchProgress(), [
    { topic: "in", partition: 0, position: 8n, endOffset: 12n },
    { topic: "in", partition: 1, position: 3n, endOffset: 3n },
  ]);
});

test("a broker that does not lead the partition says nothing of its end", async () => {
  await answer(2, "7", { errorCode: 6, highWatermark: -1n });
  assert.ok(fetchProgress().every(({ partition }) => partition !== 2));
});
