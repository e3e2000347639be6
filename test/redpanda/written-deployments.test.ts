/** The deployments that are written down, in transform.yaml and in the commands of the page: what the guest does with their topics and variables. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { parse } from "yaml";
import { batchOf } from "../batches.ts";
import type { Deployment } from "./deployment.ts";
import { validateDeployment } from "./deployment.ts";
import { Guest } from "./guest.ts";
import type { RouterBuild } from "./router-module.ts";
import { routerModule } from "./router-module.ts";
import type { Outcome } from "./routing.ts";
import { routeBatches } from "./routing.ts";
import { sourceBatchOf } from "./source-batch.ts";

const FOLDER = new URL("../../hosts/redpanda/", import.meta.url);

/** What `rpk` reads in transform.yaml. */
interface TransformFile {
  readonly name: string;
  readonly "input-topic": string;
  readonly "output-topics": readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The deployment of transform.yaml, with some topics more. */
function deploymentOfFile(topics: readonly string[] = []): Deployment {
  const file = parse(readFileSync(new URL("transform.yaml", FOLDER), "utf8")) as TransformFile;
  const outputTopics = [...file["output-topics"], ...topics];
  return { name: file.name, inputTopic: file["input-topic"], outputTopics, environment: file.env ?? {} };
}

function routed(deployment: Deployment, values: readonly string[], build: RouterBuild = "redpanda"): Outcome {
  validateDeployment(deployment);
  const { lines, log } = routeBatches(new Guest(routerModule(build), deployment), [sourceBatchOf(batchOf([...values]))]);
  return { lines: lines.toSorted(), log };
}

const ROUTED = ['evenDest: null "Even timestamp: 4"', 'oddDest: null "Odd timestamp:5"'];
const DEAD_LETTER = 'deadLetters: null "noon" "x-exception-message"="not-a-digit at byte 3"';
const LOG = [{ severity: "warn", message: "router: 1 unroutable, last at offset 1: not-a-digit at byte 3\n" }];

test("transform.yaml as it is routes to its two topics, and unroutable records are logged and left out", () => {
  assert.deepEqual(routed(deploymentOfFile(), ["4", "noon", "5"]), { lines: ROUTED, log: LOG });
});

test("a further topic in transform.yaml takes the unroutable records, and nothing else has to be said for it", () => {
  assert.deepEqual(routed(deploymentOfFile(["deadLetters"]), ["4", "noon", "5"]), { lines: [DEAD_LETTER, ...ROUTED], log: LOG });
});

/** A command of the page, which may go on in further lines. */
const COMMAND = /^rpk transform deploy --file build\/(.+)\.wasm (?:.*\\\n)*.*$/gmu;

test("the commands of the page deploy what it says: to two topics, and by the hour to three and one for what has no time", () => {
  const page = readFileSync(new URL("README.md", FOLDER), "utf8");
  const [parity, hours, ...others] = Array.from(page.matchAll(COMMAND), ([command, build = ""]) => {
    const given = (name: string): readonly string[] =>
      Array.from(command.matchAll(new RegExp(`--${name} (\\S+)`, "gu")), ([, one = ""]) => one);
    const environment = Object.fromEntries(given("var").map((variable) => variable.split("=") as [string, string]));
    const [name = "", inputTopic = ""] = [...given("name"), ...given("input-topic")];
    return { build: build as RouterBuild, deployment: { name, inputTopic, outputTopics: given("output-topic"), environment } };
  });
  assert.ok(parity !== undefined && hours !== undefined && others.length === 0);
  assert.deepEqual(parity.deployment, deploymentOfFile());
  const stamps = ["2026-11-21T06:15:00Z", "2026-11-21T13:15:00Z", "2026-11-21T23:15:00Z", "noon"];
  assert.deepEqual(
    routed(hours.deployment, stamps, hours.build).lines,
    [
      'early: null "2026-11-21T06:15:00Z"',
      'late: null "2026-11-21T13:15:00Z"',
      'night: null "2026-11-21T23:15:00Z"',
      'noTime: null "noon" "x-exception-message"="not-a-timestamp at byte 0"',
    ].toSorted(),
  );
});
