/** The router under wasmtime, with the broker's limits: it does there what it does in the host of the tests, and its fuel is counted. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import * as arbitraries from "../arbitraries.ts";
import { batchOf } from "../batches.ts";
import { readCases } from "../case-text.ts";
import type { Target } from "../conformance.ts";
import { runConformance } from "../conformance.ts";
import { checkAsync } from "../property.ts";
import { CONTROL } from "../record-batch.ts";
import { wasmtimeMissing } from "../wasmtime.ts";
import { assemble } from "./assembler.ts";
import type { Deployment } from "./deployment.ts";
import { runOnce } from "./drivers.ts";
import { PAGE_BYTES } from "./engine-checks.ts";
import { Guest } from "./guest.ts";
import { REFUSED_BY_ENGINE } from "./refused-modules.ts";
import { deploymentOf } from "./router-deployment.ts";
import type { RouterBuild } from "./router-module.ts";
import { ROUTER_BUILDS, routerModule } from "./router-module.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";
import { targetOf } from "./targets.ts";
import type { WasmtimeRun } from "./wasmtime.ts";
import { Wasmtime } from "./wasmtime.ts";

const skip = (await wasmtimeMissing()) ?? false;
let wasmtime: Wasmtime | null = null;
before(async () => {
  if (skip === false) wasmtime = await Wasmtime.start();
});
after(() => wasmtime?.stop());

async function runWasmtime(wasm: Uint8Array, deployment: Deployment, batches: readonly SourceBatch[]): Promise<WasmtimeRun> {
  if (wasmtime === null) throw new Error("wasmtime runs only while tests run");
  return wasmtime.run(wasm, deployment, batches);
}

const targets = ROUTER_BUILDS.map((one): Target => {
  const target = targetOf(one, "wasmtime", async (build, deployment, batches) => {
    const { written, error } = await runWasmtime(routerModule(build), deployment, batches);
    assert.equal(error, null);
    return written.map(([topic, payload]) => [topic, Buffer.from(payload, "base64")]);
  });
  return skip === false ? target : Object.assign(target, { skip: () => skip });
});
const cases = readCases().filter(({ input }) => "values" in input);
runConformance(cases, targets);

/** Returns what the host of the tests makes of it, in the form of a run under wasmtime. */
function runHere(deployment: Deployment, batches: readonly SourceBatch[]): Pick<WasmtimeRun, "written" | "log"> {
  const written: [string | null, string][] = [];
  const guest = new Guest(routerModule(), deployment);
  runOnce(guest, batches, (topic, payload) => written.push([topic, Buffer.from(payload).toString("base64")]) > 0);
  return { written, log: guest.log.events.map(({ severity, message }) => [severity === "info" ? 1 : 2, message]) };
}

test(
  "whatever the batches and the settings, the router writes and logs under wasmtime what it does in the host of the tests",
  { skip },
  async () => {
    const batches = fc.array(
      arbitraries.batch.filter(({ attributes, records }) => (attributes & CONTROL) === 0 && records.length > 0),
      { maxLength: 4 },
    );
    const rules = fc.constantFrom("", "unroutable=log", "unroutable=drop", "outputs=a,b\nunroutable=b\nprefix.b=>");
    const variables = fc.constantFrom<Record<string, string>>({}, { ROUTER_TIMESTAMP_HEADER: "time" });
    await checkAsync(
      fc.asyncProperty(batches, rules, variables, async (sketches, rule, environment) => {
        const [deployment, sources] = [deploymentOf(rule, environment), sketches.map(sourceBatchOf)];
        const { written, log, error } = await runWasmtime(routerModule(), deployment, sources);
        assert.equal(error, null);
        assert.deepEqual({ written, log }, runHere(deployment, sources));
      }),
      0.25,
    );
  },
);

/** The broker allows 6,000,000,000 a record. */
const FUEL: readonly (readonly [build: RouterBuild, rule: string, most: number])[] = [
  ["redpanda", "rule=last-digit", 260],
  ["redpanda-timestamp", "rule=last-digit", 300],
  ["redpanda-timestamp", "rule=timestamp", 2500],
];

for (const [build, rule, most] of FUEL) {
  test(`a record with a value of 17 bytes takes at most ${most} units of fuel of ${build} with ${rule}`, { skip }, async (context) => {
    const values = Array.from({ length: 100 }, (_, index) => `05/17/19 17:56:${10 + (index % 50)}`);
    const { recordFuel, startFuel } = await runWasmtime(routerModule(build), deploymentOf(rule), [sourceBatchOf(batchOf(values))]);
    assert.equal(recordFuel.length, values.length);
    context.diagnostic(`fuel: ${Math.min(...recordFuel)} to ${Math.max(...recordFuel)} a record, ${startFuel} at the start`);
    assert.ok(Math.max(...recordFuel) <= most, `${Math.max(...recordFuel)}`);
  });
}

test("the router's memory under wasmtime stays what it was, however many records pass", { skip }, async () => {
  const batch = sourceBatchOf(batchOf(Array.from({ length: 1000 }, (_, index) => `value ${index}`)));
  const few = await runWasmtime(routerModule(), deploymentOf(""), [batch]);
  const many = await runWasmtime(routerModule(), deploymentOf(""), Array<SourceBatch>(20).fill(batch));
  assert.equal(few.pages, many.pages);
  assert.ok(many.pages * PAGE_BYTES <= 131_072, `${many.pages} pages`);
});

for (const { what, sketch, message } of REFUSED_BY_ENGINE.filter(({ by }) => by === "wasmtime")) {
  test(`wasmtime says what the checks say of a module that ${what}`, { skip }, async () => {
    const { error } = await runWasmtime(assemble(sketch), deploymentOf(""), []);
    assert.equal(error?.split("\n")[0], message);
  });
}

test("wasmtime ends a guest that returns as the host of the tests does", { skip }, async () => {
  assert.equal((await runWasmtime(assemble(), deploymentOf(""), [])).error, "vm has exited");
});
