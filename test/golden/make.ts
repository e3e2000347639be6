/**
 * Makes `hosts/dataflow/kafka/golden.json` and `test/golden/offsets.json`: `npm run golden`. It needs Java and Maven. The bytes are made by
 * Java's clients, a real broker and kafkajs's own codecs; the lane's code has no part in it.
 */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Kafka, logLevel } from "kafkajs";
import { startCluster } from "../../hosts/demo/broker/cluster.ts";
import { runJava } from "../../hosts/demo/broker/tools.ts";
import { capturedFetch, encodeBatch, encodeProduce, splitBatches, type KafkajsRecord } from "./kafkajs-codecs.ts";

const OUTPUT = fileURLToPath(new URL("../../hosts/dataflow/kafka/golden.json", import.meta.url));
const OFFSETS_OUTPUT = fileURLToPath(new URL("offsets.json", import.meta.url));
const EVEN = Buffer.from("Even timestamp: ");
const ODD = Buffer.from("Odd timestamp:");
const BYTES_MAX = 100_000;
/** Twelve plain records and three of the committed transaction. */
const VISIBLE_RECORDS = 15;

const offsets = await runJava({ source: fileURLToPath(new URL("Offsets.java", import.meta.url)), className: "Offsets", args: [] });
await writeFile(OFFSETS_OUTPUT, JSON.stringify(JSON.parse(offsets.stdout), null, 2) + "\n");

const cluster = await startCluster({ nodes: 1 });
try {
  const kafka = new Kafka({ brokers: cluster.bootstrap.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  // Old records and a marker of today would be years apart: without this the broker begins a new segment, and a fetch ends at a segment's end.
  const configEntries = [{ name: "segment.ms", value: `${Number.MAX_SAFE_INTEGER}` }];
  await admin.createTopics({ topics: [{ topic: "golden", numPartitions: 1, configEntries }] });
  await admin.disconnect();
  const source = fileURLToPath(new URL("Producer.java", import.meta.url));
  await runJava({ source, className: "Producer", args: [cluster.bootstrap] });
  // A commit returns before its marker is in the log, so the first fetch may end early.
  let captured = await capturedFetch(kafka, "golden");
  while (captured.records.length < VISIBLE_RECORDS) captured = await capturedFetch(kafka, "golden");
  const { version, response, records } = captured;

  const split = splitBatches(response);
  // The aborted transaction's batch and the two markers carry nothing to route.
  const visible = split.map(({ control, firstOffset }) => !control && firstOffset !== 12n);
  const fetchBatches = split.map(({ lastOffset, bytes }, index) => ({
    lastOffset: lastOffset.toString(),
    visible: visible[index],
    bytes: bytes.length,
  }));
  const baseTimestamp = split[0]?.bytes.readBigInt64BE(27) ?? 0n;
  const outputs = await Promise.all([EVEN, ODD].map(async (prefix, parity) => encodeBatch(routed(records, prefix, parity), baseTimestamp)));
  const options = {
    acks: -1,
    timeout: 30_000,
    transactionalId: null,
    producerId: "4711",
    producerEpoch: 3,
    topic: "evenDest",
    partition: 2,
    baseSequence: 17,
  };
  const produced = await encodeProduce(options, records);
  const { version: kafkajs } = createRequire(import.meta.url)("kafkajs/package.json") as { version: string };
  const golden = {
    madeBy: `Java's producer and broker 4.3.1, kafkajs ${kafkajs}; test/golden/make.ts`,
    fetch: { version, response: response.toString("base64"), batches: fetchBatches },
    route: { bytesMax: BYTES_MAX, outputs: outputs.map((bytes) => bytes.toString("base64")) },
    produce: {
      options,
      batch: produced.batch.toString("base64"),
      request: produced.request.toString("base64"),
    },
  };
  await writeFile(OUTPUT, JSON.stringify(golden, null, 2) + "\n");
} finally {
  await cluster.stop();
}

/** The records of one parity with their prefix, in order. */
function routed(all: readonly KafkajsRecord[], prefix: Buffer, parity: number): KafkajsRecord[] {
  return all
    .filter(({ value }) => Number(value.toString().at(-1)) % 2 === parity)
    .map(({ key, value, headers, timestamp }) => ({ key, value: Buffer.concat([prefix, value]), headers, timestamp }));
}
