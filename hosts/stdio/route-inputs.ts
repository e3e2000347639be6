/** The loop: read a block, route it, write what came of it. The next one is read only when all is written, so a slow reader slows it down. */
import type { BlockRouter, Taken } from "./block-router.ts";
import { noCounts, withTaken } from "./counts.ts";
import type { Counts } from "./counts.ts";
import { CutOffError, UnroutableError } from "./errors.ts";
import type { Policy } from "./options.ts";
import { refusalText } from "./report.ts";
import type { Report } from "./report.ts";
import type { Input, InputStream, Output } from "./streams.ts";

export interface Routing {
  readonly router: BlockRouter;
  readonly inputs: readonly Input[];
  /** One for each of the router's sinks; null for one that stays empty. */
  readonly outputs: readonly (Output | null)[];
  readonly policy: Policy;
  readonly report: Report;
  /** Ends it between two blocks. */
  readonly stopped: AbortSignal;
}

/** Bytes that are asked for in one read: so many that what a block costs besides its bytes is little. There is always room for almost all of them. */
const BLOCK_BYTES = 1024 * 1024;

/** Routes inputs, one after the other, to their ends. `tell` gets the counts after each step, so that they are right however this ends. */
export async function routeInputs(routing: Routing, tell: (counts: Counts) => void): Promise<void> {
  const { router, inputs, report, stopped } = routing;
  const sizes = inputs.map(({ size }) => size);
  const bytesInAll = sizes.every((size) => size !== null) ? sizes.reduce((sum, size) => sum + size, 0) : null;
  let counts = noCounts(router.outputs);
  for (const input of inputs) {
    // A named pipe opens when someone has it open at the other end, which may be never.
    const stream = await unlessStopped(stopped, input.open());
    if (stream === null) return;
    try {
      await routeStream(stream, input.name, routing, (taken, bytes) => {
        counts = withTaken(counts, taken, bytes);
        tell(counts);
        report.progress(counts.bytesRead, bytesInAll);
      });
    } finally {
      await stream.close();
    }
    if (stopped.aborted) return;
  }
}

/** Routes one input to its end. `tell` gets what each call took, and of how many bytes. */
async function routeStream(
  stream: InputStream,
  input: string,
  routing: Routing,
  tell: (taken: Taken, bytes: number) => void,
): Promise<void> {
  const { router, stopped } = routing;
  /** Bytes of the input before those in the router, records before them, and bytes in the router that are not routed yet. */
  let base = 0;
  let records = 0;
  let held = 0;
  for (;;) {
    const length = await unlessStopped(stopped, stream.read(router.input.subarray(held, held + BLOCK_BYTES)));
    if (length === null) return;
    const isLast = length === 0;
    const end = held + length;
    let from = 0;
    let taken: Taken;
    do {
      taken = router.route(from, end, isLast);
      await writeSinks(taken, routing.outputs);
      tell(taken, taken.upTo - from);
      speakOf(taken, { input, records, base }, routing);
      records += taken.records;
      from = taken.upTo;
    } while (taken.halt === "Full" && !stopped.aborted);
    if (stopped.aborted) return;
    if (isLast && (router.isWithinRecord || from < end)) {
      // One that is too long is counted already.
      const number = router.isWithinRecord ? records : records + 1;
      throw new CutOffError(`${input} ends at byte ${base + end}, in the middle of record ${number}`);
    }
    if (isLast) return;
    router.input.copyWithin(0, from, end);
    base += from;
    held = end - from;
  }
}

/** Writes what a call brought, to all outputs at once. */
async function writeSinks({ sinks }: Taken, outputs: readonly (Output | null)[]): Promise<void> {
  await Promise.all(sinks.map(async (bytes, sink) => (bytes.length === 0 ? undefined : outputs[sink]?.write(bytes))));
}

/** Where a call began. */
interface Position {
  readonly input: string;
  readonly records: number;
  readonly base: number;
}

/** Says what has to be said of the records that a call refused. */
function speakOf(taken: Taken, { input, records, base }: Position, { policy, report }: Routing): void {
  for (const refusal of taken.refusals) {
    const place = { input, record: records + refusal.index + 1, byte: base + refusal.inputOffset };
    if (taken.halt === "Unroutable")
      throw new UnroutableError(`${refusalText(place, refusal)}; --router.unroutable=stop says to stop there`);
    // What no output takes although one should is said in any case.
    if (policy === "log" || (policy === "output" && refusal.reason === "too-long")) report.leftOut(place, refusal);
  }
  if (policy === "log" || policy === "output") {
    const refused = Object.values(taken.refused).reduce((sum, count) => sum + count, 0);
    report.leftOutMore(refused - taken.refusals.length);
  }
}

/** Returns what a promise brings, or null when the stop comes first. */
export async function unlessStopped<Result>(stopped: AbortSignal, promise: Promise<Result>): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      resolve(null);
    };
    if (stopped.aborted) stop();
    stopped.addEventListener("abort", stop);
    promise.finally(() => stopped.removeEventListener("abort", stop)).then(resolve, reject);
  });
}
