import { dataSize, duration, outputNames, policy, ruleText, words } from "./property-kinds.ts";

/** The router itself: the rule, and what bounds its work. */
export const ROUTER_PROPERTIES = {
  rule: ruleText(
    {
      name: "router.rule",
      default: "last-digit",
      description:
        "Rule that picks the output: `last-digit` goes by the value's last byte, `timestamp` reads the value and goes by one field of it.",
    },
    "last-digit or timestamp",
  ),
  outputs: outputNames({
    name: "router.outputs",
    default: "even,odd",
    description:
      "Names of the output bindings, the one for even digits first; for the timestamp rule 2 to 8, and the number modulo their count picks one.",
  }),
  timestampFormat: ruleText(
    {
      name: "router.timestamp.format",
      default: "MM/dd/yy HH:mm:ss",
      description:
        "How the timestamp rule reads a value: the letters of Java's `DateTimeFormatter` (strict, English; `yy` is 2000 to 2099), or `iso-8601`, `epoch-seconds`, `epoch-millis`, `epoch-micros`, `epoch-nanos`.",
    },
    "a pattern or one of these words",
  ),
  timestampField: ruleText(
    {
      name: "router.timestamp.field",
      default: "second",
      description:
        "Field that decides: `millisecond`, `second`, `minute`, `hour`, `day`, `day-of-week` (1 is Monday), `day-of-year`, `month`, `year`, `epoch-second`, `epoch-minute`, `epoch-hour` or `epoch-day`.",
    },
    "one of these words",
  ),
  timestampZone: ruleText(
    { name: "router.timestamp.zone", default: "Z", description: "Offset in which the field is read, such as `+01:00`." },
    "Z or an offset of at most 18 hours",
  ),
  timestampDivide: ruleText(
    {
      name: "router.timestamp.divide",
      default: "1",
      description: "What the field is divided by, rounded down, before the modulo or the table: `15` makes quarters of an hour of minutes.",
    },
    "a whole number from 1 to 2147483647",
  ),
  timestampSource: ruleText(
    {
      name: "router.timestamp.source",
      default: "value",
      description: "Where the timestamp is: in the `value`, or, with `record`, in the record's own timestamp, whatever the value is.",
    },
    "value or record",
  ),
  table: ruleText(
    {
      name: "router.table",
      default: null,
      defaultMeaning: "the modulo",
      description: "Ranges of the divided field and their outputs, in place of the modulo: `0-11:even,12-23:odd`.",
    },
    "ranges with an output each",
  ),
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
    {
      name: "router.in-flight-bytes",
      default: "16777216",
      description: "Most bytes that are written and not yet acknowledged, but for a batch of each output on top.",
    },
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
    {
      name: "router.commit-interval",
      default: null,
      defaultMeaning: "`1s`, with transactions `100ms`",
      description: "Longest time between two commits of the consumer's positions; with transactions, the time that one takes records.",
    },
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
