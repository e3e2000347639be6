/** What a real Prometheus makes of the app's meters, of our dashboard and of its alerts. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { systemClock } from "../../../../hosts/dataflow/clock.ts";
import { plainBytes } from "../fetched.ts";
import { brokerWith, untilCommitted } from "../started-app.ts";
import { boardQueries } from "./board.ts";
import { startMetered } from "./metered-app.ts";
import { prometheusMissing, promtool, startPrometheus } from "./prometheus-server.ts";

const missing = await prometheusMissing();
const TEST_MS_MAX = 60_000;

test(
  "Prometheus answers each query of the dashboard, and finds no fault with the alerts",
  { skip: missing ?? false, timeout: TEST_MS_MAX },
  async (context) => {
    const broker = await brokerWith(1, plainBytes(0n, ["1", "2", "x"]));
    const { metrics } = startMetered(context, broker.binder(systemClock));
    await untilCommitted(broker);
    const prometheus = await startPrometheus(context, metrics);
    for (const { panel, expression } of boardQueries("1m")) {
      assert.ok((await prometheus.query(expression)).length > 0, `${panel}: ${expression}`);
    }
    for (const [name, health] of await prometheus.alertHealth()) assert.equal(health, "ok", name);
    const [records] = await prometheus.query("sum(router_records_total)");
    assert.equal(records?.value[1], "3");
  },
);

test("the alerts are raised when they should be, and only then", { skip: missing ?? false }, async () => {
  assert.match(await promtool("test", "rules", fileURLToPath(new URL("alerts.yaml", import.meta.url))), /SUCCESS/u);
});
