/** How far outputs are written, asked of the broker every few milliseconds, which costs it little: one request on one connection. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FrameReader } from "../test/exactly-once/wire.ts";

const LIST_OFFSETS_KEY = 2;
const LIST_OFFSETS_VERSION = 2;
/** Records of open transactions count as well: this is how far the log goes, not how far readers of committed records see. */
const READ_UNCOMMITTED = 0;
const LATEST = -1n;
/** Unknown topic or partition, leader not available, not leader. */
const LEADER_IS_COMING: ReadonlySet<number> = new Set([3, 5, 6]);

/** The ends of the partitions of some topics. */
export interface LogEnds extends Disposable {
  /** Returns the sum of the offsets behind the last records, or null while a partition has no leader yet. */
  sum(): Promise<number | null>;
}

/** Connects to the broker at `bootstrap`, which must lead all of the partitions. */
export async function openLogEnds(bootstrap: string, topics: readonly string[], partitions: number): Promise<LogEnds> {
  const [host = "", port] = bootstrap.split(":");
  const socket = connect({ host, port: Number(port), noDelay: true });
  await once(socket, "connect");
  const request = listOffsetsRequest(topics, partitions);
  return {
    sum: async () => {
      socket.write(request);
      return sumOfOffsets(await nextFrame(socket));
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

async function nextFrame(socket: Socket): Promise<Buffer> {
  const reader = new FrameReader();
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    const [frame] = reader.push(chunk);
    if (frame !== undefined) return frame;
  }
}

/**
 * ListOffsets request, version 2 (Kafka protocol guide, key 2); all integers are big-endian:
 *
 *     size int32, api_key int16, api_version int16, correlation_id int32, client_id int16 (-1: null)
 *     replica_id int32            -1
 *     isolation_level int8
 *     topics int32                count of
 *       name                      int16 length, bytes
 *       partitions int32          count of
 *         index int32
 *         timestamp int64         -1: the end
 */
function listOffsetsRequest(topics: readonly string[], partitions: number): Buffer {
  const head = Buffer.alloc(23);
  head.writeInt16BE(LIST_OFFSETS_KEY, 4);
  head.writeInt16BE(LIST_OFFSETS_VERSION, 6);
  head.writeInt32BE(1, 8);
  head.writeInt16BE(-1, 12);
  head.writeInt32BE(-1, 14);
  head.writeInt8(READ_UNCOMMITTED, 18);
  head.writeInt32BE(topics.length, 19);
  const parts = topics.map((topic) => {
    const name = Buffer.from(topic);
    const part = Buffer.alloc(2 + name.length + 4 + partitions * 12);
    part.writeInt16BE(name.length, 0);
    name.copy(part, 2);
    part.writeInt32BE(partitions, 2 + name.length);
    for (let index = 0; index < partitions; index++) {
      const at = 6 + name.length + index * 12;
      part.writeInt32BE(index, at);
      part.writeBigInt64BE(LATEST, at + 4);
    }
    return part;
  });
  const request = Buffer.concat([head, ...parts]);
  request.writeInt32BE(request.length - 4, 0);
  return request;
}

/**
 * ListOffsets response, version 2:
 *
 *     size int32, correlation_id int32, throttle_time_ms int32
 *     topics int32                count of
 *       name                      int16 length, bytes
 *       partitions int32          count of
 *         index int32
 *         error int16
 *         timestamp int64
 *         offset int64
 */
function sumOfOffsets(response: Buffer): number | null {
  let sum = 0;
  let at = 16;
  for (let topics = response.readInt32BE(12); topics > 0; topics--) {
    at += 2 + response.readInt16BE(at);
    let partitions = response.readInt32BE(at);
    for (at += 4; partitions > 0; partitions--, at += 22) {
      const error = response.readInt16BE(at + 4);
      if (LEADER_IS_COMING.has(error)) return null;
      if (error !== 0) throw new Error(`the broker answers a question for the end of a partition with error ${error}`);
      sum += Number(response.readBigInt64BE(at + 14));
    }
  }
  return sum;
}
