import { dataSize, duration, outputNames, policy, ruleText, words } from "./property-kinds.ts";

/** The router itself: the rule, and what bounds its work. */
export const ROUTER_PROPERTIES = {
  rule: ruleText(
    { name: "router.rule", default: "last-digit", description: "Rule that picks the output: `last-digit` goes by the value's last byte." },
    "last-digit",
  ),
  outputs: outputNames({
    name: "router.outputs",
    default: "even,odd",
    description: "Names of the output bindings, the one for even digits first.",
  }),
  prefix: ruleText(
    {
      name: "router.prefix.<output>",
      default: null,
      defaultMeaning: "`Even timestamp: ` for `even`, `Odd timestamp:` for `odd`, else empty",
      description: "Up to 255 bytes that are put before each value; spaces at the ends count, and `\\\\ \\n \\t \\xHH` are escapes.",
    },
    "up to 255 bytes",
  ),
  unroutable: policy({
    name: "router.unroutable",
    default: null,
    defaultMeaning: "`dlq` when `enable-dlq` is `true`, else `log`",
    description:
      "What becomes of a record that the rule has no output for: `dlq` writes it to the dead letters, `log` and `drop` count and skip it, `stop` ends the app; an output's name sends it there, with that output's prefix.",
  }),
  offsetOutOfRange: words(
    {
      name: "router.offset-out-of-range",
      default: "reset",
      description:
        "What happens when the topic does not have the group's offset any more, or is another topic of the same name: `reset` says so in the log and goes on at the earliest record that is there, `stop` ends the app.",
    },
    "reset or stop",
    { reset: "reset", stop: "stop" },
  ),
  inFlightBytes: dataSize(
    { name: "router.in-flight-bytes", default: "16777216", description: "Most bytes that are written and not yet acknowledged." },
    { min: 1024, max: 1_073_741_824 },
  ),
  outputBatchBytes: dataSize(
    {
      name: "router.output-batch-bytes",
      default: "900000",
      description: "Largest RecordBatch that is written; below the topic's `max.message.bytes`.",
    },
    { min: 1024, max: 1_048_000 },
  ),
  commitInterval: duration(
    { name: "router.commit-interval", default: "1s", description: "Longest time between two commits of the consumer's positions." },
    { min: 1, max: 3_600_000 },
  ),
  shutdownTimeout: duration(
    {
      name: "router.shutdown-timeout",
      default: "8s",
      description:
        "Longest time that a stop may take to finish and commit what was read; the process ends soon after, within 10 s by default.",
    },
    { min: 1, max: 3_600_000 },
  ),
} as const;
