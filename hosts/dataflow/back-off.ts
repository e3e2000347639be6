const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** The pauses between attempts at what may succeed later: each is twice as long as the one before, up to a quarter of a minute. */
export class BackOff {
  #nextMs = FIRST_MS;

  /** Returns how long to wait now, in milliseconds. */
  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, LONGEST_MS);
    return ms;
  }

  /** What follows is no further attempt at the same. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
