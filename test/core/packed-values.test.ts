/** Values as callers may hand them over: end to end, as text, or as something that is no value at all. */
import assert from "node:assert/strict";
import test from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Router } from "../../hosts/embed.ts";
import type { PackedValues, RoutedValues } from "../../hosts/routed.ts";
import type { Value } from "../../hosts/value.ts";
import * as arbitraries from "../arbitraries.ts";
import { bytesOf, joined } from "../bytes.ts";
import { coreModule } from "../core-module.ts";
import { check } from "../property.ts";
import { ruleText } from "../rule-model.ts";

function packedOf(values: readonly Uint8Array[]): PackedValues {
  let end = 0;
  return { bytes: joined(values), ends: Uint32Array.from(values, ({ length }) => (end += length)) };
}

function copied({ outputs, unroutable }: RoutedValues): RoutedValues {
  return { outputs: outputs.map(({ bytes, ends }) => ({ bytes: bytes.slice(), ends: ends.slice() })), unroutable };
}

test("packed values are routed as the same values in a list are, call after call", () => {
  const values = fc.array(arbitraries.value, { maxLength: 40 }).map((list) => list.filter((value) => value !== null));
  check(
    fc.property(arbitraries.rule, fc.array(values, { maxLength: 3 }), (rule, lists) => {
      const router = new Router(coreModule(), ruleText(rule));
      for (const list of lists) {
        const expected = copied(router.routeValues(list));
        assert.deepEqual(copied(router.routePackedValues(packedOf(list))), expected);
      }
    }),
    2,
  );
});

test("ends that fall, or pass the end of the bytes, are refused, also where an earlier call left room for them", () => {
  const router = new Router(coreModule());
  router.routeValues([new Uint8Array(1000)]);
  const bytes = bytesOf("1234");
  for (const ends of [[4, 3], [3, 2, 4], [5], [0xffffffff]]) {
    assert.throws(() => router.routePackedValues({ bytes, ends: Uint32Array.from(ends) }), { code: "ROUTER_VALUE_ENDS" });
  }
  // As one who writes no types may call it.
  assert.throws(() => router.routePackedValues({ bytes, ends: [NaN, 4] as unknown as Uint32Array }), { code: "ROUTER_VALUE_ENDS" });
  assert.equal(router.routePackedValues({ bytes, ends: Uint32Array.of(4) }).outputs[0]?.ends.length, 1);
});

test("bytes behind the last end belong to no value", () => {
  const { outputs, unroutable } = new Router(coreModule()).routePackedValues({ bytes: bytesOf("12x"), ends: Uint32Array.of(1, 2) });
  assert.deepEqual(
    outputs.map(({ ends }) => ends.length),
    [1, 1],
  );
  assert.deepEqual(unroutable, []);
});

test("text is routed as its UTF-8 is, alone and in a list", () => {
  const router = new Router(coreModule());
  const text = "✓ 07";
  const decision = router.route(text);
  assert.deepEqual(decision, router.route(bytesOf(text)));
  assert.ok("value" in decision);
  assert.deepEqual(router.routeValues([text, null]).outputs[1]?.bytes.slice(), decision.value);
  assert.deepEqual(router.route(""), { reason: "empty", byteOffset: 0 });
});

test("bytes of another realm are bytes", () => {
  const foreign = runInNewContext("Uint8Array.of(0x37)") as Uint8Array;
  assert.ok(!(foreign instanceof Uint8Array));
  const decision = new Router(coreModule()).route(foreign);
  assert.equal("output" in decision && decision.output, "odd");
});

test("what is no value is refused, not taken for an empty one", () => {
  const router = new Router(coreModule());
  for (const wrong of [undefined, 7, {}, [0x37], new ArrayBuffer(1), new Uint16Array(1), new DataView(new ArrayBuffer(1))]) {
    assert.throws(() => router.route(wrong as unknown as Value), { name: "RouterError", code: "ROUTER_VALUE_TYPE" });
    assert.throws(() => router.routeValues([wrong as unknown as Value]), { code: "ROUTER_VALUE_TYPE" });
  }
});

test("a module that is no core is refused by a code", () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  assert.throws(() => new Router(empty), { name: "RouterError", code: "ROUTER_ABI_VERSION" });
});
