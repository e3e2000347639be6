/** The system's timers and its time, replaced for a whole thread: for code that knows no clock but these, such as kafkajs. */
import { syncBuiltinESMExports } from "node:module";
import promises from "node:timers/promises";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** Takes a timer back. */
interface Timer {
  readonly cancel: () => void;
  /** A simulation lasts until its end, whatever waits. */
  readonly unref: () => Timer;
}

/** Has all timers that are begun from now on in this thread wait in a simulation's time, and `Math.random` draw from its seed. */
export function takeTimeFrom(scheduler: Scheduler, random: Random): void {
  const setTimer = (run: () => void, ms = 0): Timer => {
    const timer: Timer = { cancel: scheduler.after(ms, run), unref: () => timer };
    return timer;
  };
  Object.assign(globalThis, { setTimeout: setTimer, clearTimeout: (timer?: Timer) => timer?.cancel() });
  Date.now = () => scheduler.nowMs;
  Math.random = () => random.next();
  const wait = async (ms = 0, value?: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        timer.cancel();
        reject(new Error("the wait was given up"));
      };
      const timer = setTimer(() => {
        signal?.removeEventListener("abort", stop);
        resolve(value);
      }, ms);
      if (signal?.aborted === true) stop();
      else signal?.addEventListener("abort", stop);
    });
  Object.assign(promises, { setTimeout: wait });
  syncBuiltinESMExports();
}
