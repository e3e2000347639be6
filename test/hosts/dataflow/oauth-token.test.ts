import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenSource, TokenError, type TokenClient } from "../../../hosts/dataflow/kafka/oauth-token.ts";
import { answerJson, startTokenServer, unsecuredToken, type TokenAnswer } from "../../broker/token-server.ts";

function client(endpoint: string): TokenClient {
  return { endpoint, clientId: "me", clientSecret: "hide", scope: null };
}

/** Answers with one token after the other. */
function numbered(seconds: number): TokenAnswer {
  let count = 0;
  return (_request, response) => answerJson(response, 200, { access_token: `t${++count}`, expires_in: seconds });
}

test("a token is kept for half of its life, and callers at the same time share one request", async () => {
  await using server = await startTokenServer(numbered(100));
  let nowMs = 1000;
  const source = createTokenSource(client(server.url), () => nowMs);
  assert.deepEqual(await Promise.all([source(), source(), source()]), ["t1", "t1", "t1"]);
  nowMs += 49_999;
  assert.equal(await source(), "t1");
  nowMs += 1;
  assert.equal(await source(), "t2");
  assert.equal(server.requests.length, 2);
});

test("a token that holds yet is used when there is no other one, and no longer", async () => {
  let answer = numbered(100);
  await using server = await startTokenServer((...exchange) => answer(...exchange));
  let nowMs = 0;
  const source = createTokenSource(client(server.url), () => nowMs);
  await source();
  answer = (_request, response) => answerJson(response, 503, {});
  nowMs = 99_999;
  assert.equal(await source(), "t1");
  nowMs = 100_000;
  await assert.rejects(source(), /answered 503$/u);
  answer = numbered(100);
  assert.equal(await source(), "t1", "the next call asks again");
});

test("without expires_in a token ends when its own claim says so, and is asked for each time where neither does", async () => {
  let token = unsecuredToken({ exp: 100 });
  await using server = await startTokenServer((_request, response) => answerJson(response, 200, { access_token: token }));
  let nowMs = 0;
  const source = createTokenSource(client(server.url), () => nowMs);
  await source();
  nowMs = 49_000;
  await source();
  assert.equal(server.requests.length, 1);
  nowMs = 50_000;
  token = "opaque";
  await source();
  await source();
  assert.equal(server.requests.length, 3);
});

test("an answer that is no token says what is wrong, in words that are not the answer's", async () => {
  const answers: readonly (readonly [answer: TokenAnswer, says: RegExp])[] = [
    [
      (_request, response) => answerJson(response, 401, { error: "invalid_client", error_description: "hide" }),
      /^127\.0\.0\.1:\d+ answered 401 \(invalid_client\)$/u,
    ],
    [(_request, response) => answerJson(response, 400, { error: "hide me!" }), /answered 400$/u],
    [(_request, response) => answerJson(response, 200, { token: "hide" }), /answered without an access_token$/u],
    [(_request, response) => answerJson(response, 200, { access_token: "hide\u0001user=root" }), /answered without an access_token$/u],
    [(_request, response) => void response.end("hide"), /answered without an access_token$/u],
    [(_request, response) => void response.end(`"${"x".repeat(70_000)}"`), /^an answer of more than 65536 bytes$/u],
    [(_request, response) => void response.writeHead(302, { Location: "http://127.0.0.1:1/" }).end(), /^no answer from /u],
    [(request) => void request.socket.destroy(), /^no answer from 127\.0\.0\.1:\d+ \(UND_ERR_SOCKET|ECONNRESET\)$/u],
  ];
  for (const [answer, says] of answers) {
    await using server = await startTokenServer(answer);
    await assert.rejects(createTokenSource(client(server.url), Date.now)(), (error) => {
      assert.ok(error instanceof TokenError, String(error));
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /hide/u);
      return true;
    });
  }
});
