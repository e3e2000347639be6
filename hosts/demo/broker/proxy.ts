/** A TCP proxy in front of one Kafka node (or any server on this machine), for the faults that a network has and a process does not. */
import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";

/** A running proxy. It begins without faults; each fault lasts until `restore`, and those of different kinds add up. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Has the kernel refuse new connections. Those that are open go on. */
  readonly refuse: () => Promise<void>;
  /** Resets all open connections, at both of their ends, and answers how many there were. */
  readonly drop: () => number;
  /** Holds each chunk of each connection, in each direction, for a time before it goes on. Chunks have up to 64 KB. */
  readonly delay: (chunkMs: number) => void;
  /** Lets no more bytes a second pass, of all connections and both directions together. */
  readonly throttle: (bytesPerSecond: number) => void;
  /** Accepts connections and forwards nothing. What comes in meanwhile is held back, as a network that is cut off would have it sent again. */
  readonly blackHole: () => void;
  /** Ends all faults. */
  readonly restore: () => Promise<void>;
  /** Resets all connections and stops to listen. A further call awaits the same end. */
  readonly close: () => Promise<void>;
}

/** Between which ports of the loopback interface a proxy stands. */
export interface ProxyOptions {
  readonly port: number;
  readonly targetPort: number;
}

/**
 * Starts a proxy.
 *
 * *Errors*: the port is taken (`EADDRINUSE`).
 */
export const startProxy = async ({ port, targetPort }: ProxyOptions): Promise<Proxy> => {
  const passage = createPassage();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.setNoDelay(true));
    return socket.once("close", () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    void join(keep(client), keep(createConnection({ host: "127.0.0.1", port: targetPort, allowHalfOpen: true })), passage);
  });
  const drop = (): number => {
    const open = sockets.size;
    for (const socket of sockets) socket.resetAndDestroy();
    // Each connection has a socket on either side.
    return Math.ceil(open / 2);
  };
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const silent = stopListening(server);
    drop();
    passage.set(CLEAR);
    await silent;
  };
  await listen(server, port);
  return {
    port,
    refuse: async () => {
      // Awaiting the server's "close" would be to await the end of the connections, too.
      void stopListening(server);
      await Promise.resolve();
    },
    drop,
    delay: (chunkMs) => passage.set({ ...passage.conditions(), chunkMs }),
    throttle: (bytesPerSecond) => passage.set({ ...passage.conditions(), bytesPerSecond }),
    blackHole: () => passage.set({ ...passage.conditions(), isBlackHole: true }),
    restore: async () => {
      passage.set(CLEAR);
      if (!server.listening && closed === null) await listen(server, port);
    },
    close: async () => (closed ??= close()),
    [Symbol.asyncDispose]: async () => (closed ??= close()),
  };
};

/** What a chunk meets on its way. */
interface Conditions {
  readonly chunkMs: number;
  readonly bytesPerSecond: number;
  readonly isBlackHole: boolean;
}

const CLEAR: Conditions = { chunkMs: 0, bytesPerSecond: Infinity, isBlackHole: false };

/** The way that all chunks of a proxy share. */
interface Passage {
  readonly conditions: () => Conditions;
  /** Whoever waits under the former conditions waits no more. */
  readonly set: (conditions: Conditions) => void;
  /** Resolves when a chunk of so many bytes may go on. */
  readonly pass: (byteCount: number) => Promise<void>;
}

const createPassage = (): Passage => {
  let conditions = CLEAR;
  let change = Promise.withResolvers<void>();
  /** When the bytes before have passed, at the throttled rate. */
  let freeAtMs = 0;
  return {
    conditions: () => conditions,
    set: (next) => {
      conditions = next;
      freeAtMs = 0;
      change.resolve();
      change = Promise.withResolvers();
    },
    pass: async (byteCount) => {
      while (conditions.isBlackHole) await change.promise;
      const { chunkMs, bytesPerSecond } = conditions;
      const nowMs = performance.now();
      freeAtMs = Math.max(nowMs, freeAtMs) + (byteCount * 1000) / bytesPerSecond;
      const waitMs = chunkMs + freeAtMs - nowMs;
      if (waitMs > 0) await Promise.race([change.promise, setTimeout(waitMs, undefined, { ref: false })]);
    },
  };
};

/** Joins two sockets until both have ended. An error of one of them resets the other. */
const join = async (client: Socket, target: Socket, passage: Passage): Promise<void> => {
  const through = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      await passage.pass(chunk.length);
      yield chunk;
    }
  };
  // Before the pipelines hear of an error and close the other socket in an orderly way, it is reset, as by a process that was killed.
  client.once("error", () => target.resetAndDestroy());
  target.once("error", () => client.resetAndDestroy());
  // A connection that breaks is what this is for: both sockets are destroyed by then.
  await Promise.allSettled([pipeline(client, through, target), pipeline(target, through, client)]);
};

const listen = async (server: Server, port: number): Promise<void> => {
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
};

/** Resolves when the connections have ended as well. */
const stopListening = async (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
