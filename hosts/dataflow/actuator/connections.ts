/** The connections of an HTTP server, and why it could not listen. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Returns a function that closes the connections that have no request running, and each other one after its answer. */
export function trackConnections(server: Server): () => void {
  const connections = new Set<Socket>();
  const busy = new Set<Socket>();
  let closing = false;
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    busy.add(socket);
    response.once("close", () => {
      busy.delete(socket);
      if (closing) socket.destroySoon();
    });
  });
  return () => {
    closing = true;
    // Node's own closeIdleConnections leaves a connection open that has not sent its first request, such as Data Flow's port probe.
    for (const socket of connections) if (!busy.has(socket)) socket.destroy();
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
