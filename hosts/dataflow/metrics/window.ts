/** What was measured lately: sum, number and maximum of the values of the last spans of time, of which the oldest falls away as a new one begins. */
export interface Window {
  readonly add: (value: number) => void;
  readonly max: () => number;
  /** Mean of the values, or NaN where there were none. */
  readonly mean: () => number;
  /** Sum of the values by second. */
  readonly rate: () => number;
}

export interface WindowOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly spans: number;
  readonly spanMs: number;
}

interface Span {
  readonly number: number;
  sum: number;
  count: number;
  max: number;
}

/** Returns an empty window. */
export function createWindow({ now, spans, spanMs }: WindowOptions): Window {
  let kept: Span[] = [];
  const current = (): readonly Span[] => {
    const first = Math.floor(now() / spanMs) - spans + 1;
    if (kept.length > 0 && (kept[0]?.number ?? 0) < first) kept = kept.filter(({ number }) => number >= first);
    return kept;
  };
  const sum = (): number => current().reduce((total, span) => total + span.sum, 0);
  return {
    add(value) {
      const number = Math.floor(now() / spanMs);
      let last = kept.at(-1);
      if (last?.number !== number) {
        last = { number, sum: 0, count: 0, max: 0 };
        kept = [...current(), last];
      }
      last.sum += value;
      last.count++;
      if (value > last.max) last.max = value;
    },
    max: () => current().reduce((max, span) => Math.max(max, span.max), 0),
    mean: () => sum() / current().reduce((total, span) => total + span.count, 0),
    // The running span has not lasted as long as the others yet.
    rate: () => sum() / (((spans - 1) * spanMs + (now() % spanMs)) / 1000),
  };
}
