/** What `routeFetched` makes of fetches, for tests to look at. */
import assert from "node:assert/strict";
import type { FetchedBatches } from "../../../hosts/dataflow/binder.ts";
import { routeFetched, type RoutedStretch } from "../../../hosts/dataflow/route-fetched.ts";
import { Router } from "../../../hosts/embed.ts";
import { coreModule } from "../../core-module.ts";
import { plainBytes, valuesOf } from "./fetched.ts";

export const BYTES_MAX = 900_000;

/** A router that has room for all batches here: making room for a longer batch than ever before ends a stretch. */
function roomyRouter(): Router {
  const router = new Router(coreModule());
  router.openBatches(BYTES_MAX);
  router.routeRecordBatch(plainBytes(0n, ["v".repeat(100_000)]), 0n, false);
  router.finishBatches();
  return router;
}

/** Routes a fetch with routers of its own. */
export function route(fetched: FetchedBatches, bytesMax = BYTES_MAX): readonly RoutedStretch[] {
  return [...routeFetched(roomyRouter(), new Router(coreModule()), fetched, bytesMax)];
}

/** Routes a fetch that is one stretch. */
export function routeAll(fetched: FetchedBatches): RoutedStretch {
  const [stretch, ...others] = route(fetched);
  assert.equal(others.length, 0);
  assert.ok(stretch !== undefined);
  return stretch;
}

/** Values by output index, over all stretches. */
export function values(stretches: readonly RoutedStretch[], output: number): readonly (string | null)[] {
  return stretches.flatMap(({ batches }) => batches.filter((batch) => batch.output === output).flatMap(({ bytes }) => valuesOf(bytes)));
}

/** Turns a bit of a copy over, without telling the CRC. */
export function damaged(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** The error that a fetch is refused with. */
export function refusal(fetched: FetchedBatches): unknown {
  try {
    route(fetched);
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was refused");
}
