import assert from "node:assert/strict";
import test from "node:test";
import { Router } from "../../hosts/embed.ts";
import { RouterError } from "../../hosts/router-error.ts";
import { bytesOf } from "../bytes.ts";
import { CoreInstance } from "../core-instance.ts";
import { coreModule } from "../core-module.ts";
import { LOG_APPEND_TIME, PLAIN_HEADER, encodeBatch } from "../record-batch.ts";

/** Returns a router of the timestamp rule with further lines. */
function routerOf(...lines: readonly string[]): Router {
  return new Router(coreModule(), ["rule=timestamp", ...lines].join("\n"));
}

/** Returns the output of a value, or the reason and the byte for which it has none. */
function placeOf(router: Router, value: string): string {
  const decision = router.route(value);
  return "output" in decision ? decision.output : `${decision.reason} ${decision.byteOffset}`;
}

function places(router: Router, values: readonly string[]): readonly string[] {
  return values.map((value) => placeOf(router, value));
}

/** Returns the code of the fault in a rule, and the byte of the text that follows `rule=timestamp` at which it is. */
function faultOf(...lines: readonly string[]): string {
  try {
    routerOf(...lines);
    return "none";
  } catch (error) {
    assert.ok(error instanceof RouterError);
    return `${error.code} ${(error.ruleOffset ?? 0) - "rule=timestamp\n".length}`;
  }
}

test("without further lines, the second of the original's format goes to even or odd under the original's prefixes", () => {
  const router = routerOf();
  const decision = router.route("11/20/26 10:00:07");
  assert.ok("value" in decision);
  assert.equal(Buffer.from(decision.value).toString(), "Odd timestamp:11/20/26 10:00:07");
  assert.equal(placeOf(router, "11/20/26 10:00:08"), "even");
});

test("what ends in a digit and is no timestamp has no place, and the byte says from where on it is none", () => {
  assert.deepEqual(
    places(routerOf(), [
      "",
      "8",
      "11/20/26 10:00",
      "11/20/26 10:00:7",
      "11-20-26 10:00:08",
      "11/20/26 10:00:08 ",
      "11/20/26 10:00:088",
      "1x/20/26 10:00:08",
    ]),
    [
      "empty 0",
      "not-a-timestamp 0",
      "not-a-timestamp 14",
      "not-a-timestamp 15",
      "not-a-timestamp 2",
      "not-a-timestamp 17",
      "not-a-timestamp 17",
      "not-a-timestamp 0",
    ],
  );
});

test("a time that does not exist has no place, and the byte says which part makes it so", () => {
  assert.deepEqual(
    places(routerOf(), [
      "13/01/26 00:00:00",
      "00/01/26 00:00:00",
      "02/30/26 00:00:00",
      "02/29/26 00:00:00",
      "01/01/26 24:00:00",
      "01/01/26 00:60:00",
      "01/01/26 00:00:60",
    ]),
    ["no-such-time 0", "no-such-time 0", "no-such-time 3", "no-such-time 3", "no-such-time 9", "no-such-time 12", "no-such-time 15"],
  );
  assert.equal(placeOf(routerOf(), "02/29/24 00:00:00"), "even");
});

test("a day that no year has does not exist, though Java would take it where there is no year", () => {
  const router = routerOf("timestamp.format=MM/dd", "timestamp.field=day");
  assert.deepEqual(places(router, ["02/29", "02/30", "04/31"]), ["odd", "no-such-time 3", "no-such-time 3"]);
});

test("a weekday that is another than the date's contradicts it, as a day of the year does", () => {
  const router = routerOf("timestamp.format=EEE yyyy-MM-dd", "timestamp.field=day");
  assert.deepEqual(places(router, ["Sat 2026-11-21", "Sun 2026-11-21"]), ["odd", "no-such-time 0"]);
  const twice = routerOf("timestamp.format=yyyy-MM-dd D", "timestamp.field=day");
  assert.deepEqual(places(twice, ["2026-11-21 325", "2026-11-21 326", "2026-11-21 366"]), ["odd", "no-such-time 11", "no-such-time 11"]);
});

test("the number is divided before the modulo, and rounded down also before 1970", () => {
  const quarters = routerOf("timestamp.field=minute", "timestamp.divide=15", "outputs=a,b,c,d");
  assert.deepEqual(places(quarters, ["11/20/26 10:00:00", "11/20/26 10:14:59", "11/20/26 10:15:00", "11/20/26 10:59:00"]), [
    "a",
    "a",
    "b",
    "d",
  ]);
  const tens = routerOf("timestamp.format=epoch-seconds", "timestamp.field=epoch-second", "timestamp.divide=10", "outputs=a,b,c");
  assert.deepEqual(places(tens, ["0", "9", "10", "-1", "-10", "-11", "-30", "-31"]), ["a", "a", "b", "c", "c", "b", "a", "c"]);
});

test("a table takes the place of the modulo: ranges that need not touch, of the number after the division", () => {
  const shifts = routerOf("timestamp.field=hour", "outputs=day,night", "table=6-21:day,22-23:night,0-5:night");
  assert.deepEqual(places(shifts, ["11/20/26 05:59:59", "11/20/26 06:00:00", "11/20/26 21:00:00", "11/20/26 22:00:00"]), [
    "night",
    "day",
    "day",
    "night",
  ]);
  const weekend = routerOf("timestamp.field=day-of-week", "outputs=work,rest", "table=7:rest,6:rest,1-5:work");
  assert.deepEqual(places(weekend, ["11/20/26 00:00:00", "11/21/26 00:00:00", "11/22/26 00:00:00"]), ["work", "rest", "rest"]);
  const past = routerOf("timestamp.format=epoch-seconds", "timestamp.field=epoch-second", "timestamp.divide=10", "table=-3--2:even,-1:odd");
  assert.deepEqual(places(past, ["-30", "-11", "-10", "-1", "0", "-31"]), [
    "even",
    "even",
    "odd",
    "odd",
    "not-in-table 0",
    "not-in-table 0",
  ]);
});

test("an output can take what has no place, each with its own prefix", () => {
  const router = routerOf("outputs=a,b,rest", "table=0-29:a,30-58:b", "unroutable=rest", "prefix.rest=? ", "prefix.b=B ");
  const routed = router.routeValues(["11/20/26 10:00:30", "11/20/26 10:00:59", "x", "", "11/20/26 10:00:00"]);
  const texts = routed.outputs.map(({ bytes, ends }) => [Buffer.from(bytes.subarray(0, ends.at(-1) ?? 0)).toString(), ends.length]);
  assert.deepEqual(texts, [
    ["11/20/26 10:00:00", 1],
    ["B 11/20/26 10:00:30", 1],
    ["? 11/20/26 10:00:59? x? ", 3],
  ]);
  assert.deepEqual(routed.unroutable, []);
});

test("a timestamp with an offset is read in the rule's zone, one without is of the zone", () => {
  const hours = ["outputs=a,b,c,d,e,f,g,h", "timestamp.field=hour", "timestamp.format=iso-8601"];
  const values = ["2026-11-21T23:30Z", "2026-11-21T23:30+01:00", "2026-11-21T23:30"];
  assert.deepEqual(places(routerOf(...hours), values), ["h", "g", "h"]);
  assert.deepEqual(places(routerOf(...hours, "timestamp.zone=+01:00"), values), ["a", "h", "h"]);
  assert.deepEqual(places(routerOf(...hours, "timestamp.zone=-0530"), values), ["c", "b", "h"]);
  const days = routerOf("timestamp.format=iso-8601", "timestamp.field=epoch-day", "timestamp.zone=+01");
  assert.deepEqual(places(days, ["1970-01-01T22:59Z", "1970-01-01T23:00Z", "1970-01-01"]), ["even", "odd", "even"]);
});

test("ISO 8601 that ends before the field has no place, and the byte is its end", () => {
  const router = routerOf("timestamp.format=iso-8601");
  assert.deepEqual(places(router, ["2026-11-21", "2026-11-21T10:00", "2026-11-21T10:00+01:00", "2026-11-21 10:00:07"]), [
    "no-field 10",
    "no-field 16",
    "no-field 22",
    "odd",
  ]);
});

test("with the record as source, its own timestamp decides, also by the broker's clock, and the value is not looked at", () => {
  const router = routerOf("timestamp.source=record", "timestamp.field=second");
  const records = [0n, 1000n, 1999n, 2000n, -1n - 5000n].map((timestampDelta, offsetDelta) => ({
    timestampDelta,
    offsetDelta,
    key: null,
    value: offsetDelta === 0 ? bytesOf("") : bytesOf("x"),
    headers: [],
  }));
  const header = { ...PLAIN_HEADER, lastOffsetDelta: 4, baseTimestamp: 5000n, maxTimestamp: 7000n };
  const counts = (attributes: number): readonly number[] => {
    router.openBatches(10_000);
    const { unroutable } = router.routeRecordBatch(encodeBatch({ ...header, attributes, records }));
    const batches = router.finishBatches().map(({ recordCount }) => recordCount);
    assert.ok(unroutable.every(({ reason, byteOffset }) => reason === "no-timestamp" && byteOffset === 0));
    return [...batches, unroutable.length];
  };
  // Seconds 5, 6, 6, 7, and a record that has -1.
  assert.deepEqual(counts(0), [2, 2, 1]);
  // By the broker's clock all have second 7.
  assert.deepEqual(counts(LOG_APPEND_TIME), [5, 0]);
  assert.equal(placeOf(router, "11/20/26 10:00:07"), "no-timestamp 0");
});

const FAULTS: readonly (readonly [line: string, fault: string])[] = [
  ["timestamp.format=", "ROUTER_RULE_BAD_FORMAT 17"],
  ["timestamp.format=iso-860", "ROUTER_RULE_BAD_FORMAT 17"],
  ["timestamp.format=HH:mm:QQ", "ROUTER_RULE_BAD_FORMAT 23"],
  ["timestamp.format=HH:mm:ss HH", "ROUTER_RULE_BAD_FORMAT 26"],
  ["timestamp.format=HHH:ss", "ROUTER_RULE_BAD_FORMAT 17"],
  ["timestamp.format=ss[.SSS]", "ROUTER_RULE_BAD_FORMAT 19"],
  ["timestamp.format=ss'T", "ROUTER_RULE_BAD_FORMAT 19"],
  ["timestamp.format=Hms", "ROUTER_RULE_BAD_FORMAT 18"],
  ["timestamp.format=ss aa", "ROUTER_RULE_BAD_FORMAT 20"],
  ["timestamp.format=ss SSSSSSSSSS", "ROUTER_RULE_BAD_FORMAT 20"],
  ["timestamp.format=ss ZZZZ", "ROUTER_RULE_BAD_FORMAT 20"],
  ["timestamp.format=ss EEEEE", "ROUTER_RULE_BAD_FORMAT 20"],
  [`timestamp.format=ss${"x".repeat(6)}`, "ROUTER_RULE_BAD_FORMAT 19"],
  [`timestamp.format=ss${".".repeat(100)}`, "ROUTER_RULE_BAD_FORMAT 83"],
  ["timestamp.format=HH:mm", "ROUTER_RULE_BAD_FIELD 17"],
  ["timestamp.format=hh:ss XXX", "ROUTER_RULE_BAD_FIELD 17"],
  ["timestamp.field=millisecond", "ROUTER_RULE_BAD_FIELD 16"],
  ["timestamp.field=seconds", "ROUTER_RULE_BAD_FIELD 16"],
  ["timestamp.zone=Europe/Berlin", "ROUTER_RULE_BAD_ZONE 15"],
  ["timestamp.zone=+18:01", "ROUTER_RULE_BAD_ZONE 15"],
  ["timestamp.zone=1", "ROUTER_RULE_BAD_ZONE 15"],
  ["timestamp.zone=+1:00", "ROUTER_RULE_BAD_ZONE 15"],
  ["timestamp.zone=+01:60", "ROUTER_RULE_BAD_ZONE 15"],
  ["timestamp.divide=0", "ROUTER_RULE_BAD_VALUE 17"],
  ["timestamp.divide=-1", "ROUTER_RULE_BAD_VALUE 17"],
  ["timestamp.divide=2147483648", "ROUTER_RULE_BAD_VALUE 17"],
  ["timestamp.divide=1.5", "ROUTER_RULE_BAD_VALUE 17"],
  ["timestamp.source=header", "ROUTER_RULE_BAD_VALUE 17"],
  ["table=", "ROUTER_RULE_BAD_TABLE 6"],
  ["table=0-11:even,", "ROUTER_RULE_BAD_TABLE 16"],
  ["table=0-11:even,11:odd", "ROUTER_RULE_BAD_TABLE 16"],
  ["table=5-4:even", "ROUTER_RULE_BAD_TABLE 6"],
  ["table=0-11:none", "ROUTER_RULE_BAD_TABLE 6"],
  ["table=0-11", "ROUTER_RULE_BAD_TABLE 6"],
  ["table=a:even", "ROUTER_RULE_BAD_TABLE 6"],
  [`table=${Array.from({ length: 65 }, (_, number) => `${number}:even`).join(",")}`, "ROUTER_RULE_BAD_TABLE 508"],
  ["outputs=a", "ROUTER_RULE_BAD_OUTPUTS 8"],
  ["outputs=a,b,c,d,e,f,g,h,i", "ROUTER_RULE_BAD_OUTPUTS 24"],
  ["timestamp.zone=Z\ntimestamp.zone=Z", "ROUTER_RULE_DUPLICATE_KEY 17"],
];

for (const [line, fault] of FAULTS) {
  test(`${line.slice(0, 60)} is refused at its byte`, () => {
    assert.equal(faultOf(line), fault);
  });
}

test("keys of the timestamp rule are unknown to the last-digit rule, and the order of lines does not matter", () => {
  assert.throws(() => new Router(coreModule(), "timestamp.field=hour"), { code: "ROUTER_RULE_UNKNOWN_KEY", ruleOffset: 0 });
  assert.equal(
    placeOf(new Router(coreModule(), "table=5:x,6:y\ntimestamp.field=hour\noutputs=x,y\nrule=timestamp"), "11/20/26 05:00:00"),
    "x",
  );
});

test("a rule of more outputs than there is room for is refused until there is", () => {
  const core = CoreInstance.ready(100, 1000, 10);
  assert.equal(core.configure("rule=timestamp\noutputs=a,b,c"), "Ok");
  assert.equal(core.nameOf(core.exports.routeValues(0, 1)), "OutOfRange");
  assert.equal(core.openBatches(1000), "OutOfRange");
  assert.equal(core.reserve(100, 1000, 10), "Ok");
  assert.equal(core.openBatches(1000), "Ok");
});

test("a rule knows nothing of the timestamps of the one before", () => {
  const core = new CoreInstance();
  const input = bytesOf("11/20/26 10:00:07");
  assert.equal(
    core.configure("rule=timestamp\ntimestamp.format=iso-8601\ntimestamp.field=hour\ntimestamp.zone=+01\ntable=1:odd\ntimestamp.divide=7"),
    "Ok",
  );
  assert.equal(core.configure("rule=timestamp"), "Ok");
  assert.equal(core.reserve(100, 1000, 10), "Ok");
  core.writeInput(0, input);
  core.writeValueTable([[0, input.length]]);
  assert.equal(core.nameOf(core.exports.routeValues(0, 1)), "Ok");
  assert.equal(core.exports.outputValueCount(1), 1);
});

test("without a name the rule is last-digit again, whatever the one before was", () => {
  const core = CoreInstance.ready(100, 1000, 10);
  assert.equal(core.configure("rule=timestamp"), "Ok");
  assert.equal(core.configure(""), "Ok");
  core.writeInput(0, bytesOf("4"));
  core.writeValueTable([[0, 1]]);
  assert.equal(core.nameOf(core.exports.routeValues(0, 1)), "Ok");
  assert.equal(core.exports.outputValueCount(0), 1);
});

test("every fourth year has a 29 February, but for three of four centuries", () => {
  const router = routerOf("timestamp.format=iso-8601", "timestamp.field=day");
  const days = ["2024-02-29", "2000-02-29", "1600-02-29", "1900-02-29", "2100-02-29", "2023-02-29"];
  assert.deepEqual(places(router, days), ["odd", "odd", "odd", "no-such-time 8", "no-such-time 8", "no-such-time 8"]);
});

test("a number of the epoch that 64 bits can't hold is none, from behind its last byte on", () => {
  const router = routerOf("timestamp.format=epoch-nanos", "timestamp.field=epoch-day");
  const values = ["9223372036854775807", "x", "9223372036854775808", "-9223372036854775808"];
  assert.deepEqual(places(router, values), ["odd", "not-a-timestamp 0", "not-a-timestamp 19", "not-a-timestamp 20"]);
});
