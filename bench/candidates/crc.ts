/** CRC-32C of runs of the same length, by four programs. */
import { Router } from "../../hosts/embed.ts";
import type { CoreExports } from "../core-binary.ts";
import { crc32c } from "../kafkajs-codec.ts";
import type { Candidate } from "../measure.ts";
import { crc32cBySlices } from "./crc-javascript.ts";

function crcCandidate(name: string, crcOf: (run: number) => number): Candidate {
  const crc = new Uint32Array(1);
  return {
    name,
    clock: "thread",
    run(batch) {
      crc[0] = crcOf(batch);
    },
    outputs: () => [new Uint8Array(crc.buffer)],
  };
}

/** Runs that are in the core's memory already; takes a core with room for them and puts them there. */
export function crcInCore(core: CoreExports, runs: Uint8Array, runBytes: number, name = "core"): Candidate {
  new Uint8Array(core.memory.buffer).set(runs, core.inputAddress());
  return crcCandidate(`${name}, in place`, (run) => core.crc32c(run * runBytes, runBytes));
}

export function crcInRouter(module: WebAssembly.Module, runs: Uint8Array, runBytes: number): Candidate {
  const router = new Router(module);
  return crcCandidate("core, copied in", (run) => router.crc32c(runs.subarray(run * runBytes, (run + 1) * runBytes)));
}

export function crcInKafkajs(runs: Uint8Array, runBytes: number): Candidate {
  return crcCandidate("kafkajs", (run) => crc32c(runs.subarray(run * runBytes, (run + 1) * runBytes)));
}

export function crcInJavaScript(runs: Uint8Array, runBytes: number): Candidate {
  const view = new DataView(runs.buffer, runs.byteOffset, runs.length);
  return crcCandidate("tuned JavaScript", (run) => crc32cBySlices(view, run * runBytes, (run + 1) * runBytes));
}
