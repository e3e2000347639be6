/**
 * Frames requests in the place of kafkajs, which copies each one twice into memory that it clears first. What a request carries goes to the socket from
 * where it is.
 *
 *     RequestOrResponse => Size RequestMessage            Size            i32: bytes behind this field
 *       RequestMessage => header body                     api_key         i16
 *         header => api_key api_version                   api_version     i16
 *                   correlation_id client_id              correlation_id  i32
 *                                                         client_id       i16 length and UTF-8 bytes; -1 for null
 *
 * Source: "Kafka protocol guide", sections "Common Request and Response Structure" and "Request Header v1". What later versions of the header have
 * behind these fields is with the body.
 */
import type { Socket } from "node:net";

/** A request's body as kafkajs's encoders have it: one buffer; or in parts, which kafkajs does not know of. */
export interface RequestBody {
  readonly buffer: Buffer;
  readonly parts?: readonly Uint8Array[];
}

/** What kafkajs knows of a request when it frames it. */
export interface RequestToFrame {
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<RequestBody> };
}

const SIZE_BYTES = 4;
/** Up to the client id's text. */
const HEADER_BYTES = 10;
/** Below this it costs less to copy than to hand parts on. */
const COPIED_BYTES_MAX = 4096;

/** By the buffer that kafkajs writes to the socket, what has to follow it. */
const rests = new WeakMap<object, readonly Uint8Array[]>();

/** Returns a request with its frame, as kafkajs's `createRequest` does. Large ones are only a beginning: see `writeWhole`. */
export async function frameRequest({ correlationId, clientId, request }: RequestToFrame): Promise<{ readonly buffer: Buffer }> {
  const body = await request.encode();
  const parts = body.parts ?? [body.buffer];
  const client = Buffer.from(clientId ?? "");
  const frame = Buffer.allocUnsafe(SIZE_BYTES + HEADER_BYTES + client.length);
  const size = HEADER_BYTES + client.length + parts.reduce((sum, { length }) => sum + length, 0);
  let at = frame.writeInt32BE(size);
  at = frame.writeInt16BE(request.apiKey, at);
  at = frame.writeInt16BE(request.apiVersion, at);
  at = frame.writeInt32BE(correlationId, at);
  at = frame.writeInt16BE(clientId === null ? -1 : client.length, at);
  frame.set(client, at);
  // Only the lane's own requests have parts, and its clients sockets that `writeWhole` has been at.
  if (body.parts === undefined || size <= COPIED_BYTES_MAX) return { buffer: Buffer.concat([frame, ...parts]) };
  rests.set(frame, parts);
  return { buffer: frame };
}

/** Has a socket write, behind a frame, what it is the frame of. Returns the socket. */
export function writeWhole<AnySocket extends Socket>(socket: AnySocket): AnySocket {
  const write = socket.write.bind(socket) as (data: Uint8Array | string, ...more: unknown[]) => boolean;
  const writeAll = (data: Uint8Array | string, ...more: unknown[]): boolean => {
    const rest = typeof data === "string" ? undefined : rests.get(data);
    if (rest === undefined) return write(data, ...more);
    // One call of the system for all of it.
    socket.cork();
    let hasRoom = write(data);
    for (const part of rest) hasRoom = write(part);
    socket.uncork();
    return hasRoom;
  };
  return Object.assign(socket, { write: writeAll });
}
