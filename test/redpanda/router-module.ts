/** The one place that knows which builds of the router the tests of Redpanda run: those that the environment names, or those in `build`. */
import { readFileSync } from "node:fs";

/** What there is to deploy: the router with the last-digit rule alone, and with both rules. */
export type RouterBuild = "redpanda" | "redpanda-timestamp";

export const ROUTER_BUILDS: readonly RouterBuild[] = ["redpanda", "redpanda-timestamp"];

const VARIABLES: Readonly<Record<RouterBuild, string>> = {
  redpanda: "REDPANDA_WASM",
  "redpanda-timestamp": "REDPANDA_TIMESTAMP_WASM",
};

const modules = new Map<RouterBuild, Uint8Array>();

/** Returns the bytes of a build of the router. */
export function routerModule(build: RouterBuild = "redpanda"): Uint8Array {
  const bytes = modules.get(build) ?? readFileSync(process.env[VARIABLES[build]] ?? new URL(`../../build/${build}.wasm`, import.meta.url));
  modules.set(build, bytes);
  return bytes;
}
