/** The app as it comes, with nothing set but where to read and write, and how to deliver. */
import { fileURLToPath } from "node:url";
import type { Router, Stream } from "../../pipeline-router.ts";

const MAIN = fileURLToPath(new URL("../../../hosts/dataflow/main.ts", import.meta.url));
const BINDINGS = "spring.cloud.stream.bindings";
const BINDER = "spring.cloud.stream.kafka.binder";

function properties({ bootstrap, input, even, odd, group }: Stream): Readonly<Record<string, string>> {
  return {
    "server.port": "0",
    "server.address": "127.0.0.1",
    [`${BINDER}.brokers`]: bootstrap,
    [`${BINDINGS}.input.destination`]: input,
    [`${BINDINGS}.input.group`]: group,
    [`${BINDINGS}.even.destination`]: even,
    [`${BINDINGS}.odd.destination`]: odd,
  };
}

function router(name: string, settings: string, delivery: Router["delivery"], more: Readonly<Record<string, string>>): Router {
  return {
    name,
    delivery,
    version: `Node.js ${process.version}`,
    settings,
    command: (stream) => {
      const words = Object.entries({ ...properties(stream), ...more }).map(([property, value]) => `--${property}=${value}`);
      return [process.execPath, "--disable-warning=TimeoutNegativeWarning", MAIN, ...words];
    },
  };
}

/** The app with transactions of so long. */
export function exactlyOnce(intervalMs: number): Router {
  const settings = `router.commit-interval ${intervalMs} ms${intervalMs === 100 ? ", its default" : ""}`;
  const more = { [`${BINDER}.transaction.transaction-id-prefix`]: "bench-", "router.commit-interval": `${intervalMs}ms` };
  return router(intervalMs === 100 ? "timestamp-router" : `timestamp-router, ${intervalMs} ms`, settings, "exactly once", more);
}

export const AT_LEAST_ONCE = router("timestamp-router", "defaults", "at least once", {});

export const OURS: readonly Router[] = [AT_LEAST_ONCE, exactlyOnce(100), exactlyOnce(20), exactlyOnce(500)];
