/**
 * Hands a client whole responses, socket by socket. kafkajs puts the bytes of all sockets that a connection ever had into one buffer: after a
 * socket that broke off in the middle of a response it takes the beginning of the next one's for the rest, and then anything for a length.
 */
import type { Socket } from "node:net";

/** A response is an i32 length and as many bytes, the first four of which are the correlation id. */
const LENGTH_BYTES = 4;
const RESPONSE_BYTES_MIN = 4;

/** Has the listeners for data that are added to the socket from now on get one whole response at a time. Returns the socket. */
export function withWholeResponses<AnySocket extends Socket>(socket: AnySocket): AnySocket {
  const on = socket.on.bind(socket) as (event: string, listener: (...values: never[]) => void) => AnySocket;
  const destroy = (error: Error): void => {
    socket.destroy(error);
  };
  return Object.assign(socket, {
    on: (event: string, listener: (...values: never[]) => void) =>
      on(event, event === "data" ? (responsesOf(listener as (response: Buffer) => void, destroy) as typeof listener) : listener),
  });
}

/** Returns a taker of chunks that calls `onResponse` for each response among them, and `onFault` when there is no telling where one ends. */
export function responsesOf(onResponse: (response: Buffer) => void, onFault: (error: Error) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let needed = LENGTH_BYTES;
  return (chunk) => {
    chunks.push(chunk);
    buffered += chunk.length;
    while (buffered >= needed) {
      const [first = chunk] = chunks;
      const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
      const length = bytes.readInt32BE(0);
      if (length < RESPONSE_BYTES_MIN) {
        onFault(new RangeError(`a response says that it has ${length} bytes`));
        return;
      }
      chunks = [bytes];
      needed = LENGTH_BYTES + length;
      if (buffered < needed) return;
      onResponse(bytes.subarray(0, needed));
      chunks = [bytes.subarray(needed)];
      buffered -= needed;
      needed = LENGTH_BYTES;
    }
  };
}
