/** The judge of the other broker tests is judged here: each thing that can be wrong with an output is counted as what it is. */
import assert from "node:assert/strict";
import { Kafka, logLevel, type Message } from "kafkajs";
import { faultless, verify, type StreamTopics } from "./records.ts";
import { useBroker } from "./use-broker.ts";

type Sketch = Pick<Message, "key" | "value" | "timestamp" | "headers" | "partition">;

const EVEN = "Even timestamp: ";
const INPUT: readonly Sketch[] = Array.from({ length: 6 }, (_, index) => ({
  partition: index % 2,
  key: "key",
  value: `05/17/19 17:56:${10 + 2 * index}`,
  timestamp: "1558115796000",
  headers: { contentType: "text/plain" },
}));
const OUTPUT: readonly Sketch[] = INPUT.map((record) => ({ ...record, value: EVEN + String(record.value) }));

const broker = await useBroker();

async function write(topic: string, records: readonly Sketch[]): Promise<void> {
  await broker.topics.create(topic, 2);
  if (records.length === 0) return;
  const producer = new Kafka({ brokers: [broker.cluster.bootstrap], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages: [...records] });
  await producer.disconnect();
}

async function streamWith(name: string, even: readonly Sketch[]): Promise<StreamTopics> {
  const stream = { input: name, even: `${name}-even`, odd: `${name}-odd` };
  await write(stream.input, INPUT);
  await write(stream.even, even);
  await write(stream.odd, []);
  return stream;
}

/** Each record is wrong in another respect. */
const ALTERATIONS: readonly Sketch[] = [
  { value: `${EVEN}05/17/19 17:56:10`, timestamp: "1558115796001" },
  { value: `${EVEN}05/17/19 17:56:12`, key: null },
  { value: `${EVEN}05/17/19 17:56:14`, headers: { contentType: "" } },
  { value: `${EVEN}05/17/19 17:56:16`, headers: { contentType: "text/plain", x: "" } },
  { value: "05/17/19 17:56:18" },
  { value: `${EVEN}05/17/19 17:56:20`, partition: 0 },
];
const altered = OUTPUT.map((record, index) => ({ ...record, ...ALTERATIONS[index] }));
const swapped = OUTPUT.toSpliced(0, 5, ...[2, 3, 0, 1, 4].flatMap((index) => OUTPUT[index] ?? []));
const cases: readonly (readonly [string, readonly Sketch[], object])[] = [
  ["as it must be is faultless", OUTPUT, {}],
  ["without one of the records lacks one", OUTPUT.slice(0, 5), { routed: 5, missing: 1 }],
  ["with a record twice has one that is duplicated", [...OUTPUT, ...OUTPUT.slice(0, 1)], { duplicated: 1 }],
  ["in another order has records that come too late", swapped, { disordered: 2 }],
  ["with records that are alike but for one respect has none of those wanted", altered, { routed: 0, missing: 6, unexpected: 6 }],
];
for (const [index, [name, even, wrong]] of cases.entries()) {
  broker.test(`an output ${name}`, async () => {
    const stream = await streamWith(`judged-${index}`, even);
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), { ...faultless(6), ...wrong });
  });
}
