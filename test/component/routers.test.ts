/** Several routers in one instance: each keeps its own rule, however calls to them come. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { routing } from "../../build/component/timestamp-router.js";
import * as arbitraries from "../arbitraries.ts";
import { bytesOf } from "../bytes.ts";
import type { ModelRule } from "../model.ts";
import { DEFAULT_RULE, decide } from "../model.ts";
import { check } from "../property.ts";
import { ruleText } from "../rule-model.ts";

const { Router } = routing;
type Router = ReturnType<typeof Router.create>;

const ROUTERS_MAX = 64;

/** The types of the JavaScript leave this out. */
function drop(router: Router): void {
  (router as unknown as Disposable)[Symbol.dispose]();
}

/** Returns where a router sends a value and as what, or the reason why it does not. */
function decisionOf(router: Router, value: Uint8Array | null): unknown {
  try {
    const { output, value: routed } = router.route(value ?? undefined);
    return { output, value: Buffer.from(routed) };
  } catch (error) {
    return (error as { readonly payload: unknown }).payload;
  }
}

function expectedDecisionOf(rule: ModelRule, value: Uint8Array | null): unknown {
  const decision = decide(rule, value);
  return "output" in decision ? { output: decision.output, value: Buffer.from(decision.value) } : decision.reason;
}

function payloadOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as { readonly payload: unknown }).payload;
  }
  return assert.fail("it was no error");
}

test("routers keep their own rules, however they are made, used and dropped in between", () => {
  const step = fc.oneof(
    { weight: 2, arbitrary: fc.record({ make: fc.oneof(arbitraries.rule, fc.constant(null)) }) },
    { weight: 1, arbitrary: fc.record({ drop: fc.nat() }) },
    { weight: 8, arbitrary: fc.record({ use: fc.nat(), value: arbitraries.value }) },
  );
  check(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const made: [Router, ModelRule][] = [];
      for (const one of steps) {
        if ("make" in one) {
          // A rule with a fault leaves the others alone.
          if (one.make === null)
            assert.deepEqual(
              payloadOf(() => Router.create("outputs=a,")),
              { error: "rule-bad-outputs", offset: 10 },
            );
          else made.push([Router.create(ruleText(one.make)), one.make]);
        } else if (made.length > 0) {
          const index = ("drop" in one ? one.drop : one.use) % made.length;
          const [router, rule] = made[index] ?? assert.fail();
          if ("drop" in one) {
            drop(router);
            made.splice(index, 1);
          } else {
            assert.deepEqual(decisionOf(router, one.value), expectedDecisionOf(rule, one.value));
          }
        }
      }
      for (const [router, rule] of made) {
        assert.deepEqual(
          router.outputs(),
          rule.outputs.map(({ name }) => name),
        );
        drop(router);
      }
    }),
  );
});

test(`an instance has ${ROUTERS_MAX} routers at a time, each with its own rule, and one that is dropped makes room for another`, () => {
  const routers = Array.from({ length: ROUTERS_MAX }, (_, index) => Router.create(`prefix.even=${index} `));
  assert.deepEqual(
    payloadOf(() => Router.create("")),
    { error: "too-many-routers", offset: 0 },
  );
  drop(routers.splice(40, 1)[0] ?? assert.fail());
  routers.splice(40, 0, Router.create("prefix.even=40 "));
  assert.deepEqual(
    payloadOf(() => Router.create("")),
    { error: "too-many-routers", offset: 0 },
  );
  // Longer than all that a router has, so that a call writes over whatever router lies where its arguments do.
  const value = "4".repeat(10_000);
  for (const [index, router] of routers.entries()) {
    const { outputs } = router.routePackedValues({ bytes: bytesOf(value), ends: Uint32Array.of(value.length) });
    assert.equal(Buffer.from(outputs[0]?.bytes ?? []).toString(), `${index} ${value}`);
  }
  for (const router of routers) drop(router);
});

test("a router without a rule of its own is the default one, also after others", () => {
  const other = Router.create("outputs=a,b\nprefix.a=A\nprefix.b=B\nunroutable=b");
  const router = Router.create("");
  for (const value of ["4", "5", "x", ""].map(bytesOf)) {
    assert.deepEqual(decisionOf(router, value), expectedDecisionOf(DEFAULT_RULE, value));
  }
  assert.deepEqual(decisionOf(other, bytesOf("x")), { output: 1, value: Buffer.from("Bx") });
  for (const one of [router, other]) drop(one);
});

test("a router that is dropped can't be used", () => {
  const router = Router.create("");
  drop(router);
  assert.throws(() => router.outputs(), TypeError);
});

test("an error is an Error whose payload says what it is", () => {
  const router = Router.create("");
  assert.throws(
    () => router.route(bytesOf("x")),
    (error) => error instanceof Error && error.message === "not-a-digit" && "payload" in error && error.payload === "not-a-digit",
  );
  assert.deepEqual(
    payloadOf(() => Router.create("rule=é")),
    { error: "rule-unknown-rule", offset: 5 },
  );
  drop(router);
});
