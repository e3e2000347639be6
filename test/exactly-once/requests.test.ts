/** The proxy reads what kafkajs and the app write, and kafkajs and the app read what it answers. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import {
  decodeOffsetFetch,
  decodeTxnOffsetCommit,
  encodeOffsetFetch,
  encodeTxnOffsetCommit,
} from "../../hosts/dataflow/kafka/offset-codecs.ts";
import { asEncoder } from "../../hosts/dataflow/kafka/kafkajs.ts";
import {
  answerTo,
  coordinatorKind,
  ErrorCode,
  errorCodeOf,
  isCommit,
  ownerOf,
  producedPartitions,
  readRequest,
  type ApiName,
  type Request,
} from "./requests.ts";

interface Codec {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<{ readonly buffer: Buffer }> };
  readonly response: { decode(raw: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
}

const load = createRequire(import.meta.url);
const apis = load("kafkajs/src/protocol/requests") as {
  readonly requests: Readonly<Record<string, { protocol: (choice: { version: number }) => (options: object) => Codec }>>;
};
const frame = load("kafkajs/src/protocol/request") as (options: object) => Promise<{ readonly buffer: Buffer }>;
const CORRELATION_ID = 7;
const HEADER_BYTES = 4 + 4;

const member = { group: "readers", memberId: "reader-1", generation: 3 };
const offsets = [
  { topic: "in", partitions: [0, 1].map((partition) => ({ partition, offset: "5", metadata: null })) },
  { topic: "more", partitions: [{ partition: 2, offset: "6", metadata: null }] },
];
const transaction = { transactionalId: "app", producerId: "9", producerEpoch: 1, groupId: "readers", topics: offsets };

/** What kafkajs writes for an API, and how it reads the answer. */
const codecOf = (api: string, version: number, options: object): Codec => {
  const codec = apis.requests[api]?.protocol({ version })(options);
  assert.ok(codec);
  return codec;
};

/** What the app writes and reads in place of the highest version that kafkajs knows. */
const ours = (api: string, known: number, apiVersion: number, buffer: Buffer, decode: (raw: Buffer) => unknown): Codec => {
  const { request, response } = codecOf(api, known, transaction);
  return {
    request: { ...request, apiVersion, encode: async () => Promise.resolve(asEncoder(buffer)) },
    response: { ...response, decode: async (raw) => Promise.resolve(decode(raw)) },
  };
};

const produced = {
  ...transaction,
  acks: -1,
  timeout: 1000,
  topicData: [{ topic: "out", partitions: [{ partition: 4, firstSequence: 0, messages: [{ value: Buffer.from("2"), timestamp: 1 }] }] }],
};

const cases: readonly { readonly api: ApiName; readonly owner: string; readonly codec: Codec }[] = [
  { api: "Produce", owner: "app", codec: codecOf("Produce", 7, produced) },
  { api: "InitProducerId", owner: "app", codec: codecOf("InitProducerId", 1, { transactionalId: "app", transactionTimeout: 1000 }) },
  { api: "AddOffsetsToTxn", owner: "app", codec: codecOf("AddOffsetsToTxn", 1, transaction) },
  { api: "EndTxn", owner: "app", codec: codecOf("EndTxn", 1, { ...transaction, transactionResult: true }) },
  { api: "FindCoordinator", owner: "app", codec: codecOf("GroupCoordinator", 1, { groupId: "app", coordinatorType: 1 }) },
  { api: "TxnOffsetCommit", owner: "app", codec: codecOf("TxnOffsetCommit", 1, transaction) },
  {
    api: "TxnOffsetCommit",
    owner: "app",
    codec: ours("TxnOffsetCommit", 1, 3, encodeTxnOffsetCommit(transaction, member), decodeTxnOffsetCommit),
  },
  { api: "OffsetFetch", owner: "readers", codec: ours("OffsetFetch", 4, 7, encodeOffsetFetch(transaction), decodeOffsetFetch) },
];

for (const { api, owner, codec } of cases) {
  test(`${api} ${codec.request.apiVersion} is read, and its answers are written as its clients read them`, async () => {
    const { buffer } = await frame({ correlationId: CORRELATION_ID, clientId: "test", request: codec.request });
    const request = readRequest(buffer);
    assert.deepEqual(
      [request.api, request.version, request.correlationId, request.clientId],
      [api, codec.request.apiVersion, CORRELATION_ID, "test"],
    );
    assert.equal(ownerOf(request), owner);
    for (const code of [ErrorCode.none, ErrorCode.notCoordinator]) {
      const answer = answerTo(request, code);
      assert.equal(answer.readInt32BE(0), answer.length - 4);
      assert.equal(answer.readInt32BE(4), CORRELATION_ID);
      assert.equal(errorCodeOf(request, answer), code);
      const parsed = codec.response.decode(answer.subarray(HEADER_BYTES)).then(async (decoded) => codec.response.parse(decoded));
      if (code === ErrorCode.none) await parsed;
      else await assert.rejects(parsed, { code });
    }
  });
}

const requestOf = async (codec: Codec): Promise<Request> =>
  readRequest((await frame({ correlationId: CORRELATION_ID, clientId: null, request: codec.request })).buffer);

test("an EndTxn is known as one that commits or one that aborts", async () => {
  for (const transactionResult of [true, false]) {
    assert.equal(isCommit(await requestOf(codecOf("EndTxn", 1, { ...transaction, transactionResult }))), transactionResult);
  }
});

test("the coordinator that is looked for is that of a group or that of transactions", async () => {
  for (const [coordinatorType, kind] of [
    [0, "group"],
    [1, "transaction"],
  ] as const) {
    const codec = codecOf("GroupCoordinator", 1, { groupId: "app", coordinatorType });
    assert.equal(coordinatorKind(await requestOf(codec)), kind);
  }
});

test("a Produce has its partitions, with their records", async () => {
  const [only, ...others] = producedPartitions(await requestOf(codecOf("Produce", 7, produced)));
  assert.deepEqual([only?.topic, only?.partition, others.length], ["out", 4, 0]);
  // base_offset, and the length of all that follows it
  assert.equal(only?.records.readInt32BE(8), (only?.records.length ?? 0) - 12);
});

test("a request of an API that tests don't speak of is nobody's and has no answer", async () => {
  const request = await requestOf(codecOf("ApiVersions", 1, {}));
  assert.equal(ownerOf(request), null);
  assert.throws(() => answerTo(request, ErrorCode.none), /there is no answer for requests of ApiVersions/u);
});
