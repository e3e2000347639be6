/** What the properties about unroutable records come to: the policy, the topic of the dead letters, the output that takes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../../hosts/dataflow/config.ts";
import { config, fault, holds, type Good } from "./config-checks.ts";

const INPUT = "spring.cloud.stream.bindings.input";
const CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer";
const ENABLED = `--${CONSUMER}.enable-dlq=true`;

function policyOf({ unroutable }: Config): string {
  return unroutable;
}

test("router.unroutable is a policy, in any case, or an output's name", () => {
  const good: Good<string> = [
    ["log", "log"],
    ["Drop", "drop"],
    [" stop ", "stop"],
    ["DLQ", "dlq"],
    ["odd", "log"],
    ["", "log"],
  ];
  holds("router.unroutable", policyOf, good, ["ignore", "toString", "Odd", "even,odd"]);
});

test("an output that takes unroutable records is named to the core, and a policy is not", () => {
  assert.equal(config(["--router.unroutable=odd"]).ruleText, "unroutable=odd");
  assert.equal(config(["--router.unroutable=left", "--router.outputs=left,right"]).ruleText, "outputs=left,right\nunroutable=left");
  for (const policy of ["dlq", "drop", "log", "stop"]) assert.equal(config([`--router.unroutable=${policy}`]).ruleText, "");
});

test("a policy's word goes before an output of that name", () => {
  const { unroutable, ruleText } = config(["--router.unroutable=drop", "--router.outputs=drop,x"]);
  assert.deepEqual([unroutable, ruleText], ["drop", "outputs=drop,x"]);
});

test("unroutable records are logged by default, and dead letters where those are enabled", () => {
  const cases: readonly (readonly [args: readonly string[], policy: string])[] = [
    [[], "log"],
    [[ENABLED], "dlq"],
    [["--router.unroutable=dlq"], "dlq"],
    [[ENABLED, "--router.unroutable="], "dlq"],
  ];
  for (const [args, policy] of cases) {
    const { unroutable, deadLetters } = config(args);
    assert.deepEqual([unroutable, deadLetters !== null], [policy, policy === "dlq"], args.join(" "));
  }
});

test("router.unroutable wins over enable-dlq", () => {
  for (const policy of ["drop", "log", "stop", "odd"]) assert.equal(config([ENABLED, `--router.unroutable=${policy}`]).deadLetters, null);
  assert.notEqual(config([`--${CONSUMER}.enable-dlq=false`, "--router.unroutable=dlq"]).deadLetters, null);
});

test("enable-dlq is a boolean, in Spring's spelling, too", () => {
  const good: Good<string> = [
    ["true", "dlq"],
    ["no", "log"],
    ["", "log"],
  ];
  holds(`${CONSUMER}.enable-dlq`, policyOf, good, ["dlq"]);
  assert.equal(config([`--${CONSUMER}.enableDlq=true`, `--${CONSUMER}.dlqName=dead`]).deadLetters?.destinations["input"], "dead");
});

test("the dead letters' topic is Spring's unless it is named: error, the input's topic, its group", () => {
  assert.deepEqual(config([ENABLED]).deadLetters, {
    destinations: { input: "error.input.timestamp-router" },
    partitions: null,
    codec: "none",
  });
  const named = config([ENABLED, `--${INPUT}.destination=timeDest`, `--${INPUT}.group=g`]);
  assert.equal(named.deadLetters?.destinations["timeDest"], "error.timeDest.g");
  const deployed = config([ENABLED, "--spring.cloud.dataflow.stream.name=s", "--spring.cloud.dataflow.stream.app.label=l"]);
  assert.equal(deployed.deadLetters?.destinations["input"], "error.input.s.l");
  assert.equal(config([ENABLED, `--${CONSUMER}.dlq-name=`]).deadLetters?.destinations["input"], "error.input.timestamp-router");
});

test("the dead letters' topic has a topic's name", () => {
  const good: Good<string> = [
    ["dead", "dead"],
    ["x".repeat(249), "x".repeat(249)],
  ];
  const name = `${CONSUMER}.dlq-name`;
  const read = (text: string): Config => config([ENABLED, `--${name}=${text}`]);
  for (const [text, destination] of good) assert.equal(read(text).deadLetters?.destinations["input"], destination);
  for (const text of ["a b", "a,b", "x".repeat(250), ".."]) {
    assert.ok(fault([ENABLED, `--${name}=${text}`]).startsWith(`${name} (from command line): "`), text);
  }
});

test("a group that does not fit into a topic's name asks for a name of the dead letters' topic", () => {
  const refused = `${CONSUMER}.dlq-name (from default): "error.input.my group", made of the input's topic and group, is no topic name; set it to 1 to 249 `;
  assert.ok(fault([ENABLED, `--${INPUT}.group=my group`]).startsWith(refused), fault([ENABLED, `--${INPUT}.group=my group`]));
  const longest = "g".repeat(249 - "error.input.".length);
  assert.equal(config([ENABLED, `--${INPUT}.group=${longest}`]).deadLetters?.destinations["input"]?.length, 249);
  assert.match(fault([ENABLED, `--${INPUT}.group=${longest}g`]), /is no topic name/u);
  assert.match(fault([ENABLED, `--${INPUT}.group=a,b`]), /is no topic name/u);
  assert.equal(config([ENABLED, `--${INPUT}.group=my group`, `--${CONSUMER}.dlq-name=dead`]).deadLetters?.destinations["input"], "dead");
  assert.equal(config([`--${INPUT}.group=my group`]).deadLetters, null);
});

test("dead letters can't go to the input's topic, nor to an output's", () => {
  const name = `${CONSUMER}.dlq-name`;
  assert.equal(
    fault([ENABLED, `--${name}=input`]),
    `${name} (from command line): "input" is a topic of the input, too, so the app would read its own dead letters, for ever; allowed: any other topic`,
  );
  assert.equal(
    fault([ENABLED, `--${name}=odd`]),
    `${name} (from command line): "odd" is the topic of the output odd, too, where dead letters would be among the routed records; allowed: any other topic`,
  );
  assert.match(
    fault([ENABLED, "--spring.cloud.stream.bindings.even.destination=error.input.timestamp-router"]),
    /^\S+dlq-name \(from default\): "error\.input\.timestamp-router" is the topic of the output even/u,
  );
});

test("an anonymous group has no dead letters, and is told what to set instead", () => {
  for (const group of ["", " ", "anonymous"]) {
    for (const wanted of [ENABLED, "--router.unroutable=dlq"]) {
      assert.equal(
        fault([wanted, `--${INPUT}.group=${group}`]),
        `${INPUT}.group (from command line): DLQ support is not available for anonymous subscriptions; allowed: the name of a group, or router.unroutable=log`,
      );
    }
    assert.equal(config([ENABLED, "--router.unroutable=log", `--${INPUT}.group=${group}`]).deadLetters, null);
  }
});

test("the partitions of the dead letters' topic are 1 to 100000, or as many as the input has", () => {
  const name = `${CONSUMER}.dlq-partitions`;
  const partitionsOf = (text: string): number | null | undefined => config([ENABLED, `--${name}=${text}`]).deadLetters?.partitions;
  assert.deepEqual(["1", "2", "100000", ""].map(partitionsOf), [1, 2, 100_000, null]);
  for (const text of ["0", "100001", "x"]) assert.match(fault([ENABLED, `--${name}=${text}`]), /^\S+dlq-partitions \(from command line\)/u);
});
