/** How the input is read, as configured. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { config, fault, holds } from "./config-checks.ts";

const CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer";
const ANONYMOUS = "--spring.cloud.stream.bindings.input.group=anonymous";

test("start-offset is earliest or latest, for a named group and for an anonymous one", () => {
  holds(
    `${CONSUMER}.start-offset`,
    ({ input }) => input.startOffset,
    [
      ["latest", "latest"],
      ["EARLIEST", "earliest"],
      ["", "earliest"],
    ],
    ["newest", "0"],
  );
  assert.equal(config([ANONYMOUS, `--${CONSUMER}.startOffset=earliest`]).input.startOffset, "earliest");
  assert.equal(config([ANONYMOUS]).input.startOffset, "latest");
});

test("reset-offsets is false, unless it is told to be true", () => {
  holds(
    `${CONSUMER}.reset-offsets`,
    ({ input }) => input.resetOffsets,
    [
      ["true", true],
      ["", false],
    ],
    ["maybe"],
  );
});

test("the isolation level is read_committed or read_uncommitted", () => {
  const name = "spring.cloud.stream.kafka.binder.configuration.isolation.level";
  holds(
    name,
    ({ input }) => input.isolationLevel,
    [
      ["read_uncommitted", "read_uncommitted"],
      ["", "read_committed"],
    ],
    ["serializable"],
  );
});

test("an offset out of range is reset or stops the app", () => {
  holds(
    "router.offset-out-of-range",
    ({ input }) => input.offsetOutOfRange,
    [
      ["stop", "stop"],
      ["", "reset"],
    ],
    ["latest"],
  );
});

const index = (text: string): string => `--spring.cloud.stream.instance-index=${text}`;
const count = (text: string): string => `--spring.cloud.stream.instanceCount=${text}`;

test("without rebalancing the instance's index and count are what counts, and otherwise they don't", () => {
  const manual = `--${CONSUMER}.auto-rebalance-enabled=false`;
  assert.equal(config([index("1"), count("3")]).input.instance, null);
  assert.deepEqual(config([manual, index("1"), count("3")]).input.instance, { index: 1, count: 3 });
  assert.deepEqual(config([manual]).input.instance, { index: 0, count: 1 });
  assert.match(fault([manual, count("3")]), /^spring\.cloud\.stream\.instance-index .*is not set, and with 3 instances/u);
  assert.match(
    fault([manual, index("3"), count("3")]),
    /^spring\.cloud\.stream\.instance-index \(from command line\): 3 is no index among 3 instances.*0 to 2/u,
  );
});

test("the instance's index may be what a platform calls INSTANCE_INDEX, or else CF_INSTANCE_INDEX", () => {
  const args = [`--${CONSUMER}.auto-rebalance-enabled=false`, count("5")];
  const of = (env: Readonly<Record<string, string>>, ...more: readonly string[]) => config([...args, ...more], env).input.instance?.index;
  assert.equal(of({ CF_INSTANCE_INDEX: "2" }), 2);
  assert.equal(of({ CF_INSTANCE_INDEX: "2", INSTANCE_INDEX: "3" }), 3);
  assert.equal(of({ CF_INSTANCE_INDEX: "2", INSTANCE_INDEX: "3" }, index("4")), 4);
  assert.match(fault(args, { INSTANCE_INDEX: "5" }), /^INSTANCE_INDEX \(from environment\): 5 is no index among 5 instances/u);
});
