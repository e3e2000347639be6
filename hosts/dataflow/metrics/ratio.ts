import { performance } from "node:perf_hooks";

/** Ratios are those of at least this long: two who scrape at the same time must not spoil them for each other. */
const RATIO_MS_MIN = 1000;

/** Returns a function that says how much of the whole the part was since it was asked before. */
export function ratio(read: () => { readonly part: number; readonly whole: number }): () => number {
  let before = { part: 0, whole: 0 };
  let beforeMs = Number.NEGATIVE_INFINITY;
  let last = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - beforeMs < RATIO_MS_MIN) return last;
    const { part, whole } = read();
    last = Math.min(1, Math.max(0, (part - before.part) / (whole - before.whole)));
    before = { part, whole };
    beforeMs = nowMs;
    return last;
  };
}
