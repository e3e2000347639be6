import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../../../hosts/dataflow/clock.ts";
import { plainBytes } from "../fetched.ts";
import { brokerWith, untilCommitted } from "../started-app.ts";
import { startMetered, type Metered } from "./metered-app.ts";
import { ASKED, NOT_ANSWERED } from "./dataflow-boards.ts";
import { samplesOf, select, valueOf } from "./scrape.ts";

const DOCS = readFileSync(new URL("../../../../docs/metrics.md", import.meta.url), "utf8");

/** An app that has routed two records to each output, and left one out. */
async function routed(context: TestContext): Promise<Metered> {
  const broker = await brokerWith(1, plainBytes(0n, ["1", "2", "x"]), plainBytes(0n, ["3", "4"]));
  const metered = startMetered(context, broker.binder(systemClock));
  await untilCommitted(broker);
  return metered;
}

test("each query of Data Flow's dashboards that means something here finds its series", async (context) => {
  const samples = samplesOf((await routed(context)).scrape());
  for (const { panel, series, matchers } of ASKED) {
    const found = select(samples, series, matchers);
    assert.ok(found.length > 0, `${panel}: ${series}`);
    for (const { value, labels } of found) assert.ok(Number.isFinite(value), `${panel}: ${series} ${JSON.stringify(labels)} is ${value}`);
  }
});

test("the documentation says of each series that Data Flow's dashboards ask for in vain why it is not there", async (context) => {
  const samples = samplesOf((await routed(context)).scrape());
  for (const series of NOT_ANSWERED) {
    assert.deepEqual(
      samples.filter(({ name }) => name.startsWith(series)),
      [],
    );
    assert.ok(DOCS.includes(`| \`${series}`), series);
  }
});

test("the documentation has every meter", async (context) => {
  const { metrics } = await routed(context);
  for (const name of metrics.names()) assert.ok(DOCS.includes(`\`${name}\``), name);
});

test("a message that was sent into a channel is a record that was read, or written and acknowledged", async (context) => {
  const samples = samplesOf((await routed(context)).scrape());
  const sent = (name: string, result = "success"): number =>
    valueOf(samples, "spring_integration_send_seconds_count", { type: "channel", name, result });
  assert.deepEqual([sent("input"), sent("even"), sent("odd"), sent("errorChannel")], [5, 2, 2, 1]);
  assert.deepEqual([sent("even", "failure"), sent("odd", "failure")], [0, 0]);
  assert.equal(valueOf(samples, "spring_integration_receive_total"), 5);
  assert.equal(valueOf(samples, "spring_integration_send_seconds_count", { type: "handler" }), 5);
});
