/** A real Prometheus that scrapes the app, where one is installed. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestContext } from "node:test";
import type { Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { ALERTS_FILE } from "./board.ts";

const run = promisify(execFile);
const START_MS_MAX = 30_000;
const POLL_MS = 50;

/**
 * What is missing on this machine to run Prometheus, as a reason to skip tests, or null when it is there.
 *
 * *Errors*: with `CI=true` a missing tool is an error, so that a build cannot pass by skipping.
 */
export async function prometheusMissing(): Promise<string | null> {
  try {
    await run("prometheus", ["--version"]);
    await run("promtool", ["--version"]);
    return null;
  } catch {
    const reason = "Prometheus is not installed (Debian has it as the package prometheus)";
    if (process.env["CI"] === "true") throw new Error(`Tests with Prometheus must run when CI=true. ${reason}`);
    return reason;
  }
}

/** Has promtool check a file; rejects with what it says. */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("promtool", [...args]);
  return stdout;
}

/** One series of a query's answer. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Prometheus {
  query(expression: string): Promise<readonly QueryResult[]>;
  /** The alerts' states, by name. */
  alertHealth(): Promise<ReadonlyMap<string, string>>;
}

/** Starts a Prometheus that scrapes the meters and knows our alerts. Resolves after some scrapes; it ends with the test. */
export async function startPrometheus(context: TestContext, metrics: Metrics): Promise<Prometheus> {
  const target = await serve(context, metrics);
  const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
  const config = {
    global: { scrape_interval: "200ms", scrape_timeout: "200ms", evaluation_interval: "1s" },
    rule_files: [fileURLToPath(ALERTS_FILE)],
    scrape_configs: [{ job_name: "timestamp-router", static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
  };
  const file = join(folder, "prometheus.yml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const port = await freePort();
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn("prometheus", [...args, "--log.level=error"], { stdio: ["ignore", "ignore", "inherit"] });
  context.after(async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
    await rm(folder, { recursive: true });
  });
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string };
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  };
  const prometheus: Prometheus = {
    query: async (expression) => {
      const { result } = (await ask(`query?query=${encodeURIComponent(expression)}`)) as { readonly result: readonly QueryResult[] };
      return result;
    },
    alertHealth: async () => {
      const { groups } = (await ask("rules")) as { groups: { rules: { name: string; health: string }[] }[] };
      return new Map(groups.flatMap(({ rules }) => rules.map(({ name, health }) => [name, health])));
    },
  };
  await untilScraped(prometheus);
  return prometheus;
}

/** A rate needs two scrapes, and each alert has been looked at once. */
async function untilScraped(prometheus: Prometheus): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  for (;;) {
    try {
      const [scrapes] = await prometheus.query('count_over_time((up{job="timestamp-router"} == 1)[1m:200ms])');
      const health = [...(await prometheus.alertHealth()).values()];
      if (Number(scrapes?.value[1] ?? 0) >= 3 && health.every((state) => state !== "unknown")) return;
    } catch (error) {
      // It does not listen yet.
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error("Prometheus has not scraped the app");
    await setTimeout(POLL_MS);
  }
}

async function serve(context: TestContext, metrics: Metrics): Promise<number> {
  const server = createServer((request, response) => {
    const { contentType, body } = metrics.scrape(request.headers.accept, null);
    response.setHeader("Content-Type", contentType).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
