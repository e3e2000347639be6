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

/** Where the two digits of each field are in a text of the time source, `MM/dd/yy HH:mm:ss`. */
const FIELDS = { month: 0, day: 3, year: 6, hour: 9, minute: 12, second: 15 } as const;

/** A field of the time by which the demo can be told to route. */
export type DemoField = keyof typeof FIELDS;

/** The fields, as they may be named. */
export const DEMO_FIELDS: readonly string[] = Object.keys(FIELDS);

/** Returns whether a word is one of the fields. */
export function isDemoField(word: string): word is DemoField {
  return DEMO_FIELDS.includes(word);
}

/** Returns the sink that a text belongs to: by one field, or, without one, by the last character. Null when there is no digit. */
export function sinkOf(text: string, field: DemoField | null): Sink | null {
  const end = field === null ? text.length : FIELDS[field] + 2;
  const digit = /[0-9]$/u.exec(text.slice(0, end))?.[0];
  if (digit === undefined) return null;
  return Number(digit) % 2 === 0 ? EVEN : ODD;
}
