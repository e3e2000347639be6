/** The judge of the chaos runs is judged: each thing that can become of a record is counted as what it is. */
import assert from "node:assert/strict";
import { Kafka, logLevel, type Message } from "kafkajs";
import { useBroker } from "../broker/use-broker.ts";
import { accountFor, type Account } from "./account.ts";

const PARTITIONS = 2;
/** Of each partition. There are a tombstone, number 996, and two unroutable ones, 498 and 997, among them. */
const RECORDS = 1000;
const TOMBSTONE = 996;
const UNROUTABLE: ReadonlySet<number> = new Set([498, 997]);
const PREFIXES = { even: "Even timestamp: ", odd: "Odd timestamp:" } as const;

interface Sketch extends Message {
  readonly partition: number;
  readonly value: string | null;
  readonly sequence: number;
}

/** What `NumberedRecord.java` says of a record, in other words. */
function numbered(partition: number, sequence: number): Sketch {
  const key = Buffer.alloc(12);
  key.writeInt32BE(partition);
  key.writeBigInt64BE(BigInt(sequence), 4);
  const digit = Number((BigInt.asUintN(64, BigInt(sequence * 64 + partition) * 0x9e3779b97f4a7c15n) >> 40n) % 10n);
  const digits = String((partition + 1) * 1e12 + sequence * 10 + digit);
  const unroutable = sequence % 2 === 0 ? "" : `${digits}x`;
  const value = sequence === TOMBSTONE ? null : UNROUTABLE.has(sequence) ? unroutable : digits;
  const headers: Record<string, string> = sequence % 10 === 0 ? { sequence: String(sequence) } : {};
  return { partition, sequence, key, value, headers, timestamp: String(1_558_115_796_000 + sequence) };
}

const INPUT = Array.from({ length: PARTITIONS * RECORDS }, (_, index) => numbered(index % PARTITIONS, Math.floor(index / PARTITIONS)));
const ROUTABLE = INPUT.filter(({ sequence }) => sequence !== TOMBSTONE && !UNROUTABLE.has(sequence));
const DEAD_LETTERS = INPUT.filter(({ sequence }) => UNROUTABLE.has(sequence));

function routedTo(output: keyof typeof PREFIXES): Sketch[] {
  const parity = output === "even" ? 0 : 1;
  const own = ROUTABLE.filter(({ value }) => Number(value?.at(-1)) % 2 === parity);
  return own.map((record) => prefixed(record, PREFIXES[output]));
}

function prefixed(record: Sketch, prefix: string): Sketch {
  return { ...record, value: `${prefix}${record.value}` };
}

const EVEN = routedTo("even");
const ODD = routedTo("odd");
const FAULTLESS: Account = {
  input: PARTITIONS * RECORDS,
  routed: PARTITIONS * (RECORDS - 3),
  deadLetters: 0,
  missing: 0,
  unexpected: 0,
  disordered: 0,
  duplicated: 0,
  tombstones: PARTITIONS,
  unroutable: PARTITIONS * 2,
};

const broker = await useBroker();

async function write(topic: string, records: readonly Sketch[]): Promise<void> {
  await broker.topics.create(topic, PARTITIONS);
  const producer = new Kafka({ brokers: [broker.cluster.bootstrap], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages: [...records] });
  await producer.disconnect();
}

interface Outputs {
  readonly even: readonly Sketch[];
  readonly deadLetters?: readonly Sketch[];
}

/** Writes a run's topics and has them accounted for. The odd output is always as it must be. */
async function accountOf(name: string, { even, deadLetters }: Outputs): Promise<Account> {
  await write(name, INPUT);
  await write(`${name}-even`, even);
  await write(`${name}-odd`, ODD);
  if (deadLetters !== undefined) await write(`${name}-dead`, deadLetters);
  const { account } = await accountFor({
    bootstrap: broker.cluster.bootstrap,
    input: name,
    even: `${name}-even`,
    odd: `${name}-odd`,
    deadLetters: deadLetters === undefined ? null : `${name}-dead`,
    acknowledged: Array.from({ length: PARTITIONS }, () => RECORDS),
    anyPartition: false,
  });
  return account;
}

/** The first records of one partition of the even output, altered, each in another respect. */
const altered = EVEN.filter(({ sequence }) => sequence > 0 && sequence % 10 !== 0).slice(0, 6);
const ALTERATIONS: readonly Partial<Sketch>[] = [
  { value: null },
  { value: `${PREFIXES.even} ` },
  { headers: { sequence: "1" } },
  { timestamp: "1558115795999" },
  { partition: 5 },
  { key: Buffer.alloc(11) },
];
const withAlterations = EVEN.map((record) => {
  const { partition, ...alteration } = ALTERATIONS[altered.indexOf(record)] ?? {};
  return { ...record, ...alteration, partition: partition === undefined ? record.partition : 1 - record.partition };
});
const inPartition0 = EVEN.filter(({ partition }) => partition === 0);
const [first, second] = inPartition0;
assert.ok(first !== undefined && second !== undefined);
const swapped = [second, first, ...EVEN.filter((record) => record !== first && record !== second)];

const cases: readonly (readonly [string, Outputs, Partial<Account>])[] = [
  ["as it must be is faultless", { even: EVEN }, {}],
  ["that lacks a record misses it", { even: EVEN.slice(1) }, { routed: FAULTLESS.routed - 1, missing: 1 }],
  ["that has a record again later has it twice, and still in order", { even: [...EVEN, ...EVEN.slice(0, 1)] }, { duplicated: 1 }],
  ["that has two records in another order has one too late", { even: swapped }, { disordered: 1 }],
  [
    "that has altered records has none of those wanted",
    { even: withAlterations },
    { routed: FAULTLESS.routed - 6, missing: 6, unexpected: 6 },
  ],
  ["that has records of the other output has them without need", { even: [...EVEN, ...ODD.slice(0, 3)] }, { unexpected: 3 }],
  [
    "that has an unroutable record or a tombstone has it without need",
    { even: [...EVEN, numbered(0, 498), numbered(0, 996)] },
    { unexpected: 2 },
  ],
  ["with dead letters as they must be is faultless", { even: EVEN, deadLetters: DEAD_LETTERS }, { deadLetters: 4 }],
  ["with dead letters that lack one misses it", { even: EVEN, deadLetters: DEAD_LETTERS.slice(1) }, { deadLetters: 3, missing: 1 }],
];
for (const [index, [name, outputs, difference]] of cases.entries()) {
  broker.test(`a run ${name}`, async () => {
    assert.deepEqual(await accountOf(`run-${index}`, outputs), { ...FAULTLESS, ...difference });
  });
}

broker.test("a run whose input is not what the producer has acknowledged is no run to judge", async () => {
  await assert.rejects(
    accountFor({
      bootstrap: broker.cluster.bootstrap,
      input: "run-0",
      even: "run-0-even",
      odd: "run-0-odd",
      deadLetters: null,
      acknowledged: [RECORDS, RECORDS - 1],
      anyPartition: false,
    }),
    /acknowledged \[1000, 999\], in the input \[1000, 1000\]/u,
  );
});
