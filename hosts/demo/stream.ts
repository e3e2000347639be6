/** The stream of the demo: its topics, its two log sinks and what belongs where. The judge relies on it, so none of it comes from the router. */

/** One of the two log sinks. */
export interface Sink {
  /** The label that it has in the original's stream definition. */
  readonly label: string;
  /** The output of the router that it reads. */
  readonly output: string;
  readonly topic: string;
  /** What the router writes before the text of the time. */
  readonly prefix: string;
}

/** Topic from the time source to the router. */
export const TIME_TOPIC = "timeDest";

/** The sink of even seconds. */
export const EVEN: Sink = { label: "evenLogger", output: "even", topic: "evenDest", prefix: "Even timestamp: " };

/** The sink of odd seconds. Its prefix has no space at the end: the original is like that. */
export const ODD: Sink = { label: "oddLogger", output: "odd", topic: "oddDest", prefix: "Odd timestamp:" };

/** Both sinks. */
export const SINKS: readonly Sink[] = [EVEN, ODD];

/** Returns the sink that a text belongs to by its last character, or null when that is no digit. */
export function sinkOf(text: string): Sink | null {
  const digit = /[0-9]$/u.exec(text)?.[0];
  if (digit === undefined) return null;
  return Number(digit) % 2 === 0 ? EVEN : ODD;
}
