/** What the module within the component does with arguments that no well-meaning caller sends: it answers, and goes on. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bytesOf, joined, literalOf } from "../bytes.ts";
import { hostileBatch } from "../hostile-batches.ts";
import { check } from "../property.ts";
import { RuleFault, parseRule } from "../rule-model.ts";
import { Guest } from "./guest.ts";

// The numbers of errors, as in the WIT.
const RULE_ERRORS = ["Syntax", "UnknownKey", "DuplicateKey", "UnknownRule", "BadOutputs", "UnknownOutput", "PrefixTooLong"]
  .concat("BadEscape", "Order", "TooLong", "BadUnroutable")
  .map((name) => `Rule${name}`);
/** The core's other faults, of the timestamp rule, lie between. */
const TOO_MANY_ROUTERS = 16;
const VALUE_ENDS = 0;
const OUT_OF_RANGE = 1;
const OUT_OF_MEMORY = 2;
const BATCH_OUT_OF_RANGE = 10;
const BATCH_OUT_OF_MEMORY = 11;
const RECORDS_MAX = 16_777_216;
const MEGABYTE = 1 << 20;
const EIGHT_OUTPUTS = "rule=timestamp\noutputs=a,b,c,d,e,f,g,h\nunroutable=h";

/** Returns a guest and its router of a rule. */
function ready(rule = ""): readonly [Guest, number] {
  const guest = new Guest();
  const router = guest.create(bytesOf(rule));
  assert.ok(typeof router === "number");
  return [guest, router];
}

/** Demands that a guest still routes. */
function demandAlive(guest: Guest, router: number): void {
  const value = guest.route(router, guest.list(bytesOf("12:07")));
  assert.ok(typeof value !== "number");
  assert.equal(literalOf(value), `"Odd timestamp:12:07"`);
}

test("any bytes as rule text make a router, or the fault that the model finds, where it finds it", () => {
  const keys = fc.constantFrom("rule=last-digit\n", "outputs=a,b\n", "prefix.a=", "prefix.even=\\x", "unroutable=", "=", "\n", ",", "\xff");
  const text = fc
    .array(
      fc.oneof(
        keys.map((key) => Buffer.from(key, "latin1")),
        fc.uint8Array({ maxLength: 5 }),
      ),
      { maxLength: 8 },
    )
    .map((parts) => Uint8Array.from(Buffer.concat(parts)));
  const long = fc.constantFrom(16_384, 16_385, 70_000).map((length) => new Uint8Array(length).fill(0x0a));
  const guest = new Guest();
  const router = guest.create(bytesOf(""));
  assert.ok(typeof router === "number");
  check(
    fc.property(fc.oneof({ weight: 20, arbitrary: text }, { weight: 1, arbitrary: long }), (rule) => {
      const created = new Guest().create(rule);
      try {
        parseRule(rule);
        assert.ok(typeof created === "number");
      } catch (error) {
        if (!(error instanceof RuleFault)) throw error;
        assert.deepEqual(created, [RULE_ERRORS.indexOf(error.status), error.at]);
        assert.deepEqual(guest.create(rule), created);
        demandAlive(guest, router);
      }
    }),
    5,
  );
});

const letters = fc.constantFrom(..."u y M d D H h m s S a E X x Z T 0 é ' [ ] . : / yyyy MMM dd HH mm ss SSS XXX".split(" "));
const number = fc.oneof(fc.integer({ min: -70, max: 70 }), fc.bigInt({ min: -(1n << 64n), max: 1n << 64n }));

/** Lines of the timestamp rule, of which about half make one. */
const timestampRule = fc
  .record(
    {
      format: fc.oneof(
        { weight: 1, arbitrary: fc.array(letters, { minLength: 1, maxLength: 9 }).map((parts) => parts.join("")) },
        { weight: 3, arbitrary: fc.constantFrom("iso-8601", "epoch-seconds", "epoch-nanos", "MM/dd/yy HH:mm:ss", "u-M-d'T'H:m:s.SSSX") },
      ),
      field: fc.constantFrom("second", "hour", "day", "day-of-week", "day-of-year", "month", "year", "epoch-day", "epoch-second", "week"),
      zone: fc.constantFrom("Z", "+18:00", "-18", "+0530", "+05", "+18:01"),
      divide: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 70 }) }, { weight: 1, arbitrary: number }),
    },
    { requiredKeys: ["format"] },
  )
  .map((keys) =>
    Object.entries(keys)
      .map(([key, value]) => `timestamp.${key}=${value}`)
      .join("\n"),
  );
const table = fc.tuple(number, number).map(([least, greatest]) => `\ntable=${least}-${greatest}:h`);
const noTable = fc.constant("");
const anyRule = fc
  .tuple(timestampRule, fc.oneof(noTable, noTable, noTable, table))
  .map((lines) => `rule=timestamp\noutputs=a,b,c,d,e,f,g,h\n${lines.join("")}`);

const stampParts = fc.oneof(fc.nat(99).map(String), fc.constantFrom(..."- + : . / T Z am Mon January 2026 11/20/26".split(" ")), letters);
const anyStamp = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.array(stampParts, { maxLength: 12 }).map((parts) => bytesOf(parts.join(""))),
  fc.date({ noInvalidDate: true }).map((date) => bytesOf(date.toISOString())),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => bytesOf(date.toISOString().slice(0, 19))),
  fc.bigInt({ min: -(1n << 64n), max: 1n << 64n }).map((one) => bytesOf(String(one))),
  fc
    .constantFrom("9".repeat(600), "-9223372036854775808", "9223372036854775807", "+999999999-12-31T23:59:59", "11/20/26 10:00:07")
    .map(bytesOf),
);

test("any rule of the timestamp and any values are answered, one by one as packed, and the guest goes on", () => {
  const [guest, router] = ready();
  check(
    fc.property(anyRule, fc.array(anyStamp, { maxLength: 8 }), (rule, values) => {
      const created = guest.create(bytesOf(rule));
      if (typeof created === "number") {
        const decisions = values.map((one) => guest.route(created, guest.list(one)));
        let end = 0;
        const ends = guest.words(values.map(({ length }) => (end += length)));
        const packed = guest.routePackedValues(created, guest.list(joined(values)), ends);
        assert.ok(typeof packed !== "number" && packed.length === 8);
        assert.equal(joined(packed).length, joined(decisions.filter((one) => typeof one !== "number")).length);
        guest.drop(created);
      } else {
        assert.ok(created[0] >= RULE_ERRORS.length && created[0] < TOO_MANY_ROUTERS, `error ${created[0]}`);
      }
      demandAlive(guest, router);
    }),
    10,
  );
});

test("whatever the ends, values are routed when they rise within the bytes, and refused when not", () => {
  const [guest, router] = ready("prefix.even=\nprefix.odd=");
  const end = fc.oneof(fc.nat(12), fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff));
  const ends = fc.oneof(
    fc.array(end, { maxLength: 6 }),
    fc.array(fc.nat(10), { maxLength: 6 }).map((list) => list.toSorted((left, right) => left - right)),
  );
  check(
    fc.property(ends, (list) => {
      const routed = guest.routePackedValues(router, guest.list(bytesOf("0123456789")), guest.words(list));
      if (list.every((one, index) => one >= (list[index - 1] ?? 0) && one <= 10)) {
        assert.ok(typeof routed !== "number");
        const values = list.map((one, index) => "0123456789".slice(list[index - 1] ?? 0, one));
        const ofParity = (parity: number): string => values.filter((value) => value !== "" && Number(value.at(-1)) % 2 === parity).join("");
        assert.deepEqual(
          routed.map(literalOf),
          [0, 1].map((parity) => literalOf(bytesOf(ofParity(parity)))),
        );
      } else {
        assert.equal(routed, VALUE_ENDS);
      }
    }),
    5,
  );
});

test("a count that no memory could hold is out of range, and so are bytes", () => {
  // Without prefixes the count alone is too much.
  const [guest, router] = ready("prefix.even=\nprefix.odd=");
  const few = guest.list(bytesOf("4"));
  assert.equal(guest.routePackedValues(router, few, [4, RECORDS_MAX + 1]), OUT_OF_RANGE);
  assert.equal(guest.routePackedValues(router, few, [4, 0xffffffff]), OUT_OF_RANGE);
  assert.equal(guest.routePackedValues(router, [0, 0xffffffff], [4, 1]), OUT_OF_RANGE);
  assert.equal(guest.routePackedValues(router, [0, 256 * MEGABYTE + 1], [4, 1]), OUT_OF_RANGE);
  assert.equal(guest.routeRecordBatch(router, [0, 256 * MEGABYTE + 1], 0n, 1000, false), BATCH_OUT_OF_RANGE);
  assert.equal(guest.routeRecordBatch(router, [0, 0xffffffff], 0n, 1000, false), BATCH_OUT_OF_RANGE);
  assert.deepEqual(guest.route(router, guest.list(bytesOf("7"))), bytesOf("7"));
});

test("outputs that the memory can't hold are refused, and the next call finds room", () => {
  const [guest, router] = ready();
  const bytes = guest.realloc(0, 0, 1, 700 * MEGABYTE);
  assert.equal(guest.routePackedValues(router, [bytes, 255 * MEGABYTE], guest.words([1])), OUT_OF_MEMORY);
  const batch = guest.realloc(0, 0, 1, 700 * MEGABYTE);
  assert.equal(guest.routeRecordBatch(router, [batch, 255 * MEGABYTE], 0n, 0xffffffff, false), BATCH_OUT_OF_MEMORY);
  demandAlive(guest, router);
});

test("an empty list may be anywhere, also at the first address", () => {
  const [guest, router] = ready();
  assert.equal(guest.route(router, [0, 0]), 1);
  assert.deepEqual(guest.routePackedValues(router, [0, 0], [0, 0])?.valueOf(), [new Uint8Array(0), new Uint8Array(0)]);
  assert.deepEqual(guest.routePackedValues(router, [0, 0], guest.words([0])), [new Uint8Array(0), new Uint8Array(0)]);
  assert.equal(guest.routeRecordBatch(router, [0, 0], 0n, 0, false), 0);
  const other = guest.create(bytesOf("unroutable=odd"));
  assert.ok(typeof other === "number");
  assert.deepEqual(guest.route(other, [0, 0]), bytesOf("Odd timestamp:"));
  const stamped = guest.create(bytesOf(`${EIGHT_OUTPUTS}\nprefix.h=${"p".repeat(255)}`));
  assert.ok(typeof stamped === "number");
  assert.deepEqual(guest.route(stamped, [0, 0]), bytesOf("p".repeat(255)));
  demandAlive(guest, router);
});

test("a value is routed wherever it fits as an argument, however many outputs there are", () => {
  for (const [rule, prefix] of [
    ["", "Odd timestamp:"],
    [`${EIGHT_OUTPUTS}\nprefix.h=h `, "h "],
  ] as const) {
    const [guest, router] = ready(rule);
    guest.realloc(0, 0, 1, 1000 * MEGABYTE);
    const value = new Uint8Array(20 * MEGABYTE).fill(0x37);
    const routed = guest.route(router, guest.list(value));
    assert.ok(typeof routed !== "number");
    assert.ok(Buffer.concat([bytesOf(prefix), value]).equals(routed));
  }
});

test("a value that ends where the memory does has room for the longest prefix", () => {
  const [guest, router] = ready(`prefix.odd=${"p".repeat(255)}`);
  const { length } = guest.memory;
  const [start] = guest.list(bytesOf(""));
  const routed = guest.route(router, guest.list(bytesOf("7".repeat(length - start))));
  assert.ok(typeof routed !== "number");
  assert.equal(Buffer.from(routed).toString(), "p".repeat(255) + "7".repeat(length - start));
});

test("a host that goes on after an argument that the memory can't hold has all of it", () => {
  const [guest, router] = ready();
  guest.realloc(0, 0, 1, 700 * MEGABYTE);
  assert.throws(() => guest.realloc(0, 0, 1, 700 * MEGABYTE), WebAssembly.RuntimeError);
  guest.realloc(0, 0, 1, 700 * MEGABYTE);
  demandAlive(guest, router);
});

test("no value is a tombstone", () => {
  const [guest, router] = ready();
  assert.equal(guest.route(router, null), 0);
});

test("hostile batches are answered, and the guest goes on", () => {
  const [guest, router] = ready();
  check(
    fc.property(
      hostileBatch,
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      fc.nat(5000),
      fc.boolean(),
      (bytes, from, max, verified) => {
        const error = guest.routeRecordBatch(router, guest.list(bytes), from, max, verified);
        assert.ok(error === null || error < BATCH_OUT_OF_RANGE);
        demandAlive(guest, router);
      },
    ),
    5,
  );
});

test("an argument whose size changes keeps its bytes, in place when it is the last one", () => {
  const guest = new Guest();
  const [first] = guest.list(bytesOf("first"));
  assert.equal(guest.realloc(first, 5, 1, 9), first);
  const [second] = guest.list(bytesOf("second"));
  assert.equal(second, first + 9);
  const moved = guest.realloc(first, 9, 8, 100_000);
  assert.ok(moved >= second + 6 && moved % 8 === 0);
  assert.equal(Buffer.from(guest.memory.subarray(moved, moved + 5)).toString(), "first");
  assert.equal(Buffer.from(guest.memory.subarray(second, second + 6)).toString(), "second");
});

test("the memory stays what the largest call made it", () => {
  const [guest, router] = ready();
  const values = "4567".repeat(5000);
  const call = (): unknown =>
    guest.routePackedValues(router, guest.list(bytesOf(values)), guest.words(Array.from(values, (_, index) => index + 1)));
  call();
  const { length } = guest.memory;
  for (let calls = 0; calls < 50; calls++) call();
  for (let calls = 0; calls < 20_000; calls++) guest.route(router, guest.list(bytesOf("12:07")));
  assert.equal(guest.memory.length, length);
});
