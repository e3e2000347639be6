/** The connections of an HTTP server, and why it could not listen. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Returns a function that closes the connections that have no request running, and each other one after its answer or the time for that, for
 * a server that is closing gives up no client by itself. Before, those on which nothing moves for the server's timeout are closed, unless the
 * client waits for an answer: one that doesn't take it may wait without end.
 */
export function trackConnections(server: Server, closeTimeoutMs: number): () => void {
  const connections = new Set<Socket>();
  /** How many requests are not answered yet, by their connection: a client may send several without waiting. */
  const running = new Map<Socket, number>();
  let closing = false;
  server.on("timeout", (socket) => {
    if (!running.has(socket) || socket.writableLength > 0) socket.destroy();
  });
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    running.set(socket, (running.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (running.get(socket) ?? 1) - 1;
      if (left > 0) running.set(socket, left);
      else running.delete(socket);
      if (closing) socket.destroySoon();
    });
  });
  return () => {
    closing = true;
    // Node's own closeIdleConnections leaves a connection open that has not sent its first request, such as Data Flow's port probe.
    for (const socket of connections) if (!running.has(socket)) socket.destroy();
    const deadline = setTimeout(() => {
      for (const socket of connections) socket.destroy();
    }, closeTimeoutMs);
    server.once("close", () => {
      clearTimeout(deadline);
    });
  };
}

/** Where a server listens, and the properties that say so. */
export interface Place {
  /** 0 takes a free port. */
  readonly port: number;
  /** Null listens on all interfaces. */
  readonly address: string | null;
  /** What stands before `.port` and `.address` in the properties' names: `server` or `management.server`. */
  readonly properties: string;
}

/** The HTTP server could not start. The message says which property to change. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code: "PORT_IN_USE" | "LISTEN_REFUSED";
  readonly retriable = false;

  constructor(code: ListenError["code"], message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Returns the error for one that listening ended with. */
export function listenError(cause: unknown, { port, address, properties }: Place): ListenError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const place = `${properties}.port=${port}${address === null ? "" : `, ${properties}.address=${address}`}`;
  if (code === "EADDRINUSE") {
    return new ListenError(
      "PORT_IN_USE",
      `${place}: another program listens there; stop it, or set ${properties}.port to a free port (0 takes any)`,
      cause,
    );
  }
  const advice =
    code === "EACCES"
      ? `the port needs more rights; set ${properties}.port to one above 1023`
      : `can't listen there (${code}); correct ${properties}.address`;
  return new ListenError("LISTEN_REFUSED", `${place}: ${advice}`, cause);
}
