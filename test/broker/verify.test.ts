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

async function streamWith(name: string, even: readonly Sketch[], input: readonly Sketch[] = INPUT): Promise<StreamTopics> {
  const stream = { input: name, even: `${name}-even`, odd: `${name}-odd` };
  await write(stream.input, input);
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

/** Records that no output takes, one for each thing that can be wrong with a dead letter. */
const REFUSED = Array.from({ length: 10 }, (_, index) => ({
  partition: 1,
  key: "key",
  value: `refused-${index}x`,
  timestamp: "1558115796000",
  headers: { contentType: "text/plain" },
}));

function int64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(number));
  return bytes;
}

/** The headers that a dead letter of partition 1 has behind its own, as they must be. */
const addedHeaders = (topic: string, offset: number): NonNullable<Sketch["headers"]> => ({
  "x-original-topic": topic,
  "x-original-partition": Buffer.of(0, 0, 0, 1),
  "x-original-offset": int64(offset),
  "x-original-timestamp": int64(1_558_115_796_000),
  "x-original-timestamp-type": "CreateTime",
  "x-exception-fqcn": "timestamprouter.UnroutableRecordException",
  "x-exception-message": "not-a-digit at byte 9",
  "x-exception-stacktrace": "timestamprouter.UnroutableRecordException: not-a-digit at byte 9",
});

const lettersOf = (topic: string): readonly Sketch[] =>
  REFUSED.map(({ partition, key, value, headers }, offset) => ({
    partition,
    key,
    value,
    headers: { ...headers, ...addedHeaders(topic, offset) },
  }));

/** Each dead letter is wrong in another respect: one of its eight headers, its key, its own time. */
const alteredLetters = (letters: readonly Sketch[]): readonly Sketch[] =>
  letters.map((letter, index) => {
    const header = Object.keys(addedHeaders("", 0))[index];
    if (header !== undefined) return { ...letter, headers: { ...letter.headers, [header]: "wrong" } };
    return index === 8 ? { ...letter, key: null } : { ...letter, timestamp: "1558115796000" };
  });
type Change = (letters: readonly Sketch[]) => readonly Sketch[];
const letterCases: readonly (readonly [string, Change, object])[] = [
  ["as they must be are faultless", (letters) => letters, {}],
  ["without one of the records lack one", (letters) => letters.slice(1), { deadLetters: 9, missing: 1 }],
  ["with a record twice have one that is duplicated", (letters) => [...letters, ...letters.slice(0, 1)], { duplicated: 1 }],
  ["in another order have a record that comes too late", (letters) => [...letters.slice(1), ...letters.slice(0, 1)], { disordered: 1 }],
  ["that are alike but for one respect are none", alteredLetters, { deadLetters: 0, missing: 10, unexpected: 10 }],
];
for (const [index, [name, change, wrong]] of letterCases.entries()) {
  broker.test(`dead letters ${name}`, async () => {
    const stream = await streamWith(`judged-letters-${index}`, [], REFUSED);
    const deadLetters = `${stream.input}-letters`;
    await write(deadLetters, change(lettersOf(stream.input)));
    const verdict = await verify(broker.cluster.bootstrap, { ...stream, deadLetters });
    assert.deepEqual(verdict, { ...faultless(10, { deadLetters: 10 }), ...wrong });
  });
}

broker.test("records that no output takes are unroutable where there are no dead letters", async () => {
  const stream = await streamWith("judged-unroutable", [], REFUSED);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(10, { unroutable: 10 }));
});
