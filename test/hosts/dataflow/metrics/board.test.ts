/** Our own dashboard and its alerts, held against what the app says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../../hosts/dataflow/clock.ts";
import { plainBytes } from "../fetched.ts";
import { brokerWith, untilCommitted } from "../started-app.ts";
import { alertExpressions, boardQueries, labelsShown, readBoard, selectorsOf, type Selector } from "./board.ts";
import { startMetered } from "./metered-app.ts";
import { samplesOf, type Sample } from "./scrape.ts";

function matching(samples: readonly Sample[], { series, matchers }: Selector): readonly Sample[] {
  return samples.filter(
    ({ name, labels }) =>
      name === series &&
      matchers.every(({ label, operator, text }) => {
        const value = labels[label] ?? "";
        const isIn = operator.endsWith("~") ? new RegExp(`^(?:${text})$`, "u").test(value) : value === text;
        return isIn !== operator.startsWith("!");
      }),
  );
}

test("each query of the dashboard and of the alerts finds its series, with the labels that it groups by or shows", async (context) => {
  const broker = await brokerWith(1, plainBytes(0n, ["1", "2", "x"]));
  const { scrape } = startMetered(context, broker.binder(systemClock));
  await untilCommitted(broker);
  const samples = samplesOf(scrape());
  const queries = boardQueries("1m");
  assert.ok(queries.length > 20);
  for (const query of queries) {
    const found = selectorsOf(query.expression).map((selector) => matching(samples, selector));
    assert.ok(found.length > 0 && found.every(({ length }) => length > 0), `${query.panel}: ${query.expression}`);
    for (const label of labelsShown(query)) {
      for (const sample of found.flat()) assert.ok(label in sample.labels, `${query.panel}: ${sample.name} has no ${label}`);
    }
  }
  const alerts = alertExpressions();
  assert.equal(alerts.length, 6);
  for (const expression of alerts) {
    for (const selector of selectorsOf(expression)) {
      // Prometheus has `up` of itself.
      if (selector.series !== "up") assert.ok(matching(samples, selector).length > 0, `${selector.series} in ${expression}`);
    }
  }
});

test("the dashboard takes its data source and its choices from variables", () => {
  const { panels, templating } = readBoard();
  assert.deepEqual(
    templating.list.map(({ name, type }) => [name, type]),
    [
      ["datasource", "datasource"],
      ["stream_name", "query"],
      ["application_name", "query"],
    ],
  );
  const charts = panels.filter(({ type }) => type !== "row");
  for (const { title, datasource, targets = [] } of charts) {
    assert.equal(datasource?.uid, "${datasource}", title);
    for (const { expr } of targets) {
      for (const series of selectorsOf(expr)) {
        const chosen = series.matchers.filter(({ text }) => text.startsWith("$")).map(({ label }) => label);
        assert.deepEqual(chosen, ["stream_name", "application_name"], `${title}: ${series.series}`);
      }
    }
  }
});

test("no two panels of the dashboard have the same id or lie on each other, and none is wider than the dashboard", () => {
  const { panels } = readBoard();
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length);
  for (const { title, gridPos } of panels) assert.ok(gridPos.x + gridPos.w <= 24, title);
});
