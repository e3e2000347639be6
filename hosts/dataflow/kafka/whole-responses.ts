/**
 * Hands a client whole responses, socket by socket. kafkajs puts the bytes of all sockets that a connection ever had into one buffer: after a
 * socket that broke off in the middle of a response it takes the beginning of the next one's for the rest, and then anything for a length. And a
 * socket by itself has new memory for each piece that it reads, which is then put together in yet another one.
 */
import type { OnReadOpts, Socket } from "node:net";
import type { ConnectionCalls } from "./kafkajs.ts";
import { LentMemory } from "./lent-memory.ts";

/** A response is an i32 length and as many bytes, the first four of which are the correlation id. */
const LENGTH_BYTES = 4;
const RESPONSE_BYTES_MIN = 4;
/** Memory for a response that is larger than this grows with what arrives: what says so may be no broker. */
const TRUSTED_BYTES_MAX = 1 << 26;
/** Most that a socket reads at a time. */
const READ_BYTES = 1 << 17;

/** The memory of all responses of this thread. */
const memory = new LentMemory();

/** Returns a socket that `open` opens with the options that it is given. The socket's listeners for data get one whole response at a time. */
export function openWithWholeResponses<AnySocket extends Socket>(open: (onread: OnReadOpts) => AnySocket): AnySocket {
  const listeners: ((response: Buffer) => void)[] = [];
  const take = responsesOf(
    (response) => {
      for (const listener of listeners) listener(response);
    },
    (error) => {
      socket.destroy(error);
    },
  );
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const callback = (length: number): boolean => {
    take(buffer.subarray(0, length));
    return true;
  };
  const socket = open({ buffer, callback });
  const on = socket.on.bind(socket) as (event: string, listener: (...values: never[]) => void) => AnySocket;
  return Object.assign(socket, {
    on: (event: string, listener: (...values: never[]) => void) => {
      if (event !== "data") return on(event, listener);
      listeners.push(listener as (response: Buffer) => void);
      return socket;
    },
  });
}

/** Has kafkajs take a whole response as it is. The nothing that the one before has left over would be put together with it in new memory. */
export function takeWholeResponses(calls: ConnectionCalls): void {
  const { processData } = calls;
  calls.processData = function processWhole(bytes) {
    if (this.bytesBuffered === 0) this.chunks = [];
    processData.call(this, bytes);
  };
}

/** Takes back the memory of a response that nobody reads any more, by its payload, which is all behind the correlation id. */
export function releaseResponse(payload: Uint8Array): void {
  memory.release(new Uint8Array(payload.buffer, 0, payload.byteOffset + payload.length));
}

/**
 * Returns a taker of chunks, which it copies, that calls `onResponse` for each response among them, and `onFault` when there is no telling where one
 * ends; after that it takes nothing.
 */
export function responsesOf(onResponse: (response: Buffer) => void, onFault: (error: Error) => void): (chunk: Buffer) => void {
  const lengthField = Buffer.alloc(LENGTH_BYTES);
  let response: Buffer | null = null;
  let needed = LENGTH_BYTES;
  let filled = 0;
  let isBroken = false;
  return (chunk) => {
    for (let from = 0; from < chunk.length && !isBroken;) {
      const copied = chunk.copy(response ?? lengthField, filled, from);
      from += copied;
      filled += copied;
      if (response === null && filled === LENGTH_BYTES) {
        const length = lengthField.readInt32BE();
        isBroken = length < RESPONSE_BYTES_MIN;
        if (isBroken) {
          onFault(new RangeError(`a response says that it has ${length} bytes`));
          return;
        }
        needed = LENGTH_BYTES + length;
        response = memory.lend(Math.min(needed, TRUSTED_BYTES_MAX));
        lengthField.copy(response);
      } else if (response !== null && filled === needed) {
        const whole = response;
        response = null;
        filled = 0;
        onResponse(whole);
      } else if (filled === response?.length) {
        const larger = memory.lend(Math.min(needed, 2 * filled));
        response.copy(larger);
        memory.release(response);
        response = larger;
      }
    }
  };
}
