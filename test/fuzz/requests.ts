/** What clients send to an HTTP port: requests as they should be, as they should not, parts of them, and none. */
import type { Random } from "../simulation/random.ts";
import { damaged, randomBytes } from "./mutate.ts";

/** What one client does with its connection. */
export interface ClientPlan {
  readonly kind: string;
  /** Sent one after the other. */
  readonly pieces: readonly Buffer[];
  /** Sent over and over, a little while in between, until the server has had enough; null sends no more. */
  readonly drip: Buffer | null;
  /** Reads nothing of the answers until the server has had enough. */
  readonly isDeaf: boolean;
  /** What the client does when all is sent: ends its side, breaks off, or waits for the server to close. */
  readonly ending: "end" | "break off" | "wait";
}

type Choice = readonly [string, ...string[]];

const METHODS: Choice = [
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "CONNECT",
  "get",
  "PRI",
  "X\u0000",
  "",
];
const PATHS: Choice = [
  "",
  "/health",
  "/health/liveness",
  "/health/a/b/c",
  "/info",
  "/env",
  "/env/server.port",
  "/env/[[[[",
  "/env?pattern=(a%2B)%2B$",
  "/env?pattern=[",
  "/bindings",
  "/bindings/input",
  "/bindings/__proto__",
  "/metrics",
  "/metrics/router.records?tag=a:b&tag=:&tag=",
  "/metrics/jvm.memory.used",
  "/prometheus",
  "/prometheus?includedNames=a,b,,%00",
  "/loggers",
  "/loggers/ROOT",
  "/loggers/__proto__",
  "/loggers/%E0%A4%A",
  "/shutdown",
  "/../../etc/passwd",
  "/%2e%2e/%2f",
  "//",
  "?",
  "/health#x",
];
const HEADERS: Choice = [
  "Host: router:8080",
  "Host: a b/<x>",
  "Host:",
  "Host: [::1",
  "Connection: close",
  "Connection: keep-alive, upgrade",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Expect: 100-continue",
  "Expect: a miracle",
  "Accept: application/json",
  "Accept: text/plain;q=0.5;q=x, */*;q=-1",
  "Accept: application/openmetrics-text; version=1.0.0",
  "Accept: ,,;;==",
  "Content-Type: application/json",
  "Content-Type: application/vnd.spring-boot.actuator.v3+json;charset=x",
  "Authorization: Basic",
  "Authorization: Basic bWU6aGlkZGVu",
  "Authorization: Basic ====",
  "Content-Length: 5",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: x",
  "Range: bytes=0-",
  "Trailer: x",
  "X-Forwarded-Host: a",
  "NoColon",
  " folded",
];
const BODIES: Choice = [
  "",
  "{}",
  '{"state":"PAUSED"}',
  '{"state":"RESUMED"}',
  '{"configuredLevel":"DEBUG"}',
  "[1]",
  "null",
  '{"state":7}',
  "{",
  '"\ud800"',
];
const CHUNKS: Choice = [
  "2\r\n{}\r\n0\r\n\r\n",
  "fffffffffffffffff\r\nx",
  "-1\r\n",
  "0\r\n\r\n",
  "1;a=b\r\n{\r\n1\r\n}\r\n0\r\nT: x\r\n\r\n",
  "zz\r\n",
  "2\r\n{}0\r\n",
];
const PIPELINED_MAX = 20;
/** Either all of them are read before the first answer has no room any more, or they come to a stop in the middle of one. */
const DEAF_REQUESTS = [300, 1500] as const;

/** Returns what one client does. */
export function clientPlan(random: Random): ClientPlan {
  const ending = random.pick<ClientPlan["ending"]>(["end", "break off", "wait"]);
  const usual = { drip: null, isDeaf: false, ending } as const;
  switch (random.between(0, 9)) {
    case 0:
    case 1:
      return { ...usual, kind: "request", pieces: [request(random)] };
    case 2:
      return { ...usual, kind: "damaged request", pieces: [damaged(request(random), random)] };
    case 3:
      return { ...usual, kind: "in pieces", pieces: cut(damaged(request(random), random), random) };
    case 4:
      return { ...usual, kind: "pipelined", pieces: [Buffer.concat(several(random, PIPELINED_MAX))] };
    case 5:
      return { ...usual, kind: "no HTTP", pieces: [randomBytes(random, 2000)] };
    case 6:
      return { ...usual, kind: "huge", pieces: [huge(random)] };
    case 7:
      return {
        ...usual,
        kind: "chunks",
        pieces: [latin1(`${head(random, "POST")}Transfer-Encoding: chunked\r\n\r\n${random.pick(CHUNKS)}`)],
      };
    default:
      return endless(random);
  }
}

/** A client that never comes to an end by itself. */
function endless(random: Random): ClientPlan {
  const waiting = { isDeaf: false, ending: "wait" } as const;
  const post = "POST /actuator/loggers/ROOT HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
  const method = random.pick(["GET", "POST"]);
  switch (random.between(0, 10)) {
    case 0:
      return { ...waiting, kind: "silence", pieces: [], drip: null };
    case 1:
      return { ...waiting, kind: "endless headers", pieces: [latin1("GET /actuator/health HTTP/1.1\r\n")], drip: latin1("A: b\r\n") };
    case 2:
      return { ...waiting, kind: "endless line", pieces: [latin1("GET /")], drip: latin1("a") };
    case 3:
      return {
        ...waiting,
        kind: "endless body",
        pieces: [latin1(`${head(random, method)}Content-Length: 100000000\r\n\r\n`)],
        drip: latin1(" "),
      };
    case 4:
      return {
        ...waiting,
        kind: "endless chunks",
        pieces: [latin1(`${post}Transfer-Encoding: chunked\r\n\r\n`)],
        drip: latin1("1\r\n \r\n"),
      };
    case 5:
      return {
        ...waiting,
        kind: "deaf",
        pieces: [latin1("GET /actuator/prometheus HTTP/1.1\r\nHost: h\r\n\r\n".repeat(random.pick(DEAF_REQUESTS)))],
        drip: latin1("GET /"),
        isDeaf: true,
      };
    default:
      return { ...waiting, kind: "half a request", pieces: [request(random).subarray(0, random.between(1, 30))], drip: null };
  }
}

function request(random: Random): Buffer {
  const method = random.chance(0.7) ? random.pick(["GET", "GET", "GET", "HEAD", "POST"]) : random.pick(METHODS);
  const headers = Array.from({ length: random.pick([0, 0, 0, 1, 1, 6]) }, () => `${random.pick(HEADERS)}\r\n`).join("");
  const body = random.chance(method === "POST" ? 0.2 : 0.8) ? "" : random.pick(BODIES);
  const type = body !== "" && random.chance(0.8) ? "Content-Type: application/json\r\n" : "";
  const length =
    random.chance(0.9) && body !== "" ? `Content-Length: ${Buffer.byteLength(body) + random.pick([0, 0, 0, 0, 1, -1])}\r\n` : "";
  return Buffer.from(`${head(random, method)}${headers}${type}${length}\r\n${body}`);
}

/** The first line, and mostly the one header that a request must have. */
function head(random: Random, method: string): string {
  const base = random.chance(0.95) ? "/actuator" : random.pick(["", "http://a/actuator", "*", "/shutdown", "/livez"]);
  const version = random.chance(0.95) ? "HTTP/1.1" : random.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/9", ""]);
  return `${method} ${base}${random.pick(PATHS)} ${version}\r\n${random.chance(0.9) ? "Host: h\r\n" : ""}`;
}

function several(random: Random, most: number): readonly Buffer[] {
  return Array.from({ length: random.between(2, most) }, () => request(random));
}

function cut(bytes: Buffer, random: Random): readonly Buffer[] {
  const at = random.between(0, bytes.length);
  const next = random.between(at, bytes.length);
  return [bytes.subarray(0, at), bytes.subarray(at, next), bytes.subarray(next)];
}

function huge(random: Random): Buffer {
  const length = random.between(1, 1 << 20);
  switch (random.between(0, 3)) {
    case 0:
      return latin1(`GET /actuator/${"a".repeat(length)} HTTP/1.1\r\nHost: h\r\n\r\n`);
    case 1:
      return latin1(`GET /actuator/health HTTP/1.1\r\nHost: h\r\nX: ${"x".repeat(length)}\r\n\r\n`);
    case 2:
      return latin1(`GET /actuator/health HTTP/1.1\r\n${"A: b\r\n".repeat(random.between(1, 5000))}\r\n`);
    default:
      return latin1(`${head(random, "POST")}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${"[".repeat(length)}`);
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
