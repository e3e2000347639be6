/** One connection through the proxy, as the requests that go there and the answers that come back. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { errorCodeOf, readRequest, type Request } from "./requests.ts";
import { FrameReader } from "./wire.ts";

/** What the broker said. */
export interface Answer {
  readonly frame: Buffer;
  /** Null for an API whose answers are not read. */
  readonly errorCode: number | null;
}

/** A request that was met. */
export interface Met {
  readonly request: Request;
  /** The broker's answer, whether or not the client gets it. It never comes for a request that the broker is not given, or if the connection breaks. */
  readonly answered: Promise<Answer>;
}

/** A request between its client and the broker. */
export interface Exchange extends Met {
  /** Gives the request to the broker by the other half of its connection; `relay` is whether the client gets the answer. */
  forward(relay: boolean): void;
  /** Answers in the broker's place. */
  reply(frame: Buffer): void;
  /** Resets the client's connection. */
  reset(): void;
  isOpen(): boolean;
}

/** Joins a client with the broker. Each request goes to `meet`, which decides about it. */
export function joinByRequests(client: Socket, broker: Socket, meet: (exchange: Exchange) => void): void {
  /** By correlation id, the requests that the broker has been given. */
  const waiting = new Map<number, (answer: Buffer) => void>();
  const exchange = (request: Request): Exchange => {
    const { promise: answered, resolve } = Promise.withResolvers<Answer>();
    return {
      request,
      answered,
      forward: (relay) => {
        waiting.set(request.correlationId, (frame) => {
          if (relay) client.write(frame);
          resolve(answerOf(request, frame));
        });
        broker.write(request.frame);
      },
      reply: (frame) => client.write(frame),
      reset: () => client.resetAndDestroy(),
      isOpen: () => client.writable && broker.writable,
    };
  };
  const requests = new FrameReader();
  client.on("data", (chunk: Buffer) => {
    for (const frame of requests.push(chunk)) meet(exchange(readRequest(frame)));
  });
  const answers = new FrameReader();
  broker.on("data", (chunk: Buffer) => {
    for (const frame of answers.push(chunk)) {
      const correlationId = frame.readInt32BE(4);
      waiting.get(correlationId)?.(frame);
      waiting.delete(correlationId);
    }
  });
  // Connections that break are what this is for. What the broker was given before it is still to be read by it, so its half ends in an orderly way.
  client.on("error", () => {}).once("close", () => broker.end());
  broker.on("error", () => {}).once("close", () => client.resetAndDestroy());
}

/** Gives a request to the broker on a connection of its own. */
export async function deliverAlone(request: Request, broker: Socket): Promise<Answer> {
  const answers = new FrameReader();
  broker.write(request.frame);
  for (;;) {
    const [chunk] = (await once(broker, "data")) as [Buffer];
    const [frame] = answers.push(chunk);
    if (frame === undefined) continue;
    broker.on("error", () => {}).destroy();
    return answerOf(request, frame);
  }
}

function answerOf(request: Request, frame: Buffer): Answer {
  return { frame, errorCode: errorCodeOf(request, frame) };
}
