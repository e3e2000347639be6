/** The one place that knows which build of the router the tests of Redpanda run: `REDPANDA_WASM`, or the built one. */
import { readFileSync } from "node:fs";

let bytes: Uint8Array | undefined;

/** Returns the bytes of the router under test. */
export function routerModule(): Uint8Array {
  bytes ??= readFileSync(process.env["REDPANDA_WASM"] ?? new URL("../../build/redpanda.wasm", import.meta.url));
  return bytes;
}
