/** What it takes until a core can route. These are steps of one way, not ways to do the same: their ratios are shares. */
import { Router } from "../../hosts/embed.ts";
import type { Candidate } from "../measure.ts";

/** Bytes of a custom section with an eight-byte payload: id, size, length of an empty name, payload. */
const MARK = [0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0] as const;

function step(name: string, run: () => void): Candidate {
  // Compilation has threads of its own.
  return { name, clock: "process", run, outputs: () => [] };
}

export function startUpSteps(bytes: Uint8Array, module: WebAssembly.Module): readonly Candidate[] {
  const marked = Uint8Array.from([...bytes, ...MARK]);
  const mark = new DataView(marked.buffer, marked.length - 8);
  let marks = 0;
  const compile = (): WebAssembly.Module => {
    // V8 shares the code of modules with equal bytes, so each must be another one.
    mark.setUint32(0, ++marks);
    return new WebAssembly.Module(marked);
  };
  const value = new TextEncoder().encode("11/20/26 10:00:07");
  return [
    step("compile, instantiate, configure, route one value", () => {
      new Router(compile()).route(value);
    }),
    step("compile", () => {
      compile();
    }),
    step("instantiate", () => {
      // The instance is what is measured, even though nobody uses it.
      void new WebAssembly.Instance(module);
    }),
    step("instantiate, configure, route one value", () => {
      new Router(module).route(value);
    }),
  ];
}
