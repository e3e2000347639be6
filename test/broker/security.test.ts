/** The app on a broker that lets in only whom it knows: each way to log in, TLS, what refusals look like, and which rights are enough. */
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { makeCertificates, STORE_PASSWORD } from "./certificates.ts";
import { startInnerApp } from "./inner-app.ts";
import { creatingRights, grant, MISSING, neededRights, transactionRights, type Missing } from "./rights.ts";
import { addScramUser, login, PASSWORDS, securedOptions, trusting } from "./secured.ts";
import { streamOf, type Stream } from "./stream.ts";
import { startTokenServer, tokenFor, tokenForClient, unknownClient } from "./token-server.ts";
import { until } from "./topics.ts";
import { useBroker } from "./use-broker.ts";

const certificates = await makeCertificates();
after(async () => certificates[Symbol.asyncDispose]());
const { authority, stranger, client } = certificates;
const broker = await useBroker(securedOptions(certificates));

const KAFKA = "spring.cloud.stream.kafka.binder";
const ALL_VALUES = ["11/21/26 10:00:02", "11/21/26 10:00:03", "11/21/26 10:00:04"];

/** Makes the topics of a stream, with records in the input, as somebody who may. */
async function prepared(name: string, bootstrap: string): Promise<Stream> {
  const stream = streamOf(bootstrap, name);
  for (const topic of [stream.input, stream.even, stream.odd]) await broker.topics.create(topic, 1);
  await broker.topics.write(stream.input, 0, ALL_VALUES);
  return stream;
}

/** Has the app route a stream by a listener, as a user with no more rights than it needs. */
async function routes(
  context: TestContext,
  { name, listener, user, told }: { name: string; listener: string; user: string; told: Readonly<Record<string, string>> },
): Promise<void> {
  const stream = await prepared(name, broker.cluster.secured(listener));
  await grant(broker.cluster.bootstrap, user, neededRights(stream));
  const { app, log } = startInnerApp(context, { ...stream.properties, ...told });
  await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), app.ended]);
  assert.deepEqual([await broker.topics.endOffsets(stream.even), await broker.topics.endOffsets(stream.odd)], [[2], [1]]);
  assert.equal(await app.stop(), true);
  assert.deepEqual(
    log.lines.filter((line) => /^(?:WARN|ERROR) router/u.test(line)),
    [],
  );
}

broker.test("the app logs in with PLAIN", async (context) => {
  const told = login("SASL_PLAINTEXT", "PLAIN", { username: "plain", password: PASSWORDS.plain });
  await routes(context, { name: "plain", listener: "SASL", user: "plain", told });
});

broker.test("the app logs in with SCRAM-SHA-256", async (context) => {
  const told = login("SASL_PLAINTEXT", "SCRAM-SHA-256", { username: "scram256", password: PASSWORDS.scram256 });
  await routes(context, { name: "scram-256", listener: "SASL", user: "scram256", told });
});

broker.test("the app logs in with SCRAM-SHA-512, over TLS", async (context) => {
  const told = {
    ...trusting(authority),
    ...login("SASL_SSL", "SCRAM-SHA-512", { username: "scram512", password: PASSWORDS.scram512 }),
  };
  await routes(context, { name: "scram-512", listener: "SASLTLS", user: "scram512", told });
});

broker.test("the app speaks TLS without a certificate of its own", async (context) => {
  await routes(context, { name: "tls", listener: "TLS", user: "ANONYMOUS", told: trusting(authority) });
});

broker.test("the app is who its certificate says, from PEM files and from PKCS12", async (context) => {
  const stores = {
    pem: { "ssl.keystore.location": client.both },
    pkcs12: { "ssl.keystore.location": client.pkcs12, "ssl.keystore.password": STORE_PASSWORD },
  };
  for (const [name, store] of Object.entries(stores)) {
    await routes(context, { name: `mutual-${name}`, listener: "MUTUAL", user: "CN=router", told: trusting(authority, store) });
  }
});

broker.test("the app logs in with tokens, and anew with a fresh one before the last one ends", async (context) => {
  await using server = await startTokenServer(tokenFor("token-user", 6));
  const told = {
    ...login("SASL_PLAINTEXT", "OAUTHBEARER", { clientId: "me", clientSecret: "client-secret", scope: "kafka" }),
    [`${KAFKA}.configuration.sasl.oauthbearer.token.endpoint.url`]: server.url,
  };
  const stream = await prepared("token", broker.cluster.secured("SASL"));
  await grant(broker.cluster.bootstrap, "token-user", neededRights(stream));
  const { app, log } = startInnerApp(context, { ...stream.properties, ...told });
  await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), app.ended]);
  assert.deepEqual(server.requests[0], {
    authorization: `Basic ${Buffer.from("me:client-secret").toString("base64")}`,
    body: "grant_type=client_credentials&scope=kafka",
  });
  // By the third one, connections of the first one are too old for the broker, unless they have logged in anew.
  await server.untilAsked(server.requests.length + 2);
  await broker.topics.write(stream.input, 0, ALL_VALUES);
  await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), app.ended]);
  assert.deepEqual(await broker.topics.endOffsets(stream.even), [4]);
  assert.equal(log.lines.filter((line) => line.includes("Routing ")).length, 1, "one session");
  assert.equal(await app.stop(), true);
});

/** Ways not to be let in, each with what the log and the health say. */
const REFUSED: readonly {
  readonly what: string;
  readonly listener: string;
  readonly told: Readonly<Record<string, string>>;
  readonly says: RegExp;
}[] = [
  {
    what: "a wrong password",
    listener: "SASL",
    told: login("SASL_PLAINTEXT", "PLAIN", { username: "plain", password: "wrong" }),
    says: /^the broker does not accept the user or password of \S+\.sasl\.jaas\.config \(PLAIN\)/u,
  },
  {
    what: "a wrong password, for SCRAM",
    listener: "SASL",
    told: login("SASL_PLAINTEXT", "SCRAM-SHA-512", { username: "scram512", password: "wrong" }),
    says: /^the broker does not accept the user or password of \S+\.sasl\.jaas\.config \(SCRAM-SHA-512\)/u,
  },
  {
    what: "a mechanism that is not offered",
    listener: "SASLTLS",
    told: { ...trusting(authority), ...login("SASL_SSL", "SCRAM-SHA-256", { username: "scram256", password: PASSWORDS.scram256 }) },
    says: /^the broker does not offer SCRAM-SHA-256, which \S+\.sasl\.mechanism asks for/u,
  },
  {
    what: "no login",
    listener: "SASL",
    told: {},
    says: /^the broker closed the connection; .* \S+\.security\.protocol is PLAINTEXT$/u,
  },
  {
    what: "an authority that is not the broker's",
    listener: "TLS",
    told: trusting(stranger),
    says: /^the broker's certificate is not trusted \([A-Z_]+\): \S+\.ssl\.truststore\.certificates/u,
  },
  {
    what: "no certificate where one is asked for",
    listener: "MUTUAL",
    told: trusting(authority),
    says: /^the broker does not accept the app's certificate \([a-z ]+\): \S+\.ssl\.keystore\.location is not set/u,
  },
  {
    what: "TLS where there is none",
    listener: "SASL",
    told: trusting(authority),
    says: /^the broker's listener does not speak TLS, but \S+\.security\.protocol is SSL/u,
  },
];

for (const { what, listener, told, says } of REFUSED) {
  broker.test(`the app says what is to blame, waits and tries again: ${what}`, async (context) => {
    const { properties } = streamOf(broker.cluster.secured(listener), "refused");
    const { app, log, health } = startInnerApp(context, { ...properties, ...told });
    const warnings = (): readonly string[] => log.lines.filter((line) => /^(?:WARN|ERROR) /u.test(line));
    await until(what, async () => Promise.resolve(warnings().length >= 2));
    const [, said = ""] =
      /^WARN router\.app: (.*); trying again in 0\.5 s$/u.exec(warnings().find((line) => line.includes("router.app")) ?? "") ?? [];
    assert.match(said, says, log.lines.join("\n"));
    const others = warnings().filter((line) => !line.startsWith("WARN router.app: "));
    assert.deepEqual(others, [], "what kafkajs has to say of it is not told as well");
    const { status, components } = health.components()["binders"] ?? {};
    assert.equal(status, "DOWN");
    assert.equal(components?.["kafka"]?.details?.["error"], said);
    assert.equal(await app.stop(), true);
  });
}

broker.test("a broker must be for its host, unless that is not checked", async (context) => {
  const named = broker.cluster.secured("TLS").replace("127.0.0.1", "localhost");
  const stream = await prepared("host", named);
  const checked = startInnerApp(context, { ...stream.properties, ...trusting(authority) });
  await until("the host is refused", async () => Promise.resolve(checked.log.lines.some((line) => line.includes("is for another host"))));
  assert.equal(await checked.app.stop(), true);
  const told = { ...stream.properties, ...trusting(authority, { "ssl.endpoint.identification.algorithm": "" }) };
  const unchecked = startInnerApp(context, told);
  await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), unchecked.app.ended]);
  assert.equal(await unchecked.app.stop(), true);
});

broker.test(
  "what is mended is noticed without a restart: a certificate on the disk, a user at the broker, a token endpoint",
  async (context) => {
    const trusted = join(certificates.folder, "trusted.pem");
    await copyFile(stranger, trusted);
    let answer = unknownClient;
    await using server = await startTokenServer((...exchange) => answer(...exchange));
    const cases = [
      {
        name: "mended-certificate",
        listener: "TLS",
        user: "ANONYMOUS",
        told: { [`${KAFKA}.configuration.security.protocol`]: "SSL", [`${KAFKA}.configuration.ssl.truststore.location`]: trusted },
        says: /is not trusted \([A-Z_]+\): \S+\.ssl\.truststore\.location/u,
        mend: async () => copyFile(authority, trusted),
      },
      {
        name: "mended-user",
        listener: "SASL",
        user: "late",
        told: login("SASL_PLAINTEXT", "SCRAM-SHA-256", { username: "late", password: "late-password" }),
        says: /does not accept the user or password/u,
        mend: async () => addScramUser(broker.cluster.bootstrap, "late", "late-password"),
      },
      {
        name: "mended-token",
        listener: "SASL",
        user: "late-token",
        told: {
          ...login("SASL_PLAINTEXT", "OAUTHBEARER", { clientId: "me", clientSecret: "secret" }),
          [`${KAFKA}.configuration.sasl.oauthbearer.token.endpoint.url`]: server.url,
        },
        says: /no token by \S+\.sasl\.oauthbearer\.token\.endpoint\.url .*: 127\.0\.0\.1:\d+ answered 401 \(invalid_client\)/u,
        mend: async () => Promise.resolve((answer = tokenFor("late-token", 600))),
      },
    ];
    await Promise.all(
      cases.map(async ({ name, listener, user, told, says, mend }) => {
        const stream = await prepared(name, broker.cluster.secured(listener));
        await grant(broker.cluster.bootstrap, user, neededRights(stream));
        const { app, log } = startInnerApp(context, { ...stream.properties, ...told });
        await until(name, async () => Promise.resolve(log.lines.some((line) => says.test(line))));
        await mend();
        await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), app.ended]);
        assert.equal(await app.stop(), true);
      }),
    );
  },
);

broker.test("an app with the documented rights makes its topics, routes, and writes dead letters", async (context) => {
  const stream = streamOf(broker.cluster.secured("MUTUAL"), "rights");
  const deadLetters = `error.${stream.input}.${stream.group}`;
  const rights = [
    ...neededRights(stream, [deadLetters]),
    ...creatingRights(stream),
    { operation: "Create", resource: "topic", name: deadLetters } as const,
  ];
  await grant(broker.cluster.bootstrap, "CN=router", rights);
  const told = { ...trusting(authority, { "ssl.keystore.location": client.both }), "router.unroutable": "dlq" };
  const { app, log } = startInnerApp(context, { ...stream.properties, ...told });
  await until("the app routes", async () => Promise.resolve(log.lines.some((line) => line.includes("Routing "))));
  await broker.topics.write(stream.input, 0, [...ALL_VALUES, "not a digit"]);
  await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), app.ended]);
  assert.deepEqual(await broker.topics.endOffsets(deadLetters), [1]);
  assert.equal(await app.stop(), true);
});

broker.test("an app with the documented rights delivers exactly once", async (context) => {
  const stream = await prepared("transactions", broker.cluster.secured("MUTUAL"));
  await grant(broker.cluster.bootstrap, "CN=router", [...neededRights(stream), ...transactionRights("router-")]);
  const told = {
    ...trusting(authority, { "ssl.keystore.location": client.both }),
    [`${KAFKA}.transaction.transaction-id-prefix`]: "router-",
  };
  const { app } = startInnerApp(context, { ...stream.properties, ...told });
  await Promise.race([broker.topics.untilCommitted(stream.group, stream.input), app.ended]);
  assert.equal(await app.stop(), true);
  const [records = 0] = await broker.topics.endOffsets(stream.even);
  assert.ok(records > 2, "two records, and the marker behind them");
});

broker.test("an app that lacks one of the documented rights says which one", async (context) => {
  await using server = await startTokenServer(tokenForClient);
  const streams = new Map<Missing, Stream>();
  for (const missing of MISSING) streams.set(missing, await prepared(missing.what, broker.cluster.secured("SASL")));
  const complaints = [...streams].map(async ([{ what, lacks, instead, told, says }, stream]) => {
    const rights = neededRights(stream).flatMap((right) => {
      if (!lacks(right, stream)) return [right];
      return instead === undefined ? [] : [{ ...right, operation: instead }];
    });
    await grant(broker.cluster.bootstrap, what, rights);
    const { app, log } = startInnerApp(context, {
      ...stream.properties,
      ...told,
      ...login("SASL_PLAINTEXT", "OAUTHBEARER", { clientId: what, clientSecret: "secret" }),
      [`${KAFKA}.configuration.sasl.oauthbearer.token.endpoint.url`]: server.url,
    });
    // Others than the right one may come before: a coordinator takes its time to be there.
    const said: string[] = [];
    app.ended.catch((error: unknown) => said.push(error instanceof Error ? error.message : ""));
    await until(`${what}: ${String(says)}`, async () => {
      const retried = log.lines.map((line) => line.replace(/^WARN router\.app: /u, ""));
      return Promise.resolve([...said, ...retried].some((line) => says.test(line)));
    });
  });
  await Promise.all(complaints);
});
