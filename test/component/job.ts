/** Work for the component, and what comes of it, as JSON: the same for every runtime. Bytes are in Base64. */
import { Buffer } from "node:buffer";
import type * as component from "../../build/component/timestamp-router.js";

type Routing = typeof component.routing;
type Router = ReturnType<Routing["Router"]["create"]>;

export interface Job {
  readonly rule: string;
  readonly values: readonly (string | null)[];
  readonly batches: readonly { readonly bytes: string; readonly fetchOffset: string }[];
  /** For the batches of an output. */
  readonly batchBytesMax: number;
}

export interface Unroutable {
  readonly position: number;
  readonly reason: string;
  readonly byteOffset: number;
  readonly recordOffset: number;
}

/** What one call for a batch came to. */
export interface RoutedBatch {
  readonly outputs: readonly { readonly output: number; readonly bytes: string; readonly recordCount: number }[];
  readonly unroutable: readonly Unroutable[];
  readonly tombstones: number;
  readonly full: boolean;
  readonly nextOffset: string;
}

export interface Routed {
  readonly names: readonly string[];
  /** One a value, by a call each. */
  readonly decisions: readonly ({ readonly output: number; readonly value: string } | { readonly reason: string })[];
  /** Those of the values that are not null, by one call: for each output its bytes and ends. */
  readonly packed: { readonly outputs: readonly (readonly [string, readonly number[]])[]; readonly unroutable: readonly Unroutable[] };
  /** The calls that each batch took; the last one may have been an error. */
  readonly batches: readonly (readonly (RoutedBatch | { readonly error: string })[])[];
}

export type Answer = Routed | { readonly fault: { readonly error: string; readonly offset: number } };

/** What jco throws for a result that is an error. */
interface ComponentError {
  readonly payload: unknown;
}

function isComponentError(error: unknown): error is ComponentError {
  return error instanceof Error && "payload" in error;
}

/** Returns what a call returns, or what its error's payload is made into. */
function resultOf<Ok, Failed>(call: () => Ok, ofPayload: (payload: unknown) => Failed): Ok | Failed {
  try {
    return call();
  } catch (error) {
    if (!isComponentError(error)) throw error;
    return ofPayload(error.payload);
  }
}

/** Does a job. */
export function answerOf({ Router }: Routing, job: Job): Answer {
  const router = resultOf(
    () => Router.create(job.rule),
    (payload) => ({ fault: payload as { readonly error: string; readonly offset: number } }),
  );
  if ("fault" in router) return router;
  const values = job.values.map((value) => (value === null ? undefined : Buffer.from(value, "base64")));
  const answer = {
    names: router.outputs(),
    decisions: values.map((value) => decisionOf(router, value)),
    packed: packedOf(
      router,
      values.filter((value) => value !== undefined),
    ),
    batches: job.batches.map(({ bytes, fetchOffset }) =>
      callsOf(router, Buffer.from(bytes, "base64"), BigInt(fetchOffset), job.batchBytesMax),
    ),
  };
  (router as unknown as Disposable)[Symbol.dispose]();
  return answer;
}

function decisionOf(router: Router, value: Uint8Array | undefined): Routed["decisions"][number] {
  return resultOf(
    () => {
      const routed = router.route(value);
      return { output: routed.output, value: Buffer.from(routed.value).toString("base64") };
    },
    (payload) => ({ reason: String(payload) }),
  );
}

function packedOf(router: Router, values: readonly Uint8Array[]): Routed["packed"] {
  let end = 0;
  const ends = Uint32Array.from(values, ({ length }) => (end += length));
  const { outputs, unroutable } = router.routePackedValues({ bytes: Buffer.concat(values), ends });
  return { outputs: outputs.map((one) => [Buffer.from(one.bytes).toString("base64"), [...one.ends]]), unroutable };
}

function callsOf(router: Router, batch: Uint8Array, fetchOffset: bigint, bytesMax: number): Routed["batches"][number] {
  const calls: (RoutedBatch | { readonly error: string })[] = [];
  for (let from: bigint | null = fetchOffset; from !== null;) {
    const start: bigint = from;
    const call = resultOf(
      () => router.routeRecordBatch(batch, start, bytesMax, false),
      (payload) => ({ error: String(payload) }),
    );
    from = "full" in call && call.full ? call.nextOffset : null;
    calls.push("error" in call ? call : jsonOf(call));
  }
  return calls;
}

function jsonOf({ outputs, nextOffset, ...others }: ReturnType<Router["routeRecordBatch"]>): RoutedBatch {
  return {
    ...others,
    outputs: outputs.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString("base64") })),
    nextOffset: String(nextOffset),
  };
}
