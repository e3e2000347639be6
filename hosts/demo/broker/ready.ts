import { createConnection } from "node:net";

const METADATA_KEY = 3;
const METADATA_VERSION = 1;
const CORRELATION_ID = 1;
/** A longer answer is not from a broker of ours: no topic is asked for. */
const RESPONSE_BYTES_MAX = 65_536;

/**
 * Metadata request, version 1 (Kafka protocol guide, "Metadata API", key 3); all integers are big-endian:
 *
 *     size int32             of what follows
 *     api_key int16          3
 *     api_version int16      1
 *     correlation_id int32
 *     client_id int16        -1: null
 *     topics int32           0: none (from version 1 on; in version 0 it means all)
 */
const metadataRequest = (): Uint8Array => {
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(METADATA_KEY, 4);
  request.writeInt16BE(METADATA_VERSION, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  return request;
};

/**
 * Metadata response, version 1, up to where we read:
 *
 *     correlation_id int32
 *     brokers int32          count of
 *       node_id int32
 *       host                 int16 length, bytes
 *       port int32
 *       rack                 int16 length or -1, bytes
 */
const readBrokerIds = (response: Buffer): readonly number[] | null => {
  const count = response.readInt32BE(4);
  const ids: number[] = [];
  let at = 8;
  for (let index = 0; index < count; index += 1) {
    // Whoever else took the port may answer anything: the last field that we read must lie inside.
    if (at + 6 > response.length) return null;
    ids.push(response.readInt32BE(at));
    at += 6 + Math.max(0, response.readInt16BE(at + 4)) + 4;
    if (at + 2 > response.length) return null;
    at += 2 + Math.max(0, response.readInt16BE(at));
  }
  return ids;
};

/**
 * The ids of the brokers which the broker at this port of the loopback interface knows as registered and unfenced, or null when it does not
 * answer in time. A port that accepts connections is not enough: it is open before the broker can serve a request.
 */
export const registeredBrokers = async (port: number, timeoutMs: number): Promise<readonly number[] | null> =>
  new Promise((resolve) => {
    let response = Buffer.alloc(0);
    const socket = createConnection({ host: "127.0.0.1", port });
    const timer = setTimeout(() => finish(null), timeoutMs);
    const finish = (ids: readonly number[] | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(ids);
    };
    socket.on("connect", () => socket.write(metadataRequest()));
    socket.on("data", (chunk: Buffer) => {
      response = Buffer.concat([response, chunk]);
      if (response.length < 4) return;
      const sizeBytes = response.readInt32BE(0);
      if (sizeBytes < 8 || sizeBytes > RESPONSE_BYTES_MAX) finish(null);
      else if (response.length >= 4 + sizeBytes) finish(readBrokerIds(response.subarray(4, 4 + sizeBytes)));
    });
    socket.on("error", () => finish(null));
    socket.on("close", () => finish(null));
  });
