import { boolean, integer, line, topic, topics, words } from "./property-kinds.ts";
import { inputNames, outputNames } from "./property-layers.ts";

const bindings = "spring.cloud.stream.bindings";
const dataflow = "spring.cloud.dataflow.stream";

/** Whether headers are kept. The third word that Spring has, `embeddedHeaders`, would put them into the value. */
const HEADER_MODES = { allowed: "headers or none", valueByWord: { headers: true, none: false } } as const;

/** What the bindings are: their topics, the group, the instance among others. */
export const BINDING_PROPERTIES = {
  inputDestinations: topics({
    name: `${bindings}.input.destination`,
    names: inputNames("destination"),
    default: "input",
    description: "Topics to read.",
  }),
  outputDestination: topic({
    name: `${bindings}.<output>.destination`,
    names: outputNames("destination"),
    default: null,
    defaultMeaning: "the output's name",
    description:
      "Topic that the output's records are written to; it can't be one of the input's. As with all properties of an output, the binding `output` stands for all of them.",
  }),
  inputGroup: line({
    name: `${bindings}.input.group`,
    names: inputNames("group"),
    default: null,
    defaultMeaning: "`<stream name>.<app label>` in Data Flow, else `timestamp-router`",
    description:
      "Consumer group, which begins at the earliest record; empty or `anonymous` asks for a group of the instance's own, which begins at the latest.",
  }),
  autoStartup: boolean({
    name: `${bindings}.input.consumer.auto-startup`,
    names: inputNames("consumer.auto-startup"),
    default: "true",
    description: "Begin to read at the start of the app; with `false` the input waits until the endpoint `bindings` starts it.",
  }),
  concurrency: integer(
    {
      name: `${bindings}.input.consumer.concurrency`,
      names: inputNames("consumer.concurrency"),
      default: "1",
      description:
        "Threads that route, each a member of the group with a consumer and a producer of its own; no more are started than the input has partitions. With 1 there is no thread but the main one.",
    },
    { min: 1, max: 1000 },
  ),
  inputHeaders: words(
    {
      name: `${bindings}.input.consumer.header-mode`,
      names: inputNames("consumer.header-mode"),
      default: "headers",
      description: "With `none` the headers of the input's records are not read, so no output has any.",
    },
    HEADER_MODES.allowed,
    HEADER_MODES.valueByWord,
  ),
  outputHeaders: words(
    {
      name: `${bindings}.<output>.producer.header-mode`,
      names: outputNames("producer.header-mode"),
      default: "headers",
      description: "With `none` the output's records have no headers.",
    },
    HEADER_MODES.allowed,
    HEADER_MODES.valueByWord,
  ),
  outputPartitionCount: integer(
    {
      name: `${bindings}.<output>.producer.partition-count`,
      names: outputNames("producer.partition-count"),
      default: null,
      defaultMeaning: "as many as the input has",
      description: "Partitions that the output's topic must have: it is created with them, and one that has fewer is refused.",
    },
    { min: 1, max: 100_000 },
  ),
  instanceIndex: integer(
    {
      name: "spring.cloud.stream.instance-index",
      // The last ones are what platforms set; Spring's default leads to them.
      names: ["spring.cloud.stream.instance-index", "INSTANCE_INDEX", "CF_INSTANCE_INDEX"],
      default: "0",
      description: "Which of the instances this one is, from 0; it counts when `auto-rebalance-enabled` is `false`.",
    },
    { min: 0, max: 99_999 },
  ),
  instanceCount: integer(
    { name: "spring.cloud.stream.instance-count", default: "1", description: "How many instances there are, likewise." },
    { min: 1, max: 100_000 },
  ),
  streamName: line({
    name: `${dataflow}.name`,
    default: "",
    defaultMeaning: "set by Data Flow",
    description: "Name of the stream, part of the default consumer group.",
  }),
  appLabel: line({
    name: `${dataflow}.app.label`,
    default: "",
    defaultMeaning: "set by Data Flow",
    description: "Label of the app in the stream, part of the default consumer group.",
  }),
} as const;
