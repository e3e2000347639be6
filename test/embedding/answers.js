/** Answers requests, a line each, in whatever runs JavaScript. `requests.ts` has the form of requests and answers. */

const bytesOf = (hex) => (hex === "null" ? null : Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** So small that a batch of some records takes more than one call. */
const BATCH_BYTES_MAX = 200;

/** Returns the answers of routers that `routerOf` makes of rule text: they route values, or batches, to items. */
export function answersOf(requests, routerOf) {
  const lines = requests.replace(/\n$/, "").split("\n");
  const answers = lines.map((request) => {
    const [kind, rule, ...inputs] = request.split(" ");
    try {
      const router = routerOf(new TextDecoder().decode(bytesOf(rule)));
      const items = kind === "values" ? router.routeValues(inputs.map(bytesOf)) : router.routeBatches(inputs.map(batchOf));
      return items.join(" ");
    } catch (error) {
      if (!("ruleOffset" in error)) throw error;
      return ["!", error.code ?? error.status, ":", error.ruleOffset].join("");
    }
  });
  return answers.map((answer) => `${answer}\n`).join("");
}

function batchOf(input) {
  const [fetchOffset, hex] = input.split(":");
  return { fetchOffset: BigInt(fetchOffset), bytes: bytesOf(hex) };
}

function itemsOf(outputs, unroutable) {
  return [
    ...outputs.flatMap((output, index) => output.map((bytes) => `${index}=${hexOf(bytes)}`)),
    ...unroutable.map((entry) => `?${entry.join(":")}`),
  ];
}

/** Routes by the npm package's `createRouter`. */
export const byPackage = (createRouter) => (rule) => {
  const router = createRouter(rule);
  return {
    routeValues(values) {
      const { outputs, unroutable } = router.routeValues(values);
      return itemsOf(
        outputs.map(({ bytes, ends }) => Array.from(ends, (end, index) => bytes.slice(ends[index - 1] ?? 0, end))),
        unroutable.map(({ index, reason, byteOffset }) => [index, reason, byteOffset]),
      );
    },
    routeBatches: (batches) => batchItems(router, batches),
  };
};

function batchItems(router, batches) {
  const [outputs, unroutable] = [router.outputs.map(() => []), []];
  let [tombstones, next] = [0, 0n];
  const finish = () => {
    for (const { output, bytes } of router.finishBatches()) outputs[output].push(bytes.slice());
    router.openBatches(BATCH_BYTES_MAX);
  };
  router.openBatches(BATCH_BYTES_MAX);
  for (const { bytes, fetchOffset } of batches) {
    const baseOffset = bytes.length < 8 ? 0n : new DataView(bytes.buffer).getBigInt64(0);
    next = fetchOffset;
    for (let full = true; full;) {
      const routed = router.routeRecordBatch(bytes, next);
      for (const { offsetDelta, reason, byteOffset } of routed.unroutable) {
        unroutable.push([baseOffset + BigInt(offsetDelta), reason, byteOffset]);
      }
      tombstones += routed.tombstones;
      next = routed.nextOffset;
      full = routed.full;
      if (full) finish();
    }
  }
  finish();
  return [...itemsOf(outputs, unroutable), `tombstones=${tombstones}`, `next=${next}`];
}

/** Routes by the `Router` of the documentation, which has no more than the core's module. */
export const byModule = (Router, module) => (rule) => {
  const router = new Router(module, rule);
  return {
    routeValues(values) {
      router.route(values);
      return itemsOf(
        Array.from({ length: router.core.outputCount() }, (_, index) => router.output(index)),
        router.unroutable(),
      );
    },
  };
};
