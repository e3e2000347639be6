/** The core in other engines, and the sample's logic in CPython: each in a process of its own. */
import { join } from "node:path";
import type { Candidate } from "../measure.ts";
import type { RemoteJob } from "../peers/remote.ts";
import { remoteCandidate } from "../peers/remote.ts";
import type { Tools } from "../peers/tools.ts";

const PEERS = join(import.meta.dirname, "..", "peers");
const PYTHON = join(PEERS, "remote.py");

/** The core in the newest Node.js and in wasmtime. */
export function coreInEngines(tools: Tools, name: string, job: RemoteJob): readonly Candidate[] {
  const { newestNode, wasmtime } = tools;
  const candidates: Candidate[] = [];
  if (newestNode !== null) {
    const command = [newestNode, "--disable-warning=ExperimentalWarning", join(PEERS, "remote-node.ts")] as const;
    candidates.push(remoteCandidate(`${name}, newest Node.js`, [...command], process.env, job));
  }
  if (wasmtime !== null) candidates.push(remoteCandidate(`${name}, wasmtime`, ["python3", PYTHON, "wasmtime"], wasmtime, job));
  return candidates;
}

/** What the recipe's Python app does with a value, without a broker. */
export function valuesInPython({ python }: Tools, job: RemoteJob): readonly Candidate[] {
  return python === null ? [] : [remoteCandidate("CPython, the sample's logic", [python, PYTHON, "sample"], process.env, job)];
}
