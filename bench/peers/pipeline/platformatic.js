/** A router on @platformatic/kafka, at least once. Arguments: bootstrap, input, even, odd, group. */
import { Consumer, ProduceAcks, Producer } from "@platformatic/kafka";

const [bootstrap, input, even, odd, group] = process.argv.slice(2);
const PREFIXES = [Buffer.from("Even timestamp: "), Buffer.from("Odd timestamp:")];
const RECORDS_PER_SEND = 500;
const SENDS_MAX = 8;
const FLUSH_MS = 20;
const COMMIT_MS = 1000;

const client = { clientId: "peer", bootstrapBrokers: [bootstrap] };
const producer = new Producer({ ...client, acks: ProduceAcks.ALL });
const consumer = new Consumer({ ...client, groupId: group });
const stream = await consumer.consume({
  topics: [input],
  autocommit: false,
  mode: "committed",
  fallbackMode: "earliest",
  maxWaitTime: 100,
  highWaterMark: 100_000,
});

const pending = new Set();
/** Records that are not sent yet, by output partition. */
const outputs = new Map();
/** The last record of each input partition. */
const last = new Map();

async function flush(place) {
  const messages = outputs.get(place) ?? [];
  outputs.delete(place);
  if (messages.length === 0) return;
  const sent = producer.send({ messages });
  pending.add(sent);
  void sent.then(() => pending.delete(sent));
  if (pending.size >= SENDS_MAX) await Promise.race(pending);
}

async function flushAll() {
  for (const place of outputs.keys()) await flush(place);
}

async function commit() {
  await flushAll();
  await Promise.all(pending);
  const offsets = Array.from(last.values(), ({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1n, leaderEpoch: 0 }));
  last.clear();
  if (offsets.length > 0) await consumer.commit({ offsets });
}

let committedMs = performance.now();
setInterval(() => void flushAll(), FLUSH_MS);
for await (const message of stream) {
  const { value, key, headers, timestamp, partition } = message;
  const parity = value.at(-1) & 1;
  const topic = parity === 0 ? even : odd;
  const place = `${topic}-${partition}`;
  const messages = outputs.get(place) ?? [];
  outputs.set(place, messages);
  messages.push({ topic, partition, key, value: Buffer.concat([PREFIXES[parity], value]), headers, timestamp });
  last.set(partition, message);
  if (messages.length >= RECORDS_PER_SEND) await flush(place);
  if (performance.now() - committedMs > COMMIT_MS) {
    await commit();
    committedMs = performance.now();
  }
}
