/**
 * A proxy before one Kafka node that knows where a request begins, which API it is of and which answer belongs to it, and so can hold one of
 * them, lose its answer, answer in the broker's place or deliver it twice. What no rule speaks of passes in both directions.
 *
 * The requests behind one that is held go on: in a cluster they would be on their way to other nodes, or on a later connection.
 */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { deliverAlone, joinByRequests, type Answer, type Exchange, type Met } from "./exchange.ts";
import { answerTo, type ApiName, type Request } from "./requests.ts";

/** Which request is meant. */
export interface RequestMatcher {
  readonly api: ApiName;
  readonly where?: (request: Request) => boolean;
  /** The how-manieth of those, counted from the call on; the first one by default. */
  readonly nth?: number;
}

/** A request that a rule waits for. */
export interface Caught {
  /** Resolves when the request has come and the rule has been applied, as far as that does not wait for the broker's answer. */
  readonly met: Promise<Met>;
}

/** A request of which the proxy has a copy, to be delivered when the test wants it. */
export interface Kept extends Caught {
  /** Gives the request to the broker and resolves with its answer. */
  readonly deliver: () => Promise<Answer>;
}

/** A rule that lasts. */
export interface Lasting extends Caught {
  /** How many requests it has been applied to. */
  count(): number;
  end(): void;
}

export interface RequestProxy extends AsyncDisposable {
  /** Resolves when such a request comes. */
  seen(matcher: RequestMatcher): Promise<Met>;
  /** Keeps the request from the broker; with `close` the client's connection is reset. It is delivered on its connection if that is still open. */
  hold(matcher: RequestMatcher, options?: { readonly close?: boolean }): Kept;
  /** Lets the request pass, and delivers it once more on another connection. */
  copy(matcher: RequestMatcher): Kept;
  /** Lets the request pass and its answer not; with `close` the client's connection is reset when the answer is there. */
  loseAnswer(matcher: RequestMatcher, options?: { readonly close?: boolean }): Caught;
  /** Answers with an error in the broker's place; with `forward` after the broker has answered the request, and without it has not been given it. */
  answer(matcher: RequestMatcher, errorCode: number, options?: { readonly forward?: boolean }): Caught;
  /** Answers all of them with an error until it is ended; the broker is given none. */
  answerAll(matcher: Omit<RequestMatcher, "nth">, errorCode: number): Lasting;
  /** Forgets all rules. What is held is lost. */
  clear(): void;
}

/** Starts a proxy at a port of the loopback interface. */
export async function startRequestProxy({ port, targetPort }: { port: number; targetPort: number }): Promise<RequestProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.setNoDelay(true));
    return socket.once("close", () => sockets.delete(socket));
  };
  const connect = (): Socket => keep(createConnection({ host: "127.0.0.1", port: targetPort }));
  const rules = createRules();
  const server = createServer((client) => joinByRequests(keep(client), connect(), (exchange) => rules.decide(exchange)));
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  return {
    ...rulesOf(rules, async (request) => deliverAlone(request, connect())),
    clear: () => rules.clear(),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Deals with a request. */
type Action = (exchange: Exchange) => void;

interface Rules {
  decide(exchange: Exchange): void;
  /** Applies an action to all requests that are meant, until the end. Of two rules for the same request the one that was made first takes it. */
  each(matcher: RequestMatcher, action: Action): { end(): void };
  /** Applies an action to the one request that is meant, and resolves with that. */
  one(matcher: RequestMatcher, action: Action): Promise<Exchange>;
  /** Resolves with the one request that is meant, and leaves it to the others. */
  watch(matcher: RequestMatcher): Promise<Exchange>;
  clear(): void;
}

/** Whether it takes the request. */
type Rule = (exchange: Exchange) => boolean;

function createRules(): Rules {
  const watchers = new Set<Rule>();
  const takers = new Set<Rule>();
  const addOne = (rules: Set<Rule>, matcher: RequestMatcher, action: Action): Promise<Exchange> => {
    const { promise, resolve } = Promise.withResolvers<Exchange>();
    let left = matcher.nth ?? 1;
    const rule: Rule = (exchange) => {
      if (!isMeant(matcher, exchange.request)) return false;
      left -= 1;
      if (left > 0) return false;
      rules.delete(rule);
      action(exchange);
      resolve(exchange);
      return true;
    };
    rules.add(rule);
    return promise;
  };
  return {
    decide: (exchange) => {
      for (const watcher of watchers) watcher(exchange);
      if (![...takers].some((rule) => rule(exchange))) exchange.forward(true);
    },
    each: (matcher, action) => {
      const rule: Rule = (exchange) => {
        const meant = isMeant(matcher, exchange.request);
        if (meant) action(exchange);
        return meant;
      };
      takers.add(rule);
      return { end: () => takers.delete(rule) };
    },
    one: async (matcher, action) => addOne(takers, matcher, action),
    watch: async (matcher) => addOne(watchers, matcher, () => {}),
    clear: () => {
      watchers.clear();
      takers.clear();
    },
  };
}

function isMeant({ api, where }: RequestMatcher, request: Request): boolean {
  return request.api === api && (where?.(request) ?? true);
}

/** What a proxy can do to requests. */
function rulesOf(rules: Rules, redeliver: (request: Request) => Promise<Answer>): Omit<RequestProxy, "clear" | typeof Symbol.asyncDispose> {
  return {
    seen: async (matcher) => rules.watch(matcher),
    hold: (matcher, { close = false } = {}) => {
      const met = rules.one(matcher, (exchange) => {
        if (close) exchange.reset();
      });
      const deliver = async (): Promise<Answer> => {
        const exchange = await met;
        if (!exchange.isOpen()) return redeliver(exchange.request);
        exchange.forward(true);
        return exchange.answered;
      };
      return { met, deliver };
    },
    copy: (matcher) => {
      const met = rules.one(matcher, (exchange) => exchange.forward(true));
      return { met, deliver: async () => redeliver((await met).request) };
    },
    loseAnswer: (matcher, { close = false } = {}) => ({
      met: rules.one(matcher, (exchange) => {
        exchange.forward(false);
        if (close) void exchange.answered.then(() => exchange.reset());
      }),
    }),
    answer: (matcher, errorCode, { forward = false } = {}) => ({
      met: rules.one(matcher, (exchange) => {
        const reply = (): void => exchange.reply(answerTo(exchange.request, errorCode));
        if (!forward) return reply();
        exchange.forward(false);
        void exchange.answered.then(reply);
      }),
    }),
    answerAll: (matcher, errorCode) => {
      const first = Promise.withResolvers<Exchange>();
      let count = 0;
      const applied = rules.each(matcher, (exchange) => {
        count += 1;
        exchange.reply(answerTo(exchange.request, errorCode));
        first.resolve(exchange);
      });
      return { met: first.promise, count: () => count, end: () => applied.end() };
    },
  };
}
