/** What the page says of a value, judged by JavaScript's own calendar and by the recipes of the documentation. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import { explain } from "../../hosts/browser/explain.ts";
import { formatTime } from "../../hosts/browser/format-time.ts";
import { bytesOfField, fieldOf } from "../../hosts/browser/probe.ts";
import { RECIPES } from "../../hosts/browser/recipes.ts";
import { openRouting, type Routing } from "../../hosts/browser/routing.ts";
import type { RuleProperties } from "../../hosts/rule.ts";
import { bytesOf } from "../bytes.ts";
import { coreModule } from "../core-module.ts";
import { check } from "../property.ts";

function routingOf(rule: RuleProperties): Routing {
  const opened = openRouting(coreModule(), rule);
  assert.ok("router" in opened, JSON.stringify(opened));
  return opened;
}

function timestampRule(format: string, field: string, more: RuleProperties = {}): Routing {
  return routingOf({ "router.rule": "timestamp", "router.timestamp.format": format, "router.timestamp.field": field, ...more });
}

function faultOf(rule: RuleProperties): unknown {
  const opened = openRouting(coreModule(), rule);
  return "router" in opened ? null : [opened.property, opened.message.split(":")[0]];
}

const DAY_MS = 86_400_000;
/** The fields of a time in UTC, by JavaScript's calendar. */
const FIELDS: Readonly<Record<string, (time: Date) => number>> = {
  millisecond: (time) => time.getUTCMilliseconds(),
  second: (time) => time.getUTCSeconds(),
  minute: (time) => time.getUTCMinutes(),
  hour: (time) => time.getUTCHours(),
  day: (time) => time.getUTCDate(),
  "day-of-week": (time) => time.getUTCDay() || 7,
  "day-of-year": (time) => Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / DAY_MS) + 1,
  month: (time) => time.getUTCMonth() + 1,
  year: (time) => time.getUTCFullYear(),
  "epoch-second": (time) => Math.floor(time.getTime() / 1000),
  "epoch-minute": (time) => Math.floor(time.getTime() / 60_000),
  "epoch-hour": (time) => Math.floor(time.getTime() / 3_600_000),
  "epoch-day": (time) => Math.floor(time.getTime() / DAY_MS),
};

/** Times of years with four digits from 1000 on, which a Date takes as they are. */
const TIMES = fc.date({ min: new Date("1000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true });

for (const [field, fieldOfDate] of Object.entries(FIELDS)) {
  test(`the ${field} that the page finds is the calendar's`, () => {
    const iso = timestampRule("iso-8601", field);
    const millis = timestampRule("epoch-millis", field);
    check(
      fc.property(TIMES, (time) => {
        const expected = BigInt(fieldOfDate(time));
        assert.equal(fieldOf(iso, bytesOf(time.toISOString())), expected);
        assert.equal(fieldOf(millis, bytesOf(String(time.getTime()))), expected);
      }),
      0.1,
    );
  });
}

test("the farthest times from 1970 have a field as well", () => {
  const routing = timestampRule("epoch-seconds", "epoch-second");
  for (const seconds of ["-31557014167219200", "31556889864403199", "-1", "0"]) {
    assert.equal(fieldOf(routing, bytesOf(seconds)), BigInt(seconds));
  }
  assert.equal(fieldOf(routing, bytesOf("31556889864403200")), null);
});

/** A value, with a caret under each byte that the field hangs on. */
const DECIDING: readonly (readonly [format: string, field: string, value: string, carets: string])[] = [
  ["MM/dd/yy HH:mm:ss", "second", "11/21/26 10:15:07", "               ^^"],
  ["MM/dd/yy HH:mm:ss", "month", "07/21/26 10:15:07", "^^               "],
  ["MM/dd/yy HH:mm:ss", "hour", "07/21/26 00:15:07", "         ^^      "],
  ["iso-8601", "day-of-week", "1969-07-20T20:17:40Z", "^^^^ ^^ ^^          "],
  ["iso-8601", "hour", "2026-11-21T10:15:37+02:00", "           ^^      ^^^ ^ "],
  ["yyyyMMdd", "day", "20261130", "      ^^"],
  ["d MMMM yyyy", "month", "7 March 2026", "  ^^^^^     "],
  ["hh:mm:ss a", "hour", "05:56:36 PM", "^^       ^^"],
];

for (const [format, field, value, carets] of DECIDING) {
  test(`of ${value}, as ${format}, the ${field} hangs on the bytes below which there is a caret`, () => {
    const bytes = bytesOfField(timestampRule(format, field), bytesOf(value));
    assert.equal(Array.from(value, (_, index) => (bytes.has(index) ? "^" : " ")).join(""), carets);
  });
}

const PAGE = readFileSync(new URL("../../docs/timestamps.md", import.meta.url), "utf8");
const RECIPE = /^```properties\n(.+?)^```\n\n```text\n(.+?)^```$/gmsu;

test("the number, divided and taken modulo or looked up, leads to the output that the core has chosen", () => {
  let values = 0;
  for (const [, properties = "", lines = ""] of PAGE.matchAll(RECIPE)) {
    const pairs = properties
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
    const routing = routingOf(Object.fromEntries(pairs) as RuleProperties);
    for (const line of lines.trimEnd().split("\n")) {
      const [value = "", place = ""] = line.split(/ {2,}/u);
      const { output, fault, steps } = explain(routing, bytesOf(value));
      const end = steps.at(-1) ?? "";
      values++;
      if (output === null) assert.equal(`unroutable: ${/\((.+)\)$/u.exec(steps.at(-2) ?? "")?.[1]} at byte ${fault}`, place);
      else if (fault === null) assert.match(end, new RegExp(`goes to (?:output \\d, )?${place}\\.$`, "u"), value);
      else assert.equal(end, `What can't be routed goes to ${place}. (router.unroutable)`);
      const [, rest] = /modulo \d+ outputs is (\d+)/u.exec(end) ?? [];
      if (rest !== undefined) assert.equal(routing.router.outputs[Number(rest)], output);
    }
  }
  assert.equal(
    values,
    PAGE.match(/^```text\n[\s\S]+?^```$/gmu)?.reduce((sum, block) => sum + block.split("\n").length - 2, 0),
  );
});

test("each step is told: the field, what it is divided by, and the remainder or the range", () => {
  const quarters = timestampRule("MM/dd/yy HH:mm:ss", "minute", { "router.timestamp.divide": "15", "router.outputs": "q1,q2,q3,q4" });
  assert.deepEqual(explain(quarters, bytesOf("11/20/26 10:59:59")).steps, [
    "Read as MM/dd/yy HH:mm:ss, its minute is 59.",
    "59 divided by 15, rounded down, is 3.",
    "3 modulo 4 outputs is 3: it goes to output 3, q4.",
  ]);
  const shifts = timestampRule("epoch-millis", "hour", { "router.timestamp.zone": "+01:00", "router.table": "6-21:even,22-23:odd" });
  assert.deepEqual(explain(shifts, bytesOf("1795237200000")).steps, [
    "Read as epoch-millis, in the zone +01:00, its hour is 6.",
    "In the table, 6-21:even has 6: it goes to even.",
  ]);
  assert.equal(explain(shifts, bytesOf("1795291200000")).steps[1], "In the table, 6-21:even has 21: it goes to even.");
  assert.deepEqual(explain(shifts, bytesOf("1795222800000")).steps, [
    "Read as epoch-millis, in the zone +01:00, its hour is 2.",
    "The table has no range for this number. (not-in-table)",
    "It is left out, counted and logged. (router.unroutable)",
  ]);
  const before = timestampRule("epoch-seconds", "epoch-second", { "router.timestamp.divide": "2" });
  assert.deepEqual(explain(before, bytesOf("-3")).steps.slice(1), [
    "-3 divided by 2, rounded down, is -2.",
    "-2 modulo 2 outputs is 0: it goes to output 0, even.",
  ]);
});

test("of properties that are not set, the explanation tells what holds without them", () => {
  assert.deepEqual(explain(routingOf({ "router.rule": "timestamp" }), bytesOf("11/20/26 10:59:37")).steps, [
    "Read as MM/dd/yy HH:mm:ss, its second is 37.",
    "37 modulo 2 outputs is 1: it goes to output 1, odd.",
  ]);
});

test("the last digit is the last byte, and what is none says at which byte", () => {
  const routing = routingOf({});
  const even = explain(routing, bytesOf("a8"));
  assert.deepEqual([even.output, [...even.deciding], even.fault], ["even", [1], null]);
  assert.deepEqual(even.steps, ["The last byte, number 1, is 38: the digit 8.", "8 modulo 2 outputs is 0: it goes to output 0, even."]);
  assert.equal(new TextDecoder().decode(even.prefix), "Even timestamp: ");
  const refused = explain(routing, bytesOf("noon"));
  assert.deepEqual([refused.output, refused.fault, refused.deciding.size], [null, 3, 0]);
  assert.equal(refused.steps[0], "Its last byte is no digit. That shows at byte 3. (not-a-digit)");
});

test("a record's own timestamp is nothing that a pasted value could have", () => {
  const { output, steps } = explain(timestampRule("iso-8601", "hour", { "router.timestamp.source": "record" }), bytesOf("2026-11-21"));
  assert.equal(output, null);
  assert.match(steps[0] ?? "", /\(no-timestamp\)$/u);
});

test("a fault of a rule is told with its property and place", () => {
  assert.deepEqual(faultOf({ "router.rule": "timestamp", "router.timestamp.field": "week" }), ["router.timestamp.field", "character 1"]);
  assert.deepEqual(faultOf({ "router.prefix.even": String.raw`ab\q` }), ["router.prefix.even", "character 3"]);
  assert.equal(faultOf({ "router.outputs": "a,b" }), null);
});

test("the time is streamed in every format that the recipes read, and the router takes it", () => {
  const time = new Date("2026-11-21T10:15:36Z");
  for (const { title, rule } of RECIPES) {
    const value = formatTime(rule["router.timestamp.format"] ?? "MM/dd/yy HH:mm:ss", time);
    assert.ok("output" in routingOf(rule).router.route(value), `${title}: ${value}`);
  }
  assert.equal(formatTime("hh:mm a", new Date("2026-11-21T12:05:00Z")), "12:05 PM");
  const formats = [
    "u-MMM-dd'T'hh a, E D SSS",
    "EEEE, d MMMM yy h 'o''clock' X",
    "HHmmss xxx Z",
    "epoch-nanos",
    "epoch-micros",
    "epoch-seconds",
  ];
  assert.deepEqual(
    formats.map((format) => formatTime(format, time)),
    [
      "2026-Nov-21T10 AM, Sat 325 000",
      "Saturday, 21 November 26 10 o'clock Z",
      "101536 +00:00 +0000",
      "1795256136000000000",
      "1795256136000000",
      "1795256136",
    ],
  );
});
