/** Batches and answers that a broker could have sent, through the codecs and both builds of the core. */
import { isDeepStrictEqual } from "node:util";
import { readFileSync } from "node:fs";
import { AppError } from "../../hosts/dataflow/errors.ts";
import { decodeFetchResponse } from "../../hosts/dataflow/kafka/fetch-codec.ts";
import { decodeOffsetFetch, decodeTxnOffsetCommit } from "../../hosts/dataflow/kafka/offset-codecs.ts";
import { routeFetched, type RoutedStretch } from "../../hosts/dataflow/route-fetched.ts";
import { Router } from "../../hosts/embed.ts";
import { fetchedBatch, fetchedOf, plainBytes, valuesOf } from "../hosts/dataflow/fetched.ts";
import type { Random } from "../simulation/random.ts";
import { answer, hostileBatches, type AnswerKind } from "./broker-answers.ts";
import { count, Finding, type Tally, type Target } from "./finding.ts";

/** Most milliseconds of processor time for one input: a batch of the largest size takes a part of it. */
const CPU_MS_MAX = 4000;
const BATCHES_A_ROUND = 200;
const ANSWERS_A_ROUND = 400;

/** A build of the core with what `routeFetched` needs of it, used on and on, whatever went before. */
interface Build {
  readonly name: string;
  readonly router: Router;
  readonly checker: Router;
}

/** What came of a batch. */
type Outcome = { readonly stretches: readonly RoutedStretch[] } | { readonly refused: string };

export async function startBatches(): Promise<Target> {
  const builds = ["core.wasm", "core.simd.wasm"].map((name): Build => {
    const module = new WebAssembly.Module(readFileSync(new URL(`../../build/${name}`, import.meta.url)));
    return { name, router: new Router(module), checker: new Router(module) };
  });
  return Promise.resolve({
    name: "batches",
    async round(random, tally) {
      for (const { kind, bytes } of await hostileBatches(random, BATCHES_A_ROUND)) {
        const outcome = timed(bytes, () => routedAlike(builds, bytes, random));
        count(tally, `${kind}: ${"refused" in outcome ? outcome.refused : "routed"}`);
      }
      for (let left = ANSWERS_A_ROUND; left > 0; left--) decode(random, tally);
    },
    async [Symbol.asyncDispose]() {
      await Promise.resolve();
    },
  });
}

/** Routes a batch by both builds, and a sound one behind it. Returns what both said. */
function routedAlike(builds: readonly Build[], bytes: Uint8Array, random: Random): Outcome {
  const bytesMax = random.pick([4096, 900_000]);
  const deadLetterTime = random.chance(0.3) ? () => 5 : null;
  const [first, second] = builds.map((build) => {
    const outcome = outcomeOf(build, bytes, bytesMax, deadLetterTime);
    assertSound(build, bytes);
    return outcome;
  });
  if (first === undefined || second === undefined) throw new Error("there are two builds");
  if (!isDeepStrictEqual(first, second)) throw new Finding("the builds of the core do not agree", bytes);
  return first;
}

function outcomeOf({ name, router, checker }: Build, bytes: Uint8Array, bytesMax: number, now: (() => number) | null): Outcome {
  try {
    const fetched = fetchedOf([fetchedBatch(bytes)], { nextOffset: 1n });
    return { stretches: Array.from(routeFetched(router, checker, fetched, bytesMax, { deadLetterTime: now }), withoutTimes) };
  } catch (error) {
    if (!(error instanceof AppError)) throw new Finding(`${name} ended with an error that nobody expects`, bytes, error);
    return { refused: error.code };
  }
}

function withoutTimes(stretch: RoutedStretch): RoutedStretch {
  return { ...stretch, coreMs: 0 };
}

const SOUND = plainBytes(40n, ["2", "3", null, "x", "4"]);

/** Holds that whatever was before has left nothing behind. */
function assertSound({ name, router, checker }: Build, before: Uint8Array): void {
  try {
    const fetched = fetchedOf([fetchedBatch(SOUND)], { fetchOffset: 40n });
    const stretches = [...routeFetched(router, checker, fetched, 900_000)];
    // Where a longer batch made room in between, the outputs come in two parts.
    const values = stretches.flatMap(({ batches }) => batches.flatMap((batch) => valuesOf(batch.bytes)));
    const counts = stretches.map(({ tombstones, unroutable }) => [tombstones, unroutable.length]);
    const expected = [["Even timestamp: 2", "Even timestamp: 4", "Odd timestamp:3"], [[1, 1]]];
    if (!isDeepStrictEqual([values, counts], expected)) throw new Error(`it made ${JSON.stringify([values, counts])}`);
  } catch (error) {
    throw new Finding(`${name} does not route a sound batch any more`, before, error);
  }
}

const DECODERS: Readonly<Record<AnswerKind, (bytes: Buffer, version: number) => unknown>> = {
  Fetch: decodeFetchResponse,
  OffsetFetch: decodeOffsetFetch,
  TxnOffsetCommit: decodeTxnOffsetCommit,
};

function decode(random: Random, tally: Tally): void {
  const { kind, version, bytes } = answer(random);
  timed(bytes, () => {
    try {
      DECODERS[kind](bytes, version);
      count(tally, `${kind}: read`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw new Finding(`the answer to ${kind} v${version} ends in another error`, bytes, error);
      count(tally, `${kind}: RangeError`);
    }
  });
}

function timed<Result>(input: Uint8Array, run: () => Result): Result {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  if (ms > CPU_MS_MAX) throw new Finding(`it took ${Math.round(ms)} ms of processor time`, input);
  return result;
}
