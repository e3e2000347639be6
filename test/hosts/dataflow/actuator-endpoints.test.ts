/** The endpoints that show and change something, in Boot's wire formats. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeBindings, type BindingCommand } from "../../../hosts/dataflow/bindings.ts";
import { createHealth } from "../../../hosts/dataflow/health.ts";
import { createLogLevels } from "../../../hosts/dataflow/log-levels.ts";
import { createMetrics } from "../../../hosts/dataflow/metrics.ts";
import { config } from "./config-checks.ts";
import { ask, INFO, NO_TIMEOUTS, post, read, start, startAll } from "./actuator-client.ts";

const BINDINGS = "--spring.cloud.stream.bindings";

test("bindings are listed in Spring's form, one for each topic of the input and one for each output", async () => {
  const settings = config([
    `${BINDINGS}.input.destination=timeDest,moreTime`,
    `${BINDINGS}.even.destination=evenDest`,
    `${BINDINGS}.input.group=g`,
  ]);
  const bindings = { list: () => describeBindings(settings, "paused"), control: async () => Promise.resolve(true) };
  const actuator = await start(createHealth(), { bindings });
  const list = (await read(actuator, "/actuator/bindings")) as readonly Record<string, unknown>[];
  const summary = list.map(({ bindingName, name, group, pausable, state, paused, input }) => [
    bindingName,
    name,
    group,
    pausable,
    state,
    paused,
    input,
  ]);
  assert.deepEqual(summary, [
    ["input", "timeDest", "g", true, "paused", true, true],
    ["input", "moreTime", "g", true, "paused", true, true],
    ["even", "evenDest", undefined, false, "running", false, false],
    ["odd", "odd", undefined, false, "running", false, false],
  ]);
  const [input, , even] = list as readonly { binderType: string; extendedInfo: Record<string, Record<string, unknown>> }[];
  assert.equal(input?.binderType, "kafka");
  assert.deepEqual(input.extendedInfo, {
    bindingDestination: "KafkaConsumerDestination{consumerDestinationName='timeDest'}",
    ExtendedConsumerProperties: {
      bindingName: "input",
      autoStartup: true,
      concurrency: 1,
      extension: { startOffset: "earliest", resetOffsets: false, enableDlq: false, autoRebalanceEnabled: true },
    },
  });
  assert.equal(even?.extendedInfo["bindingDestination"], "KafkaProducerDestination{producerDestinationName='evenDest'}");
  assert.deepEqual(await read(actuator, "/actuator/bindings/input"), list.slice(0, 2));
  assert.deepEqual(await read(actuator, "/actuator/bindings/nothing"), []);
});

test("the input's topic of dead letters is told, where there is one", () => {
  const settings = config(["--router.unroutable=dlq", `${BINDINGS}.input.destination=timeDest`, `${BINDINGS}.input.group=g`]);
  const [input] = describeBindings(settings, "running");
  assert.deepEqual(input?.properties["extension"], {
    startOffset: "earliest",
    resetOffsets: false,
    enableDlq: true,
    autoRebalanceEnabled: true,
    dlqName: "error.timeDest.g",
  });
});

test("a binding is told what to do, in letters of any case", async () => {
  const asked: [string, BindingCommand][] = [];
  const control = async (name: string, command: BindingCommand): Promise<boolean> => Promise.resolve(asked.push([name, command]) > 0);
  const actuator = await start(createHealth(), { bindings: { list: () => [], control } });
  for (const state of ["PAUSED", "resumed", "Stopped", "STARTED"]) {
    const { status, body } = await post(actuator, "/actuator/bindings/input", { state });
    assert.deepEqual([status, body], [204, ""]);
  }
  assert.deepEqual(
    asked.map(([, command]) => command),
    ["PAUSED", "RESUMED", "STOPPED", "STARTED"],
  );
});

test("a state that is missing or none, and one that the binding can't have, get 400", async () => {
  const bindings = { list: () => [], control: async () => Promise.resolve(false) };
  const actuator = await start(createHealth(), { bindings });
  for (const body of [{}, { state: "ON" }, { state: 1 }, { state: null }, { state: "PAUSED" }]) {
    assert.equal((await post(actuator, "/actuator/bindings/even", body)).status, 400, JSON.stringify(body));
  }
});

test("what is sent has to be a JSON object of a few bytes", async () => {
  const actuator = await startAll();
  const json = "Content-Type: application/json; charset=utf-8";
  for (const text of ["{", "[]", "null", "1", '"text"'])
    assert.equal((await ask(actuator, "POST /actuator/loggers/x", [json], text)).status, 400, text);
  for (const type of [[], ["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"]]) {
    assert.equal((await ask(actuator, "POST /actuator/loggers/x", type, "{}")).status, 415);
  }
  for (const type of ["vnd.spring-boot.actuator.v3+json", "vnd.spring-boot.actuator.v2+json", "JSON"]) {
    assert.equal((await ask(actuator, "POST /actuator/loggers/x", [`Content-Type: application/${type}`], "{}")).status, 204, type);
  }
  assert.equal((await ask(actuator, "POST /actuator/loggers/x", [json])).status, 204);
  const large = JSON.stringify({ configuredLevel: "x".repeat(9000) });
  assert.equal((await ask(actuator, "POST /actuator/loggers/x", [json], large)).status, 413);
  const chunked = [json, "Transfer-Encoding: chunked", "", `${large.length.toString(16)}\r\n${large}\r\n0`];
  assert.equal((await ask(actuator, "POST /actuator/loggers/x", chunked)).status, 413);
});

test("a body that does not come is given up", async () => {
  const timeouts = { ...NO_TIMEOUTS, headersTimeoutMs: 20, requestTimeoutMs: 40 };
  const actuator = await startAll(createHealth(), { timeouts });
  const head = ["Content-Type: application/json", "Content-Length: 20"];
  assert.equal((await ask(actuator, "POST /actuator/loggers/x", head)).status, 408);
});

test("loggers are listed with the level of their own and the one that counts", async () => {
  const actuator = await startAll(createHealth(), { levels: createLogLevels("INFO", { "router.app": "DEBUG" }) });
  assert.deepEqual(await read(actuator, "/actuator/loggers"), {
    levels: ["OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"],
    loggers: {
      ROOT: { configuredLevel: "INFO", effectiveLevel: "INFO" },
      router: { effectiveLevel: "INFO" },
      "router.app": { configuredLevel: "DEBUG", effectiveLevel: "DEBUG" },
    },
    groups: {},
  });
  assert.deepEqual(await read(actuator, "/actuator/loggers/router.app"), { configuredLevel: "DEBUG", effectiveLevel: "DEBUG" });
  assert.equal((await ask(actuator, "GET /actuator/loggers/nothing")).status, 404);
});

test("a logger's level is set and taken away while the app runs", async () => {
  const levels = createLogLevels("INFO");
  const actuator = await startAll(createHealth(), { levels });
  assert.equal((await post(actuator, "/actuator/loggers/router", { configuredLevel: "debug" })).status, 204);
  assert.equal(levels.isOn("router.session", "DEBUG"), true);
  assert.equal((await post(actuator, "/actuator/loggers/router", { configuredLevel: null })).status, 204);
  assert.equal(levels.isOn("router.session", "DEBUG"), false);
  assert.equal((await post(actuator, "/actuator/loggers/router", { configuredLevel: "FATAL" })).status, 204);
  assert.equal(levels.effective("router"), "ERROR");
  for (const configuredLevel of ["loud", 1, {}]) {
    assert.equal((await post(actuator, "/actuator/loggers/router", { configuredLevel })).status, 400);
  }
  assert.equal((await post(actuator, "/actuator/loggers/ROOT", {})).status, 400);
});

const SOURCES = [
  { name: "commandLineArgs", properties: new Map([["a.b", { value: "1" }]]) },
  {
    name: "systemEnvironment",
    properties: new Map([
      ["a.b", { value: "2", origin: 'System Environment Property "A_B"' }],
      ["C_D_E", { value: "3" }],
      // Masked, as all secrets are before they get here.
      ["a.password", { value: "******" }],
    ]),
  },
];
const ENVIRONMENT = { sources: SOURCES, activeProfiles: ["cloud"] };

test("env lists the sources in their order and hides every value", async () => {
  const actuator = await startAll(createHealth(), { environment: ENVIRONMENT });
  const origin = 'System Environment Property "A_B"';
  assert.deepEqual(await read(actuator, "/actuator/env"), {
    activeProfiles: ["cloud"],
    defaultProfiles: ["default"],
    propertySources: [
      { name: "commandLineArgs", properties: { "a.b": { value: "******" } } },
      {
        name: "systemEnvironment",
        properties: { "a.b": { value: "******", origin }, C_D_E: { value: "******" }, "a.password": { value: "******" } },
      },
    ],
  });
});

test("env shows values on request, and tells which source wins", async () => {
  const actuator = await startAll(createHealth(), { environment: ENVIRONMENT, args: ["--management.endpoint.env.show-values=always"] });
  const origin = 'System Environment Property "A_B"';
  assert.deepEqual(await read(actuator, "/actuator/env/a.b"), {
    property: { source: "commandLineArgs", value: "1" },
    activeProfiles: ["cloud"],
    defaultProfiles: ["default"],
    propertySources: [
      { name: "commandLineArgs", property: { value: "1" } },
      { name: "systemEnvironment", property: { value: "2", origin } },
    ],
  });
  const secret = (await read(actuator, "/actuator/env/a.password")) as { property: object; propertySources: object };
  assert.deepEqual(secret.property, { source: "systemEnvironment", value: "******" });
  assert.deepEqual(secret.propertySources, [{ name: "commandLineArgs" }, { name: "systemEnvironment", property: { value: "******" } }]);
  for (const name of ["c.d-e", "c.d.e", "C_D_E"]) {
    const { property } = (await read(actuator, `/actuator/env/${name}`)) as { property: object };
    assert.deepEqual(property, { source: "systemEnvironment", value: "3" }, name);
  }
  assert.equal((await ask(actuator, "GET /actuator/env/nothing")).status, 404);
});

test("a pattern chooses among the names, and one that is none or takes for ever gets 400", async () => {
  const slow = { name: "slow", properties: new Map([[`${"a".repeat(29)}!`, { value: "" }]]) };
  const actuator = await startAll(createHealth(), { environment: { ...ENVIRONMENT, sources: [...SOURCES, slow] } });
  const { propertySources } = (await read(actuator, "/actuator/env?pattern=pass.*d$")) as { propertySources: { properties: object }[] };
  assert.deepEqual(
    propertySources.map(({ properties }) => Object.keys(properties)),
    [[], ["a.password"], []],
  );
  for (const pattern of ["(", "^(a%2B)%2B$"])
    assert.equal((await ask(actuator, `GET /actuator/env?pattern=${pattern}`)).status, 400, pattern);
});

test("metrics are named, described and narrowed down by tags", async () => {
  const metrics = createMetrics({ tags: { app: "x" }, now: () => 0 });
  for (const [output, count] of [
    ["even", 2],
    ["odd", 3],
  ] as const)
    metrics.counter({ name: "records", description: "Records." }, { output }).add(count);
  const actuator = await startAll(createHealth(), { metrics });
  assert.deepEqual(await read(actuator, "/actuator/metrics"), { names: ["records"] });
  assert.deepEqual(await read(actuator, "/actuator/metrics/records?tag=output:odd&tag=app:x"), {
    name: "records",
    description: "Records.",
    measurements: [{ statistic: "COUNT", value: 3 }],
    availableTags: [],
  });
  assert.equal((await ask(actuator, "GET /actuator/metrics/records?tag=output")).status, 400);
  for (const path of ["records?tag=output:none", "nothing"])
    assert.equal((await ask(actuator, `GET /actuator/metrics/${path}`)).status, 404);
});

test("Prometheus scrapes text, and chooses by Accept and by name", async () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  metrics.counter({ name: "records", description: "Records." }).add(1);
  const actuator = await startAll(createHealth(), { metrics });
  const usual = await ask(actuator, "GET /actuator/prometheus");
  assert.deepEqual([usual.status, usual.headers.get("content-type")], [200, "text/plain;version=0.0.4;charset=utf-8"]);
  assert.match(usual.body, /^records_total 1(?:\.0)?$/mu);
  assert.equal((await ask(actuator, "GET /actuator/prometheus", ["Accept: application/json"])).status, 406);
  assert.doesNotMatch((await ask(actuator, "GET /actuator/prometheus?includedNames=others,more")).body, /records/u);
});

test("info tells the operator's properties besides the app's own, and only if it may", async () => {
  const args = ["--info.app.name=mine", "--info.team.name=a", "--info.team=b"];
  assert.deepEqual(await read(await start(createHealth(), { args }), "/actuator/info"), {
    app: { ...INFO, name: "mine" },
    team: { name: "a" },
  });
  const without = await start(createHealth(), { args: [...args, "--management.info.env.enabled=false"] });
  assert.deepEqual(await read(without, "/actuator/info"), { app: INFO });
});

test("info tells texts of any length and many lines, but no secret: anybody may read it", async () => {
  const lines = `${"a".repeat(300)}\nb`;
  const args = [`--info.lines=${lines}`, "--info.api.token=t0ken", "--db.password=s3cret", "--info.url=x?p=${db.password}"];
  assert.deepEqual(await read(await start(createHealth(), { args }), "/actuator/info"), {
    app: INFO,
    lines,
    api: { token: "******" },
    url: "******",
  });
});

test("shutdown says so and ends the app, where it is enabled", async () => {
  let count = 0;
  const shutDown = (): void => void count++;
  const off = await startAll(createHealth(), { shutDown });
  for (const path of ["/actuator/shutdown", "/shutdown"]) assert.equal((await ask(off, `POST ${path}`)).status, 404);
  assert.equal(count, 0);
  const on = await startAll(createHealth(), { shutDown, args: ["--management.endpoint.shutdown.access=unrestricted"] });
  assert.equal((await ask(on, "GET /actuator/shutdown")).status, 405);
  const { status, body } = await ask(on, "POST /actuator/shutdown");
  assert.deepEqual([status, JSON.parse(body), count], [200, { message: "Shutting down, bye..." }, 1]);
});

test("the local deployer's POST /shutdown ends the app without credentials, and only on the app's port", async () => {
  let count = 0;
  const security = "--spring.cloud.streamapp.security";
  const args = [
    "--endpoints.shutdown.enabled=true",
    "--management.server.port=0",
    `${security}.admin-user=admin`,
    `${security}.admin-password=s3cret`,
  ];
  const actuator = await start(createHealth(), { args, shutDown: () => void count++ });
  // What the deployer sends, header by header.
  const headers = [
    "Accept: text/plain, application/json, application/*+json, */*",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Length: 0",
  ];
  const { status, headers: answered, body } = await ask(actuator, "POST /shutdown", headers);
  assert.deepEqual(
    [status, answered.get("content-type"), body, count],
    [200, "application/json", '{"message":"Shutting down, bye..."}', 1],
  );
  assert.equal((await ask({ port: actuator.managementPort ?? 0 }, "POST /shutdown", headers)).status, 404);
  assert.equal((await ask(actuator, "GET /shutdown")).status, 405);
});
