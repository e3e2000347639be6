/** RecordBatches through the codec of kafkajs: decoded into objects, values concatenated, encoded again. It verifies no input CRC. */
import type { Encoded } from "../kafkajs-codec.ts";
import { Long, decodeBatch, encodeBatch, encodeRecord } from "../kafkajs-codec.ts";
import type { Candidate } from "../measure.ts";

const PREFIXES = [Buffer.from("Even timestamp: "), Buffer.from("Odd timestamp:")] as const;

async function route(bytes: Buffer): Promise<readonly Buffer[]> {
  const { firstTimestamp, records } = await decodeBatch(bytes);
  const first = Long.fromValue(firstTimestamp);
  const routed: readonly [Encoded[], Encoded[]] = [[], []];
  const maxTimestamps = [0, 0];
  for (const { timestamp, key, value, headers } of records) {
    const output = ((value.at(-1) ?? 0) & 1) === 0 ? 0 : 1;
    maxTimestamps[output] = Math.max(maxTimestamps[output] ?? 0, Number(timestamp));
    routed[output].push(
      encodeRecord({
        offsetDelta: routed[output].length,
        timestampDelta: Long.fromValue(timestamp).subtract(first),
        key,
        value: Buffer.concat([PREFIXES[output], value]),
        headers,
      }),
    );
  }
  return Promise.all(routed.map((output, index) => encodeBatch(BigInt(firstTimestamp), BigInt(maxTimestamps[index] ?? 0), output)));
}

export function batchesInKafkajs(batches: readonly Buffer[]): Candidate {
  let outputs: readonly Buffer[] = [];
  return {
    name: "kafkajs decode, concat, encode",
    clock: "process",
    async run(batch) {
      const bytes = batches[batch];
      if (bytes === undefined) throw new RangeError("no such batch");
      outputs = await route(bytes);
    },
    outputs: () => outputs,
  };
}
