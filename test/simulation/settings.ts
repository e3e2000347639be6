/** What a seed decides of topics and configuration. */
import type { Config } from "../../hosts/dataflow/config.ts";
import { config } from "../hosts/dataflow/config-checks.ts";
import { DEFAULT_RULE } from "../model.ts";
import type { LedgerOptions } from "./ledger.ts";
import type { Random } from "./random.ts";

export interface Settings extends LedgerOptions {
  readonly config: Config;
}

const POLICIES = ["log", "drop", "dlq", "even"] as const;
const TRANSACTIONS = ["--spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix=router-"];
const AT_LEAST_ONCE = configsWith([]);
const EXACTLY_ONCE = configsWith(TRANSACTIONS);

function configsWith(args: readonly string[]): ReadonlyMap<string, Config> {
  return new Map(POLICIES.map((policy) => [policy, config([`--router.unroutable=${policy}`, ...args])]));
}

/** Draws few partitions and small bounds, so that much happens in few records. */
export function drawSettings(random: Random, isExactlyOnce: boolean): Settings {
  const policy = random.pick(POLICIES);
  const base = (isExactlyOnce ? EXACTLY_ONCE : AT_LEAST_ONCE).get(policy);
  if (base === undefined) throw new RangeError(`${policy} is no policy`);
  const deadLetterTopic = base.deadLetters?.destinations["input"] ?? null;
  const targets = ["even", "odd", ...(deadLetterTopic === null ? [] : [deadLetterTopic])];
  return {
    rule: { ...DEFAULT_RULE, unroutable: policy === "even" ? 0 : null },
    inputPartitions: random.between(1, 3),
    targetPartitions: new Map(targets.map((topic) => [topic, random.between(1, 3)])),
    deadLetterTopic,
    isExactlyOnce,
    config: {
      ...base,
      inFlightBytesMax: random.pick([1, 200, 1_000_000]),
      outputBatchBytesMax: random.pick([100, 300, 900_000]),
      commitIntervalMs: random.pick([100, 1000, 5000]),
    },
  };
}
