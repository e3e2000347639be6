import { ruleTextOf } from "../rule.ts";
import { quoted } from "./config-error.ts";
import type { TransactionConfig } from "./config-kafka.ts";
import { propertyFault, type Properties } from "./properties.ts";
import { canonicalName } from "./property-name.ts";
import { PROPERTIES } from "./schema.ts";

/** What the router does with records, and what bounds its work. */
export interface RouterConfig {
  /** The rule for the core, one `key=value` a line; `placeInRule` leads from a place in it back to a property. */
  readonly ruleText: string;
  /** `log` also where an output takes them, for then there are none. */
  readonly unroutable: "dlq" | "drop" | "log" | "stop";
  /** The output that takes unroutable records, or null. */
  readonly unroutableOutput: string | null;
  readonly inFlightBytesMax: number;
  readonly outputBatchBytesMax: number;
  readonly commitIntervalMs: number;
  readonly shutdownTimeoutMs: number;
}

/** Reads the rule, the policy for unroutable records, and the bounds. */
export function readRouter(
  properties: Properties,
  outputNames: readonly string[],
  transactions: Pick<TransactionConfig, "timeoutMs"> | null,
): RouterConfig {
  const unroutable = readUnroutable(properties, outputNames);
  return {
    ruleText: readRuleText(properties, outputNames, unroutable.output),
    unroutable: unroutable.policy,
    unroutableOutput: unroutable.output,
    ...readByteBounds(properties),
    commitIntervalMs: readCommitInterval(properties, transactions?.timeoutMs ?? null),
    shutdownTimeoutMs: properties.read(PROPERTIES.shutdownTimeout),
  };
}

/** Properties that the core reads as they are: it alone knows what they may be. */
const RULE_PROPERTIES = [
  PROPERTIES.timestampFormat,
  PROPERTIES.timestampField,
  PROPERTIES.timestampZone,
  PROPERTIES.timestampDivide,
  PROPERTIES.timestampSource,
  PROPERTIES.table,
];

function readRuleText(properties: Properties, outputNames: readonly string[], unroutable: string | null): string {
  refusePrefixesOfUnknownOutputs(properties, outputNames);
  return ruleTextOf({
    "router.rule": properties.readIfSet(PROPERTIES.rule)?.value,
    "router.outputs": properties.readIfSet(PROPERTIES.outputs)?.value,
    ...Object.fromEntries(RULE_PROPERTIES.map((property) => [property.name, properties.readIfSet(property)?.value])),
    "router.unroutable": unroutable ?? undefined,
    ...Object.fromEntries(outputNames.map((name) => [prefixName(name), properties.readIfSet(PROPERTIES.prefix, prefixName(name))?.value])),
  });
}

function prefixName(output: string): string {
  return PROPERTIES.prefix.name.replace("<output>", output);
}

/** The canonical name without its dots, which the name of a variable can't have. */
function nameWithoutDots(name: string): string {
  return canonicalName(name).replaceAll(".", "");
}

/** A prefix for an output that does not exist is a misspelt one: the records would go out without it, and nobody would know. */
function refusePrefixesOfUnknownOutputs(properties: Properties, outputNames: readonly string[]): void {
  const known = new Set(outputNames.map(nameWithoutDots));
  const unknown = properties.keysUnder("router.prefix").find(({ key }) => !known.has(nameWithoutDots(key)));
  if (unknown === undefined) return;
  throw propertyFault(prefixName(unknown.key), unknown, `there is no such output; allowed: ${outputNames.join(" and ")}`);
}

const POLICIES = ["dlq", "drop", "log", "stop"] as const;

/** The policy, and the output that takes unroutable records, if one does. A policy's word goes before an output of that name. */
function readUnroutable(
  properties: Properties,
  outputNames: readonly string[],
): { readonly policy: RouterConfig["unroutable"]; readonly output: string | null } {
  const property = PROPERTIES.unroutable;
  const set = properties.readIfSet(property);
  if (set === null) return { policy: properties.read(PROPERTIES.enableDlq) ? "dlq" : "log", output: null };
  const policy = POLICIES.find((word) => word === set.value.toLowerCase());
  if (policy !== undefined) return { policy, output: null };
  if (outputNames.includes(set.value)) return { policy: "log", output: set.value };
  throw propertyFault(
    property.name,
    set.found,
    `${quoted(set.value)} is neither a policy nor an output; allowed: dlq, drop, log, stop, ${outputNames.join(" or ")}`,
  );
}

const COMMIT_INTERVAL_MS = 1000;
const TRANSACTION_MS = 100;

/** A transaction that is open for as long as its timeout has been aborted before it can be committed. */
function readCommitInterval(properties: Properties, transactionTimeoutMs: number | null): number {
  const property = PROPERTIES.commitInterval;
  const set = properties.readIfSet(property);
  const intervalMs = set?.value ?? (transactionTimeoutMs === null ? COMMIT_INTERVAL_MS : TRANSACTION_MS);
  if (transactionTimeoutMs !== null && intervalMs >= transactionTimeoutMs) {
    const problem = `${intervalMs} ms is as long as a transaction may be open, or longer`;
    throw propertyFault(
      property.name,
      set?.found,
      `${problem}; allowed: less than transaction.timeout.ms, which is ${transactionTimeoutMs}`,
    );
  }
  return intervalMs;
}

function readByteBounds(properties: Properties): Pick<RouterConfig, "inFlightBytesMax" | "outputBatchBytesMax"> {
  const inFlightBytesMax = properties.read(PROPERTIES.inFlightBytes);
  const outputBatchBytesMax = properties.read(PROPERTIES.outputBatchBytes);
  if (inFlightBytesMax < outputBatchBytesMax) {
    const { name } = PROPERTIES.inFlightBytes;
    throw propertyFault(
      name,
      properties.find(name),
      `${inFlightBytesMax} has no room for one batch; allowed: at least router.output-batch-bytes, which is ${outputBatchBytesMax}`,
    );
  }
  return { inFlightBytesMax, outputBatchBytesMax };
}
