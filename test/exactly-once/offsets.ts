/** Where the log of a partition ends for those who read committed records only: kafkajs's own clients do not ask for that. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { until } from "../broker/topics.ts";
import { FieldReader, FieldWriter, FrameReader, frameOf } from "./wire.ts";

const LIST_OFFSETS = 2;
const VERSION = 2;
const LATEST = -1n;
/** By isolation level: everything, or what is below the first transaction that is open. */
const ISOLATION = { end: 0, lastStable: 1 } as const;

/** Awaits that no transaction is open in a topic. */
export async function untilDecided(bootstrap: string, topic: string, partitions: number): Promise<void> {
  await until(`all transactions of ${topic} are decided`, async () => {
    const [stable, ends] = [
      await offsetsOf(bootstrap, topic, partitions, "lastStable"),
      await offsetsOf(bootstrap, topic, partitions, "end"),
    ];
    return ends.every((end, partition) => stable[partition] === end);
  });
}

/**
 * Asks for the latest offset of each partition.
 *
 *     request   replica_id int32, isolation_level int8, topics [name, partitions [index int32, timestamp int64]]
 *     response  throttle_time_ms int32, topics [name, partitions [index int32, error_code int16, timestamp int64, offset int64]]
 */
async function offsetsOf(bootstrap: string, topic: string, partitions: number, which: keyof typeof ISOLATION): Promise<readonly bigint[]> {
  const request = new FieldWriter(false).int16(LIST_OFFSETS).int16(VERSION).int32(0).string("test").int32(-1).int8(ISOLATION[which]);
  request.array([topic], (name) => {
    request.string(name).array([...Array(partitions).keys()], (partition) => request.int32(partition).int64(LATEST));
  });
  const response = await ask(bootstrap, frameOf(request.written()));
  const fields = new FieldReader(response.subarray(4), false);
  fields.int32();
  fields.int32();
  const offsets: bigint[] = [];
  fields.array(() => {
    fields.string();
    fields.array(() => {
      const partition = fields.int32();
      assert.equal(fields.int16(), 0);
      fields.int64();
      offsets[partition] = fields.int64();
    });
  });
  return offsets;
}

async function ask(bootstrap: string, request: Buffer): Promise<Buffer> {
  const [host = "", port] = bootstrap.split(":");
  const socket = createConnection({ host, port: Number(port) });
  const responses = new FrameReader();
  try {
    socket.write(request);
    for (;;) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      const [response] = responses.push(chunk);
      if (response !== undefined) return response;
    }
  } finally {
    socket.destroy();
  }
}
