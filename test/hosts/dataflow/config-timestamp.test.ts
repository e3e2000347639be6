import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../../hosts/dataflow/config.ts";
import { placeInRule } from "../../../hosts/rule.ts";
import { Router } from "../../../hosts/embed.ts";
import { RouterError } from "../../../hosts/router-error.ts";
import { coreModule } from "../../core-module.ts";

function ruleTextOf(...args: readonly string[]): string {
  return readConfig({ args, env: {} }).ruleText;
}

test("the properties of the timestamp rule are the core's keys, whatever their spelling and source", () => {
  const { ruleText } = readConfig({
    args: ["--router.rule=timestamp", "--router.timestamp.format=HH:mm"],
    env: {
      ROUTER_TIMESTAMP_FIELD: "minute",
      ROUTER_TIMESTAMP_ZONE: "+01:00",
      ROUTER_TIMESTAMP_DIVIDE: "15",
      ROUTER_TABLE: "0-1:even,2-3:odd",
    },
  });
  assert.deepEqual(ruleText.split("\n").toSorted(), [
    "rule=timestamp",
    "table=0-1:even,2-3:odd",
    "timestamp.divide=15",
    "timestamp.field=minute",
    "timestamp.format=HH:mm",
    "timestamp.zone=+01:00",
  ]);
  assert.deepEqual(new Router(coreModule(), ruleText).outputs, ["even", "odd"]);
});

test("up to eight outputs have a binding each, with its own destination and prefix", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const { outputs, ruleText } = readConfig({
    args: [
      "--router.rule=timestamp",
      `--router.outputs=${names.join(",")}`,
      "--router.prefix.h=H ",
      "--spring.cloud.stream.bindings.h.destination=last",
    ],
    env: {},
  });
  assert.deepEqual(
    outputs.map(({ name, destination }) => [name, destination]),
    [...names.slice(0, 7).map((name) => [name, name]), ["h", "last"]],
  );
  assert.deepEqual(new Router(coreModule(), ruleText).outputs, names);
  assert.throws(
    () => ruleTextOf("--router.outputs=a"),
    /router\.outputs \(from command line\): .*has 1 name; allowed: 2 to 8 different names/,
  );
  assert.throws(() => ruleTextOf(`--router.outputs=${names.join(",")},i`), /has 9 names/);
});

test("a fault that the core finds leads back to the property", () => {
  for (const [args, property] of [
    [["--router.rule=timestamp", "--router.timestamp.format=HH:mm:QQ"], "router.timestamp.format"],
    [["--router.rule=timestamp", "--router.timestamp.format=HH:mm"], "router.timestamp.format"],
    [["--router.rule=timestamp", "--router.table=0-1:none"], "router.table"],
    [["--router.outputs=a,b,c"], "router.outputs"],
    [["--router.timestamp.zone=Z"], "router.timestamp.zone"],
  ] as const) {
    const text = ruleTextOf(...args);
    assert.throws(
      () => new Router(coreModule(), text),
      (error: unknown) => error instanceof RouterError && placeInRule(text, error.ruleOffset ?? 0).property === property,
      property,
    );
  }
});
