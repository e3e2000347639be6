/** Tokens of OAuth 2.0 by client credentials (RFC 6749, 4.4): fetched when they are needed, kept, and renewed long before their end. */

/** Where tokens come from, and for whom. */
export interface TokenClient {
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
}

/** Returns a token that holds for some time yet. Throws `TokenError`. */
export type TokenSource = () => Promise<string>;

/** There is no token; the message has nothing in it but the answer's status and its error code. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  /** For kafkajs, which would ask again at once; the app's own back-off is longer. */
  readonly retriable = false;
}

/** Less than kafkajs waits for the one that logs in. */
const TIMEOUT_MS = 5000;
const ANSWER_BYTES_MAX = 65_536;
/** Of a token's life, after which it is renewed: who logs in anew shortly before its end is to find a fresh one. */
const RENEW_SHARE = 0.5;

interface Token {
  readonly value: string;
  readonly renewMs: number;
  readonly endMs: number;
}

/** Returns a source of tokens, of which one is kept. Callers at the same time share one request. */
export function createTokenSource(client: TokenClient, now: () => number): TokenSource {
  let token: Token | null = null;
  let asking: Promise<Token> | null = null;
  const renew = async (): Promise<Token> => {
    const askedMs = now();
    const { value, lifeMs } = await requestToken(client, askedMs);
    token = { value, renewMs: askedMs + lifeMs * RENEW_SHARE, endMs: askedMs + lifeMs };
    return token;
  };
  return async () => {
    if (token !== null && now() < token.renewMs) return token.value;
    try {
      asking ??= renew().finally(() => {
        asking = null;
      });
      return (await asking).value;
    } catch (error) {
      // The one that is there holds yet.
      if (token !== null && now() < token.endMs) return token.value;
      throw error;
    }
  };
}

async function requestToken(client: TokenClient, nowMs: number): Promise<{ readonly value: string; readonly lifeMs: number }> {
  const { host } = new URL(client.endpoint);
  const { status, text } = await post(client, host);
  const answer = jsonOf(text);
  if (status !== 200) {
    // A code of RFC 6749 is words with underscores; whatever else an answer has may be what it was asked with.
    const code = typeof answer["error"] === "string" && /^[a-z_]{1,40}$/u.test(answer["error"]) ? ` (${answer["error"]})` : "";
    throw new TokenError(`${host} answered ${status}${code}`);
  }
  const value = answer["access_token"];
  // It stands in a message whose parts end with control characters.
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/u.test(value)) throw new TokenError(`${host} answered without an access_token`);
  const seconds = answer["expires_in"];
  return { value, lifeMs: typeof seconds === "number" && seconds > 0 ? seconds * 1000 : Math.max(0, endOf(value) - nowMs) };
}

/** As Java's client does it: id and secret in the header, as they are. */
async function post({ endpoint, clientId, clientSecret, scope }: TokenClient, host: string): Promise<{ status: number; text: string }> {
  const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope === null ? {} : { scope }) });
  const headers = { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`, Accept: "application/json" };
  // What redirects might be anybody, and must not get the secret.
  const request = { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  try {
    const response = await fetch(endpoint, request);
    return { status: response.status, text: await textOf(response) };
  } catch (error) {
    if (error instanceof TokenError) throw error;
    throw new TokenError(`no answer from ${host} (${reasonOf(error)})`);
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new TokenError(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** `fetch` hides the reason in the cause; its code tells all, and its message may be anything. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return error instanceof Error ? error.name : "no reason given";
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** Returns when a JWT ends by its claim `exp`, in milliseconds; 0 for a token that does not say so. */
function endOf(token: string): number {
  const claims = jsonOf(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return typeof claims["exp"] === "number" ? claims["exp"] * 1000 : 0;
}
