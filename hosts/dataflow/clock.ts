/** Time, as far as the app waits for it: the system's, or one that a test makes pass. */
import { setImmediate } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted; never rejects. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves when everything that is ready to run has run. */
  turn(): Promise<void>;
  /** Calls `run` every `ms`, until the function that it returns is called. */
  every(ms: number, run: () => void): () => void;
}

/** Returns what comes of a promise within the time, or null. */
export async function within<Result>(clock: Clock, ms: number, promise: Promise<Result>): Promise<Result | null> {
  const timeout = new AbortController();
  const late = clock.delay(ms, timeout.signal).then(() => null);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timeout.abort();
  }
}

/** The process's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  delay: async (ms, signal) => {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, ms);
      function end(): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      }
      signal?.addEventListener("abort", end);
    });
  },
  turn: async () => setImmediate(),
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    return () => {
      clearInterval(timer);
    };
  },
};
