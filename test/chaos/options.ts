import { parseArgs } from "node:util";

/** What a command line asks for. */
export interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly seconds: number;
  readonly records: number;
  /** A stock kafkajs router instead of ours. */
  readonly isControl: boolean;
  /** The routers are told to deliver exactly once, and must. */
  readonly isExactlyOnce: boolean;
  /** Leaves out the faults that take long. */
  readonly isBrief: boolean;
  /** Makes only faults whose name has this word; empty for all. */
  readonly only: string;
  /** Keep the routers' logs also when nothing is wrong. */
  readonly keepsLogs: boolean;
}

/** The text of `--help`. */
export const USAGE = `Usage: npm run test:chaos -- [options]

Routes numbered records on three Kafka nodes while things fail, and accounts for every record.

  --seed <number>      order and times of the faults (default: taken from the clock)
  --seeds <from>..<to> one run for each seed, on the same nodes
  --seconds <number>   least time of a run (default: 180); each fault occurs at least once, however long that takes
  --records <number>   least number of records (default: 2000000)
  --exactly-once       routers with transactions, which must write no record twice, and leave none open
  --control            a stock kafkajs router in place of ours, to see that records can be lost
  --brief              without the faults that take long
  --only <word>        only faults whose name has the word
  --logs               keep the routers' logs also when nothing is wrong
  --help               show this text

The exit code is 0 only if in every run no record was missing, unexpected or out of order, or with
--exactly-once there twice, and no router ended by itself.
`;

const SEED_MAX = 2 ** 32 - 1;

/** Reads the arguments behind the program's name; null asks for help. Throws `TypeError` with what is wrong. */
export function readOptions(args: readonly string[], nowMs: number): ChaosOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      seconds: { type: "string", default: "180" },
      records: { type: "string", default: "2000000" },
      "exactly-once": { type: "boolean", default: false },
      control: { type: "boolean", default: false },
      brief: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      logs: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  return {
    seeds: readSeeds(values.seeds ?? values.seed ?? String(nowMs % 1_000_000)),
    seconds: readNumber("seconds", values.seconds),
    records: readNumber("records", values.records),
    isExactlyOnce: values["exactly-once"],
    isControl: values.control,
    isBrief: values.brief,
    only: values.only,
    keepsLogs: values.logs,
  };
}

function readSeeds(text: string): number[] {
  const [, from, to = from] = /^(\d+)(?:\.\.(\d+))?$/u.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (!(first <= last && last <= SEED_MAX)) throw new TypeError(`"${text}" is neither a seed nor two with .. between`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function readNumber(name: string, text: string): number {
  if (!/^[1-9]\d*$/u.test(text)) throw new TypeError(`--${name} "${text}" is not a whole number above 0`);
  return Number(text);
}
