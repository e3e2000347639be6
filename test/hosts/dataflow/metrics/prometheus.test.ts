/** The formats that Prometheus scrapes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, type Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { samplesOf } from "./scrape.ts";

/** What Prometheus sends. */
const OPEN_METRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";

function metered(): Metrics {
  const metrics = createMetrics({ tags: { "stream.name": "times" }, now: () => 0 });
  metrics.timer({ name: "router.commit", description: "Commits" }, { outcome: "taken" }).record(0.25, 2);
  metrics.counter({ name: "router.fetched", description: "Bytes read", baseUnit: "bytes" }).add(42);
  metrics.gauge({ name: "process.uptime", description: "Up", baseUnit: "seconds" }, {}, () => 1.5);
  return metrics;
}

test("a scrape has counters with _total, timers in seconds with their maximum as a gauge, and units behind the names", () => {
  const { contentType, body } = metered().scrape(undefined, null);
  assert.equal(contentType, "text/plain;version=0.0.4;charset=utf-8");
  assert.equal(
    body,
    `# HELP process_uptime_seconds Up
# TYPE process_uptime_seconds gauge
process_uptime_seconds{stream_name="times"} 1.5
# HELP router_commit_seconds Commits
# TYPE router_commit_seconds summary
router_commit_seconds_count{stream_name="times",outcome="taken"} 2
router_commit_seconds_sum{stream_name="times",outcome="taken"} 0.5
# HELP router_commit_seconds_max Commits
# TYPE router_commit_seconds_max gauge
router_commit_seconds_max{stream_name="times",outcome="taken"} 0.25
# HELP router_fetched_bytes_total Bytes read
# TYPE router_fetched_bytes_total counter
router_fetched_bytes_total{stream_name="times"} 42
`,
  );
});

test("OpenMetrics has counters' families without _total, and an end", () => {
  const { contentType, body } = metered().scrape(OPEN_METRICS, null);
  assert.equal(contentType, "application/openmetrics-text;version=1.0.0;charset=utf-8");
  assert.match(body, /^# TYPE router_fetched_bytes counter\nrouter_fetched_bytes_total\{/mu);
  assert.ok(body.endsWith("\n# EOF\n"));
});

test("of tags whose keys come to one label the meter's own is scraped, for a label that is there twice has a scrape refused", () => {
  const metrics = createMetrics({ tags: { "client-id": "common", region: "eu" }, now: () => 0 });
  metrics.counter({ name: "sent", description: "Sent" }, { "client.id": "own" }).add(1);
  assert.match(metrics.scrape(undefined, null).body, /^sent_total\{client_id="own",region="eu"\} 1$/mu);
});

function names(included: readonly string[]): readonly string[] {
  return samplesOf(metered().scrape(undefined, included).body).map(({ name }) => name);
}

test("names of families or of samples leave out all others", () => {
  assert.deepEqual(names(["router_fetched_bytes_total", "router_commit_seconds_max"]), [
    "router_commit_seconds_max",
    "router_fetched_bytes_total",
  ]);
  assert.deepEqual(names(["router_commit_seconds"]), ["router_commit_seconds_count", "router_commit_seconds_sum"]);
  assert.deepEqual(names(["router_commit_seconds_sum"]), ["router_commit_seconds_sum"]);
});

test("a scrape that leaves out everything is empty, in OpenMetrics but for its end", () => {
  assert.equal(metered().scrape(undefined, ["nothing"]).body, "");
  assert.equal(metered().scrape(OPEN_METRICS, ["nothing"]).body, "# EOF\n");
});

test("texts are escaped, and what Prometheus does not allow in names becomes an underscore", () => {
  const metrics = createMetrics({ tags: { "my-tag.é": 'a"b\\c\nd', "7": "x" }, now: () => 0 });
  metrics.counter({ name: "odd-name", description: "two\nlines \\ and more" }).add(1);
  const { body } = metrics.scrape(undefined, null);
  assert.equal(
    body,
    String.raw`# HELP odd_name_total two\nlines \\ and more
# TYPE odd_name_total counter
odd_name_total{m_7="x",my_tag__="a\"b\\c\nd"} 1
`,
  );
  assert.equal(samplesOf(body)[0]?.labels["my_tag__"], 'a"b\\c\nd');
});

test("a value that is not known is left out, and infinite ones are written as Prometheus reads them", () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  metrics.gauge({ name: "a", description: "" }, { known: "no" }, () => Number.NaN);
  metrics.gauge({ name: "d", description: "" }, { known: "no" }, () => Number.NaN);
  metrics.gauge({ name: "d", description: "" }, { known: "yes" }, () => 0);
  metrics.gauge({ name: "b", description: "" }, {}, () => Number.POSITIVE_INFINITY);
  metrics.gauge({ name: "c", description: "" }, {}, () => Number.NEGATIVE_INFINITY);
  const { body } = metrics.scrape(undefined, null);
  assert.deepEqual(body.match(/^[^#].*$/gmu), ["b +Inf", "c -Inf", 'd{known="yes"} 0']);
  assert.ok(!body.includes("# TYPE a"));
});
