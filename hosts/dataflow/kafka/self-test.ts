/**
 * Proves the lane on bytes of others before it touches anybody's records: a Fetch response of a real broker with batches of Java's producer,
 * and a Produce request of kafkajs's own encoder. None of them was made by the code that they test.
 */
import { Router } from "../../embed.ts";
import { AppError, describeError } from "../errors.ts";
import { routeFetched } from "../route-fetched.ts";
import { decodeFetchResponse, type BatchMessage } from "./fetch-codec.ts";
import golden from "./golden.json" with { type: "json" };
import { BatchToProduce, encodeProduceRequest } from "./produce-codec.ts";

/** Bytes and what they must come to; `test/golden` makes them and tells how. */
export type Golden = typeof golden;

/** What the test looks at of a decoded Fetch response. */
interface Decoded {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly messages: readonly BatchMessage[] }[];
  }[];
}

/** Throws `AppError` when a codec or the core does not make of the golden bytes what it must; the app is not to start then. */
export function testLane(core: WebAssembly.Module, bytes: Golden = golden): void {
  try {
    const router = new Router(core);
    const messages = testFetch(bytes);
    testRoute(router, new Router(core), messages, bytes);
    testProduce(router, bytes);
  } catch (error) {
    throw new AppError(
      "LANE_SELF_TEST",
      false,
      `refusing to start, since the RecordBatch lane failed its self-test: ${describeError(error)}`,
      error,
    );
  }
}

function testFetch({ fetch }: Golden): readonly BatchMessage[] {
  const decoded = decodeFetchResponse(Buffer.from(fetch.response, "base64"), fetch.version) as Decoded;
  const messages = decoded.responses.flatMap(({ partitions }) => partitions.flatMap((partition) => partition.messages));
  const seen = messages.map(({ lastOffset, visible, bytes }) => ({ lastOffset: lastOffset.toString(), visible, bytes: bytes.length }));
  mustEqual("the batches of the golden Fetch response", JSON.stringify(seen), JSON.stringify(fetch.batches));
  return messages;
}

function testRoute(router: Router, checker: Router, messages: readonly BatchMessage[], { route }: Golden): void {
  const fetched = { topic: "golden", partition: 0, fetchOffset: 0n, batches: messages, nextOffset: 0n };
  const stretches = [...routeFetched(router, checker, fetched, route.bytesMax)];
  const outputs = stretches.flatMap(({ batches }) => batches.map(({ bytes }) => Buffer.from(bytes).toString("base64")));
  mustEqual("the RecordBatches routed from the golden ones", outputs.join(" "), route.outputs.join(" "));
}

function testProduce(router: Router, { produce }: Golden): void {
  const { topic, partition, baseSequence, ...options } = produce.options;
  const batch = new BatchToProduce(Buffer.from(produce.batch, "base64"), partition, baseSequence, () => null);
  const topicData = [{ topic, partitions: [{ partition, messages: batch }] }];
  const body = encodeProduceRequest({ ...options, topicData }, (bytes, stamp) => {
    router.stampProducer(bytes, stamp);
  });
  mustEqual("the Produce request around the golden batch", Buffer.concat(body).toString("base64"), produce.request);
}

function mustEqual(what: string, seen: string, wanted: string): void {
  if (seen !== wanted) throw new Error(`${what} are not what they must be`);
}
