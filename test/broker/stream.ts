/** One stream of the tests: an input topic, two outputs, and the group that reads for the app. All are named after it. */
import type { StreamTopics } from "./records.ts";

export interface Stream extends StreamTopics {
  readonly group: string;
  /** What the app has to be told to serve this stream. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Returns the stream with this name. Nothing is created. */
export function streamOf(bootstrap: string, name: string): Stream {
  const topics = { input: name, even: `${name}-even`, odd: `${name}-odd` };
  const group = `${name}-group`;
  const bindings = "spring.cloud.stream.bindings";
  const properties = {
    "spring.cloud.stream.kafka.binder.brokers": bootstrap,
    [`${bindings}.input.destination`]: topics.input,
    [`${bindings}.input.group`]: group,
    [`${bindings}.even.destination`]: topics.even,
    [`${bindings}.odd.destination`]: topics.odd,
  };
  return { ...topics, group, properties };
}

/** Properties that make a run last: few records in each request, and few requests on the way, so that there is a middle to stop it in. */
export const SLOWLY = { "router.output-batch-bytes": 2048, "router.in-flight-bytes": 2048 } as const;
