/** What a scrape has, read as Prometheus reads its text format. */
import assert from "node:assert/strict";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/u;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gu;

/** Returns the samples of a scrape; fails for a line that is neither a sample nor a comment. */
export function samplesOf(body: string): readonly Sample[] {
  assert.ok(body.endsWith("\n"), "a scrape ends with the end of a line");
  return body
    .slice(0, -1)
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const [, name = "", labels = "", value = ""] = LINE.exec(line) ?? assert.fail(`no sample: ${line}`);
      const pairs = [...labels.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, unescaped(text)] as const);
      return { name, labels: Object.fromEntries(pairs), value: Number(value.replace("Inf", "Infinity")) };
    });
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gu, (_, char: string) => (char === "n" ? "\n" : char));
}

/** What a query asks for: a text that a label must have, or a pattern of the whole of it. */
export type Matchers = Readonly<Record<string, string | RegExp>>;

/** Returns the samples of a name whose labels match. A label that is missing is the empty text, as in PromQL. */
export function select(samples: readonly Sample[], name: string, matchers: Matchers = {}): readonly Sample[] {
  return samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(matchers).every(([label, wanted]) => {
        const value = sample.labels[label] ?? "";
        return typeof wanted === "string" ? value === wanted : wanted.test(value);
      }),
  );
}

/** Returns the value of the one sample that matches. */
export function valueOf(samples: readonly Sample[], name: string, matchers: Matchers = {}): number {
  const found = select(samples, name, matchers);
  assert.equal(found.length, 1, `${name} ${JSON.stringify(matchers)}: ${found.length} samples`);
  return found[0]?.value ?? Number.NaN;
}
