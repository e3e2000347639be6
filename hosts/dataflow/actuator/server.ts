/** Operations over HTTP, with Boot's answers to requests that they can't take. The only file that imports the HTTP framework and its server. */
import { once } from "node:events";
import { createServer, type Server as NodeServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { auth } from "hono/utils/basic-auth";
import { negotiate } from "../media-types.ts";
import { areSame, type Credentials } from "./access.ts";
import { listenError, trackConnections, type Place } from "./connections.ts";
import { ACTUATOR_TYPES, type Answer, type Operation } from "./endpoint.ts";
import { readObject } from "./request-body.ts";
import type { Route } from "./routes.ts";

/** How long the server waits for a request. */
export interface RequestTimeouts {
  /** From the connection to the end of the request's headers. */
  readonly headersTimeoutMs: number;
  /** From the connection to the end of the request. */
  readonly requestTimeoutMs: number;
  /** In which nothing moves on a connection, because its client sends no request or takes none of the answer. */
  readonly idleTimeoutMs: number;
  /** Between two requests of one connection. */
  readonly keepAliveTimeoutMs: number;
  /** After the server was closed: for the rest of a request, and until its answer is taken. */
  readonly closeTimeoutMs: number;
}

export interface ServerOptions extends Place {
  readonly routes: readonly Route[];
  /** Null where everybody may do everything. */
  readonly admin: Credentials | null;
  /** Takes what should not have happened: a failed operation, a broken listener. Clients that misbehave are no errors. */
  readonly onError: (error: unknown) => void;
  readonly timeouts?: RequestTimeouts;
}

/** A server that listens. */
export interface Server {
  readonly port: number;
  /** Stops to accept, closes connections that have no request running, and resolves when the running ones are answered or out of time. */
  close(): Promise<void>;
}

const HEADER_BYTES_MAX = 8192;
const CONNECTIONS_MAX = 256;
const DEFAULT_TIMEOUTS: RequestTimeouts = {
  headersTimeoutMs: 5000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5000,
  closeTimeoutMs: 1000,
};

const REASONS = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
} as const;

/** Answers with these are without a body, whatever there is to say. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

type Env = { Bindings: HttpBindings };

/** Starts to serve the routes. Throws `ListenError` when the port or the address can't be had. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { port, address, onError, timeouts = DEFAULT_TIMEOUTS } = options;
  const app = createApp(options);
  const fetch: Parameters<typeof createAdaptorServer>[0]["fetch"] = (request, bindings) => {
    // Few bodies are read to their end, and those are the last on their connection.
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
  }) as NodeServer;
  server.maxConnections = CONNECTIONS_MAX;
  server.timeout = timeouts.idleTimeoutMs;
  const closeConnections = trackConnections(server, timeouts.closeTimeoutMs);
  server.listen(address === null ? { port } : { port, host: address });
  try {
    await once(server, "listening");
  } catch (error) {
    throw listenError(error, options);
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

/** The routes as an app of the framework, without a server. */
function createApp({ routes, admin, onError }: ServerOptions): Hono<Env> {
  const app = new Hono<Env>();
  for (const route of routes) {
    const pattern = { none: "", one: "/:selector", many: "/:selector{.+}" }[route.variable];
    app.all(route.path + pattern, async (context) => handle(context, route, admin));
  }
  app.notFound((context) => errorAnswer(context, 404));
  app.onError((error, context) => {
    onError(error);
    return errorAnswer(context, 500);
  });
  return app;
}

/** Answers a request in Boot's order: who asks, which method, what it sends, what it takes; then only the operation is asked. */
async function handle(context: Context<Env>, route: Route, admin: Credentials | null): Promise<Response> {
  const { req } = context;
  const isFromAdmin = admin !== null && isAdmin(context, admin);
  if (admin !== null && !isFromAdmin && isRefused(context, route)) {
    return errorAnswer(context, 401, { "WWW-Authenticate": 'Basic realm="Realm"' });
  }
  const operation = operationOf(context, route);
  if (operation === undefined) return errorAnswer(context, 405, { Allow: allowed(route) });
  if (operation.takesBody && !isJson(req.header("content-type"))) return errorAnswer(context, 415);
  if (operation.method === "GET" && hasBody(req.raw)) return errorAnswer(context, 400);
  const accept = req.header("accept");
  const type = operation.produces.length === 0 ? null : negotiate(accept, operation.produces);
  if (type === null && operation.produces.length > 0) return new Response(null, { status: 406, headers: { "Content-Length": "0" } });
  const body = operation.takesBody ? await readObject(req.raw) : { object: {} };
  if ("refused" in body) return errorAnswer(context, body.refused);
  const { origin, searchParams } = new URL(req.url);
  const selector = req.param("selector") ?? "";
  const answer = await operation.answer({ origin, selector, query: searchParams, accept, type, isAdmin: isFromAdmin, body: body.object });
  return responseOf(context, answer, type ?? ACTUATOR_TYPES[0] ?? "");
}

/** Whether a request without the administrator's credentials is refused: it needs them, or it has others. */
function isRefused({ req }: Context<Env>, { needsAdmin }: Route): boolean {
  const hasOthers = /^ *basic(?: |$)/iu.test(req.header("authorization") ?? "");
  return hasOthers || needsAdmin(req.method === "GET" || req.method === "HEAD" ? "GET" : "POST");
}

function isAdmin({ req }: Context<Env>, admin: Credentials): boolean {
  const given = auth(req.raw);
  return given !== undefined && areSame({ user: given.username, password: given.password }, admin);
}

function operationOf({ req }: Context<Env>, { operations }: Route): Operation | undefined {
  const method = req.method === "HEAD" ? "GET" : req.method;
  return operations.find((operation) => operation.method === method);
}

function allowed({ operations }: Route): string {
  return operations.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
}

function responseOf(context: Context<Env>, answer: Answer, type: string): Response {
  if ("json" in answer) return textResponse(answer.status, type, JSON.stringify(answer.json));
  if ("text" in answer) return textResponse(answer.status, answer.contentType, answer.text);
  if ("bytes" in answer) return bytesResponse(answer.status, answer.bytes, answer.headers);
  if (answer.status === 204) return new Response(null, { status: 204 });
  return answer.status === 404 ? errorAnswer(context, 404) : errorAnswer(context, 400, {}, answer.message);
}

function hasBody({ headers }: Request): boolean {
  return (headers.get("content-length") ?? "0") !== "0" || headers.has("transfer-encoding");
}

function isJson(contentType: string | undefined): boolean {
  const [type = ""] = (contentType ?? "").split(";");
  return ACTUATOR_TYPES.includes(type.trim().toLowerCase());
}

/** The body of Boot's error pages. */
function errorAnswer(
  context: Context<Env>,
  status: keyof typeof REASONS,
  headers: Readonly<Record<string, string>> = {},
  message?: string,
): Response {
  const timestamp = new Date().toISOString().replace("Z", "+00:00");
  const body = JSON.stringify({ timestamp, status, error: REASONS[status], message, path: context.req.path });
  return textResponse(status, "application/json", body, headers);
}

function bytesResponse(status: number, bytes: Uint8Array, headers: Readonly<Record<string, string>>): Response {
  return new Response(Buffer.from(bytes), { status, headers: { ...headers, "Content-Length": String(bytes.length) } });
}

/** An operator may have any status for an answer. The length is set here because the framework drops the body of an answer to HEAD, and the length with it. */
function textResponse(status: number, type: string, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  if (WITHOUT_BODY.has(status)) return new Response(null, { status, headers });
  return new Response(text, { status, headers: { "Content-Type": type, "Content-Length": String(Buffer.byteLength(text)), ...headers } });
}
