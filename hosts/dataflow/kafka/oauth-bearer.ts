/**
 * The login with a token (RFC 7628). kafkajs's own takes an answer that says why the token is not good for a yes, and only the next request fails,
 * with something else.
 */
import type { AuthenticationExchange } from "./kafkajs.ts";
import type { TokenSource } from "./oauth-token.ts";

const LENGTH_BYTES = 4;

/** Logs in. Throws what kafkajs takes for a refusal. */
export async function authenticateByToken(
  { saslAuthenticate }: Pick<AuthenticationExchange, "saslAuthenticate">,
  source: TokenSource,
  extensions: Readonly<Record<string, string>>,
): Promise<void> {
  const message = bearerMessage(await source(), extensions);
  // An answer, too, has its length before it, and says nothing when all is well.
  const response = { decode: (raw: Buffer) => raw.subarray(LENGTH_BYTES), parse: (answer: Buffer) => answer.toString() };
  const refusal = await saslAuthenticate({ request: { encode: () => message }, response });
  if (typeof refusal === "string" && refusal !== "") throw new TokenRefusedError(refusal);
}

/**
 *     length i32       of what follows
 *     n,,
 *     01 auth=Bearer <token>
 *     01 <name>=<value>      for each extension
 *     01 01
 */
function bearerMessage(token: string, extensions: Readonly<Record<string, string>>): Buffer {
  const parts = [`auth=Bearer ${token}`, ...Object.entries(extensions).map(([name, value]) => `${name}=${value}`)];
  const message = Buffer.from(`n,,${parts.map((part) => `\u0001${part}`).join("")}\u0001\u0001`);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** Under the name that kafkajs's own refusals have. */
class TokenRefusedError extends Error {
  override readonly name = "KafkaJSSASLAuthenticationError";
  /** Not with the same token. */
  readonly retriable = false;

  constructor(answer: string) {
    const [, status = "no reason given"] = /"status" *: *"([\w-]{1,40})"/u.exec(answer) ?? [];
    super(`SASL OAUTHBEARER authentication failed: ${status}`);
  }
}
