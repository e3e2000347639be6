/** Boot's actuator endpoints over HTTP. The only file that imports the HTTP framework and its server. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import type { Health } from "./health.ts";
import { negotiate } from "./media-types.ts";

/** What `/actuator/info` says. */
export interface AppInfo {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/** How long the server waits for a request. */
export interface RequestTimeouts {
  /** From the connection to the end of the request's headers. */
  readonly headersTimeoutMs: number;
  /** From the connection to the end of the request. */
  readonly requestTimeoutMs: number;
  /** Between two requests of one connection. */
  readonly keepAliveTimeoutMs: number;
}

export interface ActuatorOptions {
  readonly health: Health;
  readonly info: AppInfo;
  /** 0 takes a free port. */
  readonly port: number;
  /** Null listens on all interfaces. */
  readonly address: string | null;
  /** Takes what should not have happened: a failed handler, a broken listener. Clients that misbehave are no errors. */
  readonly onError: (error: unknown) => void;
  readonly timeouts?: RequestTimeouts;
}

/** The endpoints, served. */
export interface Actuator {
  readonly port: number;
  /** Stops to accept, closes connections that have no request running, and resolves when the running ones are answered. */
  close(): Promise<void>;
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

// Boot's EndpointMediaTypes, in its order.
const ACTUATOR_TYPES: readonly string[] = [
  "application/vnd.spring-boot.actuator.v3+json",
  "application/vnd.spring-boot.actuator.v2+json",
  "application/json",
];

const HEADER_BYTES_MAX = 8192;
const CONNECTIONS_MAX = 256;
const DEFAULT_TIMEOUTS: RequestTimeouts = { headersTimeoutMs: 5000, requestTimeoutMs: 10_000, keepAliveTimeoutMs: 5000 };

type Body = Readonly<Record<string, unknown>>;
type Env = { Bindings: HttpBindings };

/** Starts to serve the endpoints. Throws `ListenError` when the port or the address can't be had. */
export async function startActuator(options: ActuatorOptions): Promise<Actuator> {
  const { port, address, onError, timeouts = DEFAULT_TIMEOUTS } = options;
  const app = createApp(options);
  const fetch: Parameters<typeof createAdaptorServer>[0]["fetch"] = (request, bindings) => {
    // Nothing here reads a body: the connection of a request with one is closed rather than the body read to its end.
    if (hasBody(request)) (bindings as HttpBindings).outgoing.shouldKeepAlive = false;
    return app.fetch(request, bindings);
  };
  const serverOptions = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: timeouts.headersTimeoutMs,
    requestTimeout: timeouts.requestTimeoutMs,
    keepAliveTimeout: timeouts.keepAliveTimeoutMs,
    // How often Node looks for connections that are over their time.
    connectionsCheckingInterval: Math.min(1000, timeouts.headersTimeoutMs),
  };
  const server = createAdaptorServer({
    fetch,
    createServer,
    serverOptions,
    // What a request of HTTP/1.0 without a Host header is taken to mean: load balancers send such probes.
    hostname: "localhost",
    // The globals stay as they are: what is faster about the adaptor's own Request does not matter for probes.
    overrideGlobalObjects: false,
  }) as Server;
  server.maxConnections = CONNECTIONS_MAX;
  const closeConnections = trackConnections(server);
  server.listen(address === null ? { port } : { port, host: address });
  try {
    await once(server, "listening");
  } catch (error) {
    throw listenError(error, port, address);
  }
  server.on("error", onError);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      closeConnections();
      await closed;
    },
  };
}

/** Returns a function that closes the connections that have no request running, and each other one after its answer. */
function trackConnections(server: Server): () => void {
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

function listenError(cause: unknown, port: number, address: string | null): ListenError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const place = `server.port=${port}${address === null ? "" : `, server.address=${address}`}`;
  if (code === "EADDRINUSE") {
    return new ListenError(
      "PORT_IN_USE",
      `${place}: another program listens there; stop it, or set server.port to a free port (0 takes any)`,
      cause,
    );
  }
  const advice =
    code === "EACCES"
      ? "the port needs more rights; set server.port to one above 1023"
      : `can't listen there (${code}); correct server.address`;
  return new ListenError("LISTEN_REFUSED", `${place}: ${advice}`, cause);
}

/** The endpoints as an app of the framework, without a server. */
function createApp({ health, info, onError }: ActuatorOptions): Hono<Env> {
  const app = new Hono<Env>();
  const endpoint = (path: string, answer: (context: Context<Env>) => Response): void => {
    app.get(path, (context) => (hasBody(context.req.raw) ? errorAnswer(context, 400, "Bad Request") : answer(context)));
    app.all(path, (context) => errorAnswer(context, 405, "Method Not Allowed", { Allow: "GET, HEAD" }));
  };
  endpoint("/actuator", (context) => actuatorAnswer(context, 200, { _links: linksOf(context.req.url) }));
  endpoint("/actuator/health", (context) => {
    // Boot answers 503 for any DOWN. Data Flow uses this endpoint as liveness probe, though, and a broker that is away is no reason to
    // restart the pod, so only a broken process answers 503; the body tells the whole story.
    return actuatorAnswer(context, health.livenessStatus() === "UP" ? 200 : 503, {
      status: health.status(),
      groups: ["liveness", "readiness"],
    });
  });
  endpoint("/actuator/health/liveness", (context) => {
    const status = health.livenessStatus();
    return actuatorAnswer(context, status === "UP" ? 200 : 503, { status });
  });
  endpoint("/actuator/health/readiness", (context) => {
    const status = health.readinessStatus();
    return actuatorAnswer(context, status === "UP" ? 200 : 503, { status });
  });
  const { name, version, description } = info;
  endpoint("/actuator/info", (context) => actuatorAnswer(context, 200, { app: { name, version, description } }));
  app.notFound((context) => errorAnswer(context, 404, "Not Found"));
  app.onError((error, context) => {
    onError(error);
    return errorAnswer(context, 500, "Internal Server Error");
  });
  return app;
}

function hasBody({ headers }: Request): boolean {
  return (headers.get("content-length") ?? "0") !== "0" || headers.has("transfer-encoding");
}

function linksOf(requestUrl: string): Body {
  const self = new URL("/actuator", requestUrl).href;
  const link = (path: string, templated = false): Body => ({ href: self + path, templated });
  return { self: link(""), health: link("/health"), "health-path": link("/health/{*path}", true), info: link("/info") };
}

function actuatorAnswer(context: Context<Env>, status: number, body: Body): Response {
  const type = negotiate(context.req.header("accept"), ACTUATOR_TYPES);
  return type === null ? new Response(null, { status: 406, headers: { "Content-Length": "0" } }) : jsonResponse(status, type, body);
}

/** The body of Boot's error pages. */
function errorAnswer(context: Context<Env>, status: number, error: string, headers: Readonly<Record<string, string>> = {}): Response {
  const timestamp = new Date().toISOString().replace("Z", "+00:00");
  return jsonResponse(status, "application/json", { timestamp, status, error, path: context.req.path }, headers);
}

/** The length is set here because the framework drops the body of an answer to HEAD, and the length with it. */
function jsonResponse(status: number, type: string, body: Body, headers: Readonly<Record<string, string>> = {}): Response {
  const text = JSON.stringify(body);
  return new Response(text, { status, headers: { "Content-Type": type, "Content-Length": String(Buffer.byteLength(text)), ...headers } });
}
