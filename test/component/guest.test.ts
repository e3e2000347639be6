/** What the module within the component does with arguments that no well-meaning caller sends: it answers, and goes on. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bytesOf, literalOf } from "../bytes.ts";
import { hostileBatch } from "../hostile-batches.ts";
import { check } from "../property.ts";
import { RuleFault, parseRule } from "../rule-model.ts";
import { Guest } from "./guest.ts";

// The numbers of errors, as in the WIT.
const RULE_ERRORS = ["Syntax", "UnknownKey", "DuplicateKey", "UnknownRule", "BadOutputs", "UnknownOutput", "PrefixTooLong"]
  .concat("BadEscape", "Order", "TooLong", "BadUnroutable")
  .map((name) => `Rule${name}`);
const VALUE_ENDS = 0;
const OUT_OF_RANGE = 1;
const OUT_OF_MEMORY = 2;
const BATCH_OUT_OF_RANGE = 10;
const BATCH_OUT_OF_MEMORY = 11;
const RECORDS_MAX = 16_777_216;
const MEGABYTE = 1 << 20;

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
  assert.equal(guest.routeRecordBatch(router, [0, 0], 0n, 0, false), 0);
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
