/** What a fuzz run looks for, and what it counts while it finds nothing. */
import type { Random } from "../simulation/random.ts";

/** Something that must never happen, and the input that it happened with. */
export class Finding extends Error {
  override readonly name = "Finding";
  readonly input: Uint8Array;

  constructor(what: string, input: Uint8Array | string, cause?: unknown) {
    super(what, { cause });
    this.input = typeof input === "string" ? Buffer.from(input) : input;
  }
}

/** How many inputs there were, by their kind and what came of them. */
export type Tally = Map<string, number>;

/** Notes one input. */
export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** What is fuzzed, for as many rounds as there is time. */
export interface Target extends AsyncDisposable {
  readonly name: string;
  /** Tries some inputs, which the numbers decide. Throws `Finding`. */
  round(random: Random, tally: Tally): Promise<void>;
}

/** Returns the number for generators that want a seed of their own. */
export function seedOf(random: Random): number {
  return random.between(0, 2 ** 31 - 1);
}
