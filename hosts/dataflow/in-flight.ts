import type { Clock } from "./clock.ts";

/** Bounds what is produced and not acknowledged: the bytes of all, and the batches of each place, such as an output's partition. */
export interface InFlight {
  /** Bytes at this moment. */
  readonly bytes: number;
  /** Counts a batch of so many bytes until `acknowledged` settles. */
  add(bytes: number, place: string, acknowledged: Promise<unknown>): void;
  /** Whether there is room for more at each of the places. */
  hasRoom(places: readonly string[]): boolean;
  /** Resolves when there is room for more at each of the places, at the latest after `timeoutMs`; says which of the two. */
  room(places: readonly string[], timeoutMs: number): Promise<boolean>;
  /** Resolves when nothing is in flight. */
  drained(): Promise<void>;
  /** From now on there is no room, until `release`. */
  hold(): void;
  release(): void;
}

/**
 * Batches that one place may have on their way. They go out one at a time, so that more of them would only wait in line: small ones, each from a
 * fetch of what had come in a few milliseconds. A line that once was long would never get shorter then. What waits in the topic instead is
 * fetched at once, and makes one large batch.
 */
const PLACE_BATCHES_MAX = 4;

/** Returns a counter with room as long as fewer than `bytesMax` bytes are in flight: one batch may go over it, so a large one never blocks. */
export function createInFlight(bytesMax: number, clock: Clock): InFlight {
  let bytes = 0;
  let isHeld = false;
  const batches = new Map<string, number>();
  let waiting: (() => void)[] = [];
  const change = async (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });
  const hasRoom = (places: readonly string[]): boolean =>
    !isHeld && bytes < bytesMax && places.every((place) => (batches.get(place) ?? 0) < PLACE_BATCHES_MAX);
  const wake = (): void => {
    const resolves = waiting;
    waiting = [];
    for (const resolve of resolves) resolve();
  };
  const settle = (size: number, place: string): void => {
    bytes -= size;
    const left = (batches.get(place) ?? 0) - 1;
    if (left === 0) batches.delete(place);
    else batches.set(place, left);
    wake();
  };
  return {
    get bytes() {
      return bytes;
    },
    add(size, place, acknowledged) {
      bytes += size;
      batches.set(place, (batches.get(place) ?? 0) + 1);
      const settled = (): void => {
        settle(size, place);
      };
      acknowledged.then(settled, settled);
    },
    hasRoom,
    async room(places, timeoutMs) {
      if (hasRoom(places)) return true;
      const settled = new AbortController();
      await Promise.race([change(), clock.delay(timeoutMs, settled.signal)]);
      settled.abort("settled");
      return hasRoom(places);
    },
    async drained() {
      for (;;) {
        if (batches.size === 0) return;
        await change();
      }
    },
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      wake();
    },
  };
}
