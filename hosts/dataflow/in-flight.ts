import type { Clock } from "./clock.ts";

/** Bounds the bytes that are produced and not acknowledged. */
export interface InFlight {
  /** Bytes at this moment. */
  readonly bytes: number;
  /** Counts the bytes until `acknowledged` settles. */
  add(bytes: number, acknowledged: Promise<unknown>): void;
  /** Resolves when there is room for more, at the latest after `timeoutMs`; says which of the two. */
  room(timeoutMs: number): Promise<boolean>;
  /** Resolves when nothing is in flight. */
  drained(): Promise<void>;
}

/** Returns a counter with room as long as fewer than `bytesMax` bytes are in flight: one batch may go over it, so a large one never blocks. */
export function createInFlight(bytesMax: number, clock: Clock): InFlight {
  let bytes = 0;
  let count = 0;
  let waiting: (() => void)[] = [];
  const change = async (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });
  const settle = (size: number): void => {
    bytes -= size;
    count--;
    const resolves = waiting;
    waiting = [];
    for (const resolve of resolves) resolve();
  };
  return {
    get bytes() {
      return bytes;
    },
    add(size, acknowledged) {
      bytes += size;
      count++;
      const settled = (): void => {
        settle(size);
      };
      acknowledged.then(settled, settled);
    },
    async room(timeoutMs) {
      if (bytes < bytesMax) return true;
      const settled = new AbortController();
      await Promise.race([change(), clock.delay(timeoutMs, settled.signal)]);
      settled.abort("settled");
      return bytes < bytesMax;
    },
    async drained() {
      for (;;) {
        if (count === 0) return;
        await change();
      }
    },
  };
}
