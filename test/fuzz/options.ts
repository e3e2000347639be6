import { parseArgs } from "node:util";
import { TARGET_NAMES, type TargetName } from "./run.ts";

/** What a command line asks for. */
export interface FuzzOptions {
  /** Of the first round; the next one has the next. */
  readonly seed: number;
  readonly seconds: number;
  /** Null for all targets. */
  readonly only: TargetName | null;
}

/** The text of `--help`. */
export const USAGE = `Usage: npm run fuzz -- [options]

Feeds the configuration, the HTTP side and the reading of batches with what nobody sane would, until something gives way.

  --seconds <number>  how long (default: 180); each target has one round at least
  --seed <number>     what the inputs are (default: taken from the clock); a failure prints that of its round
  --only <target>     ${TARGET_NAMES.join(", ")}
  --help              show this text

The exit code is 0 only if nothing was found.
`;

const SEED_MAX = 2 ** 32 - 1;

/** Reads the arguments behind the program's name; null asks for help. Throws `TypeError` with what is wrong. */
export function readOptions(args: readonly string[], nowMs: number): FuzzOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: String(nowMs % 1_000_000) },
      seconds: { type: "string", default: "180" },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const only = TARGET_NAMES.find((name) => name === values.only) ?? null;
  if (values.only !== undefined && only === null) throw new TypeError(`--only "${values.only}" is none of ${TARGET_NAMES.join(", ")}`);
  return { seed: readNumber("seed", values.seed), seconds: readNumber("seconds", values.seconds), only };
}

function readNumber(name: string, text: string): number {
  if (!/^\d+$/u.test(text) || Number(text) > SEED_MAX) throw new TypeError(`--${name} "${text}" is not a whole number up to ${SEED_MAX}`);
  return Number(text);
}
