/** The installed package, and the documentation's router of the module alone, keep the routing contract in each JavaScript runtime. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../../hosts/demo/broker/program.ts";
import type { Target } from "../conformance.ts";
import { runConformance } from "../conformance.ts";
import { CASES, targetOf } from "../embedding/requests.ts";
import type { Runtime } from "../embedding/runtimes.ts";
import { findRuntime, RUNTIME_NAMES } from "../embedding/runtimes.ts";
import { PROJECT, writeSource } from "./packed.ts";

const TOP = join(import.meta.dirname, "..", "..");
const RUN_TIMEOUT_MS = 60_000;

copyFileSync(join(TOP, "test", "embedding", "answers.js"), join(PROJECT, "answers.js"));
copyFileSync(join(TOP, "docs", "embedding", "javascript", "router.js"), join(PROJECT, "router.js"));

const READ_REQUESTS = `import { readFileSync } from "node:fs";
import { stdout } from "node:process";
const requests = readFileSync("requests.txt", "utf8");`;

const BY_PACKAGE = writeSource(
  "by-package.js",
  `${READ_REQUESTS}
import { createRouter } from "timestamp-router";
import { answersOf, byPackage } from "./answers.js";
stdout.write(answersOf(requests, byPackage(createRouter)));
`,
);

const BY_MODULE = writeSource(
  "by-module.js",
  `${READ_REQUESTS}
import { answersOf, byModule } from "./answers.js";
import { Router } from "./router.js";
const module = new WebAssembly.Module(readFileSync("node_modules/timestamp-router/core.wasm"));
stdout.write(answersOf(requests, byModule(Router, module)));
`,
);

/** Returns what a script of the project prints. */
async function printed({ command: [file, ...args] }: Runtime, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram({ file, args: [...args, script], cwd: PROJECT, timeoutMs: RUN_TIMEOUT_MS });
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}:\n${stderr}`);
  return stdout;
}

function targetsOf(runtime: Runtime): readonly Target[] {
  const answer =
    (script: string) =>
    async (requests: string): Promise<string> => {
      writeFileSync(join(PROJECT, "requests.txt"), requests);
      return printed(runtime, script);
    };
  return [
    targetOf({ name: `package ${runtime.name}`, answer: answer(BY_PACKAGE), missing: runtime.missing, routesBatches: true }),
    targetOf({ name: `module ${runtime.name}`, answer: answer(BY_MODULE), missing: runtime.missing, routesBatches: false }),
  ];
}

const runtimes = await Promise.all(RUNTIME_NAMES.map(findRuntime));
runConformance(CASES, runtimes.flatMap(targetsOf));
