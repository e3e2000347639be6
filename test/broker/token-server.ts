/** A token endpoint of OAuth 2.0 for tests. Its tokens are unsecured JWTs, which Kafka's own validator for development takes. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface TokenServer extends AsyncDisposable {
  readonly url: string;
  /** What was asked of it: the header `Authorization` and the body, each time. */
  readonly requests: readonly { readonly authorization: string; readonly body: string }[];
  /** Resolves when this many tokens have been asked for. */
  untilAsked(count: number): Promise<void>;
}

const LONG_SECONDS = 600;

/** How a server answers. */
export type TokenAnswer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Starts a server on a free port. */
export async function startTokenServer(answer: TokenAnswer): Promise<TokenServer> {
  const requests: { authorization: string; body: string }[] = [];
  const waiting = new Map<number, () => void>();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      requests.push({ authorization: request.headers.authorization ?? "", body });
      waiting.get(requests.length)?.();
      answer(request, response, body);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    requests,
    untilAsked: async (count) => {
      if (requests.length >= count) return;
      await new Promise<void>((resolve) => waiting.set(count, resolve));
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with a token for the user that is called like the client. */
export const tokenForClient: TokenAnswer = (request, response, body) => {
  const basic = (request.headers.authorization ?? "").replace("Basic ", "");
  const [client = ""] = Buffer.from(basic, "base64").toString().split(":");
  tokenFor(client, LONG_SECONDS)(request, response, body);
};

/** Answers with a token for a user that holds for some seconds. */
export function tokenFor(user: string, seconds: number): TokenAnswer {
  return (_request, response) => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const token = unsecuredToken({ sub: user, iat: nowSeconds, exp: nowSeconds + seconds });
    answerJson(response, 200, { access_token: token, token_type: "Bearer", expires_in: seconds });
  };
}

/** Answers that the client is not known. */
export const unknownClient: TokenAnswer = (_request, response) => answerJson(response, 401, { error: "invalid_client" });

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

/** Returns a JWT that nobody has signed. */
export function unsecuredToken(claims: object): string {
  return `${tokenPart({ alg: "none" })}.${tokenPart(claims)}.`;
}

function tokenPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
