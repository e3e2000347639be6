/**
 * A router on kafkajs's public interface. Arguments: bootstrap, input, even, odd, group, and at-least-once or exactly-once.
 *
 * A send has one partition of one topic, for of those with several kafkajs may lose records when a leader moves, and so many records that
 * batches are large enough without blocking the process for long.
 */
import { Kafka, Partitioners, logLevel, type EachBatchPayload, type KafkaMessage, type Message, type Transaction } from "kafkajs";

const [bootstrap = "", input = "", even = "", odd = "", group = "", delivery] = process.argv.slice(2);
const PREFIXES = [Buffer.from("Even timestamp: "), Buffer.from("Odd timestamp:")] as const;
const RECORDS_PER_SEND = 500;
const SENDS_MAX = 8;
const COMMIT_MS = 1000;
const TRANSACTION_MS = 100;

interface Send {
  readonly topic: string;
  readonly messages: Message[];
}

type Sender = Pick<Transaction, "send">;

function routed(message: KafkaMessage, partition: number): readonly [parity: 0 | 1, message: Message] {
  const value = message.value ?? Buffer.alloc(0);
  const parity = ((value.at(-1) ?? 0) & 1) as 0 | 1;
  const { key, headers, timestamp } = message;
  return [parity, { key, value: Buffer.concat([PREFIXES[parity], value]), ...(headers && { headers }), timestamp, partition }];
}

function sendsOf({ batch }: EachBatchPayload): readonly Send[] {
  const outputs: readonly [Message[], Message[]] = [[], []];
  for (const message of batch.messages) {
    const [parity, output] = routed(message, batch.partition);
    outputs[parity].push(output);
  }
  return outputs.flatMap((messages, parity) => {
    const count = Math.ceil(messages.length / RECORDS_PER_SEND);
    return Array.from({ length: count }, (_, index) => ({
      topic: parity === 0 ? even : odd,
      messages: messages.slice(index * RECORDS_PER_SEND, (index + 1) * RECORDS_PER_SEND),
    }));
  });
}

/** Sends on, with a bound on how many are on their way, and one at a time to each partition: of two, the later may overtake. */
class Outbox {
  readonly #pending = new Set<Promise<unknown>>();
  readonly #last = new Map<string, Promise<unknown>>();

  async send(sender: Sender, send: Send): Promise<void> {
    const place = `${send.topic}-${send.messages[0]?.partition}`;
    const before = this.#last.get(place) ?? Promise.resolve();
    const sent = before.then(async () => sender.send({ acks: -1, ...send }));
    this.#last.set(place, sent);
    this.#pending.add(sent);
    void sent.then(() => this.#pending.delete(sent));
    if (this.#pending.size >= SENDS_MAX) await Promise.race(this.#pending);
  }

  async acknowledged(): Promise<void> {
    await Promise.all(this.#pending);
  }
}

const kafka = new Kafka({ clientId: "peer", brokers: [bootstrap], logLevel: logLevel.ERROR });
const isExactlyOnce = delivery === "exactly-once";
const producer = kafka.producer({
  createPartitioner: Partitioners.DefaultPartitioner,
  ...(isExactlyOnce ? { transactionalId: group, maxInFlightRequests: 1, idempotent: true } : {}),
  // By default it sleeps for 300 ms after each transaction whose end is still being written.
  retry: { initialRetryTime: 2, retries: 100 },
});
const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 });
const outbox = new Outbox();
let positions = new Map<number, string>();

async function commit(transaction: Transaction | null): Promise<void> {
  await outbox.acknowledged();
  const partitions = [...positions].map(([partition, offset]) => ({ partition, offset }));
  positions = new Map();
  if (partitions.length === 0) return;
  if (transaction === null) await consumer.commitOffsets(partitions.map((position) => ({ topic: input, ...position })));
  else await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic: input, partitions }] });
}

let begunMs = performance.now();
let transaction: Transaction | null = null;

async function endTransaction(): Promise<void> {
  const ending = transaction;
  transaction = null;
  if (ending === null) return;
  await commit(ending);
  await ending.commit();
}

async function handle(payload: EachBatchPayload): Promise<void> {
  if (isExactlyOnce && transaction === null) {
    transaction = await producer.transaction();
    begunMs = performance.now();
  }
  for (const send of sendsOf(payload)) await outbox.send(transaction ?? producer, send);
  positions.set(payload.batch.partition, String(BigInt(payload.batch.lastOffset()) + 1n));
  if (performance.now() - begunMs < (isExactlyOnce ? TRANSACTION_MS : COMMIT_MS)) return;
  if (isExactlyOnce) await endTransaction();
  else await commit(null);
  begunMs = performance.now();
}

/** Batches come one at a time; what ends the last transaction takes its turn between them. */
let turn: Promise<void> = Promise.resolve();
async function inTurn(work: () => Promise<void>): Promise<void> {
  turn = turn.then(work);
  return turn;
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [input], fromBeginning: true });
await consumer.run({ autoCommit: false, eachBatch: async (payload) => inTurn(async () => handle(payload)) });
if (isExactlyOnce) setInterval(() => void inTurn(endTransaction), TRANSACTION_MS);
