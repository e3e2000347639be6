/** The Compose file in `hosts/dataflow/deploy/compose`. No Docker has seen it here: it is held to itself, to the image and to the app. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../hosts/dataflow/config.ts";
import { runProgram } from "../../hosts/demo/broker/program.ts";
import { compileGo, goMissing, type GoProgram } from "../go-program.ts";
import { prometheusMissing, promtool } from "../hosts/dataflow/metrics/prometheus-server.ts";
import { DEPLOY, deployFile, readYaml, toldBy, topFile, type Compose, type Service } from "./deployment-files.ts";

const PATH = "compose/compose.yaml";
const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = new URL("compose/", DEPLOY);
const { name: project, services, volumes } = readYaml(PATH) as Compose;
const config = readConfig(toldBy(PATH));
const LOADER: GoProgram = { name: "compose-loader", sources: join(import.meta.dirname, "compose-loader"), goMinorMin: 24 };
const LOADER_TIMEOUT_MS = 30_000;
/** What is started when nothing is said. */
const STREAM = ["even-logger", "kafka", "odd-logger", "router", "time"];

interface PrometheusConfig {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly metrics_path: string;
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
  }[];
}

function service(name: string): Service {
  return services[name] ?? assert.fail(`there is a service ${name}`);
}

function variable(name: string, key: string): string {
  return String(service(name).environment?.[key]);
}

test("Compose's own loader takes the file, fills in its variables, and finds the folder to build", async (context) => {
  const missing = await goMissing(LOADER);
  if (missing !== null) return context.skip(missing);
  const file = await compileGo(LOADER);
  const { exitCode, stdout, stderr } = await runProgram({
    file,
    args: [fileURLToPath(new URL(PATH, DEPLOY))],
    timeoutMs: LOADER_TIMEOUT_MS,
  });
  assert.equal(exitCode, 0, stderr);
  const loaded = JSON.parse(stdout) as Compose;
  assert.deepEqual(Object.keys(loaded.services).toSorted(), Object.keys(services).toSorted());
  assert.equal(loaded.services["time"]?.image, "springcloudstream/time-source-kafka:5.0.0");
  assert.equal(loaded.services["router"]?.build?.context, ROOT);
});

test("the stream is there without a profile, and what observes or deploys it with one", () => {
  const groups = Object.groupBy(Object.keys(services), (name) => service(name).profiles?.join(",") ?? "");
  assert.deepEqual(groups[""]?.toSorted(), STREAM);
  assert.deepEqual(groups["dataflow"]?.toSorted(), ["dataflow-server", "docker-cli", "skipper-server"]);
  assert.deepEqual(groups["metrics"]?.toSorted(), ["grafana", "prometheus"]);
});

test("services, volumes and files that are named are there", () => {
  for (const [name, { depends_on: needed = [], volumes: mounts = [] }] of Object.entries(services)) {
    for (const other of Array.isArray(needed) ? (needed as string[]) : Object.keys(needed))
      assert.ok(other in services, `${name}: ${other}`);
    for (const mount of mounts) {
      const [source = ""] = mount.split(":");
      const isThere = source.startsWith(".") ? existsSync(new URL(source, FOLDER)) : source.startsWith("/") || source in volumes;
      assert.ok(isThere, `${name} mounts ${source}`);
    }
  }
});

test("every image has a version, and no port is open to other machines", () => {
  for (const [name, { image, ports = [] }] of Object.entries(services)) {
    assert.match(image, /^[a-z][\w./-]*:(?:v?\d[\w.-]*|\$\{[A-Z_]+:-\d[\w.-]*\})$/u, name);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/u, name);
  }
});

test("the router is built from the Dockerfile, and runs as it says, on a read-only root, without rights", () => {
  const { build, image, user, ports, read_only: isReadOnly, cap_drop: dropped } = service("router");
  const dockerfile = topFile("Dockerfile");
  assert.ok(existsSync(new URL(`${build?.context}/Dockerfile`, FOLDER)));
  for (const arg of build?.args ?? []) assert.match(dockerfile, new RegExp(`^ARG ${arg}=`, "mu"));
  const { name, version } = JSON.parse(topFile("package.json")) as { readonly name: string; readonly version: string };
  assert.equal(image, `${name}:${version}`);
  assert.match(dockerfile, new RegExp(`^USER ${user}$`, "mu"));
  assert.match(dockerfile, new RegExp(`^EXPOSE ${config.server.port}$`, "mu"));
  assert.deepEqual(ports, [`127.0.0.1:${config.server.port}:${config.server.port}`]);
  assert.deepEqual([isReadOnly, dropped], [true, ["ALL"]]);
});

test("the router is given more time to stop than it takes", () => {
  const [, seconds = ""] = /^(\d+)s$/u.exec(service("router").stop_grace_period ?? "") ?? [];
  assert.ok(Number(seconds) * 1000 > config.shutdownTimeoutMs + 2000);
});

test("every app is told of the one broker, and the topics lead from the time source over the router to the loggers", () => {
  const advertised = variable("kafka", "KAFKA_ADVERTISED_LISTENERS").replace("PLAINTEXT://", "");
  assert.deepEqual(config.brokers, [advertised]);
  for (const name of STREAM.filter((other) => other !== "kafka")) {
    assert.equal(variable(name, "SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS").replace("PLAINTEXT://", ""), advertised, name);
  }
  assert.deepEqual([variable("time", "SPRING_CLOUD_STREAM_BINDINGS_OUTPUT_DESTINATION")], config.input.destinations);
  assert.deepEqual(
    ["even-logger", "odd-logger"].map((name) => variable(name, "SPRING_CLOUD_STREAM_BINDINGS_INPUT_DESTINATION")),
    config.outputs.map(({ destination }) => destination),
  );
});

test("Data Flow passes the broker on to the apps, and Skipper starts them in the network of the services", () => {
  const brokers = "SPRING_CLOUD_DATAFLOW_APPLICATIONPROPERTIES_STREAM_SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS";
  assert.equal(variable("dataflow-server", brokers), variable("kafka", "KAFKA_ADVERTISED_LISTENERS"));
  const network = "SPRING_CLOUD_SKIPPER_SERVER_PLATFORM_LOCAL_ACCOUNTS_DEFAULT_DOCKER_NETWORK";
  assert.equal(variable("skipper-server", network), `${project}_default`);
  const skipper = `http://skipper-server:${variable("skipper-server", "SERVER_PORT")}/api`;
  assert.equal(variable("dataflow-server", "SPRING_CLOUD_SKIPPER_CLIENT_SERVER_URI"), skipper);
  const [, folder] = /^docker-cli:(.+):ro$/mu.exec((service("skipper-server").volumes ?? []).join("\n")) ?? [];
  assert.equal(variable("skipper-server", "PATH").split(":")[0], folder);
});

test("Prometheus scrapes the router where it serves its metrics, under the name that the alerts know", () => {
  const { scrape_configs: jobs } = readYaml("compose/prometheus.yaml") as PrometheusConfig;
  const [{ job_name: job, metrics_path: path, static_configs: targets } = assert.fail()] = jobs;
  assert.deepEqual(targets, [{ targets: [`router:${config.server.port}`] }]);
  assert.equal(path, "/actuator/prometheus");
  assert.match(variable("router", "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE"), /\bprometheus\b/u);
  assert.ok(deployFile("prometheus/alerts.yaml").includes(`up{job="${job}"}`));
});

test("Prometheus takes its configuration, with the alerts beside it as they are mounted", async (context) => {
  const missing = await prometheusMissing();
  if (missing !== null) return context.skip(missing);
  const folder = mkdtempSync(join(tmpdir(), "compose-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const mount of service("prometheus").volumes ?? []) {
    const [source = "", target = ""] = mount.split(":");
    cpSync(new URL(source, FOLDER), join(folder, target.replace("/etc/prometheus/", "")));
  }
  assert.match(await promtool("check", "config", join(folder, "prometheus.yml")), /SUCCESS/u);
});

test("Grafana finds the data source and the dashboard", () => {
  const { datasources } = readYaml("compose/grafana/datasources.yaml") as { datasources: readonly { type: string; url: string }[] };
  assert.deepEqual(
    datasources.map(({ type, url }) => [type, url]),
    [["prometheus", "http://prometheus:9090"]],
  );
  const { providers } = readYaml("compose/grafana/dashboards.yaml") as { providers: readonly { options: { path: string } }[] };
  const [{ options } = assert.fail()] = providers;
  const mounted = (service("grafana").volumes ?? []).find((mount) => mount.split(":")[1] === options.path);
  assert.ok(existsSync(new URL(`${mounted?.split(":")[0]}/timestamp-router.json`, FOLDER)));
});
