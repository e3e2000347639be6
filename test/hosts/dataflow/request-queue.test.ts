/** The queue of kafkajs's connections as the lane changes it, with timers that the test makes pass. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mock, test } from "node:test";
import { queueCalls } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { lookForWaitingOnly } from "../../../hosts/dataflow/kafka/request-queue.ts";

interface Queue {
  push(request: object): void;
  fulfillRequest(answer: object): void;
  maybeThrottle(throttleMs: number): void;
  destroy(): void;
  readonly throttleCheckTimeoutId: object | null;
}

const load = createRequire(import.meta.url);
const QueueOfKafkajs = load("kafkajs/src/network/requestQueue") as new (options: object) => Queue;

lookForWaitingOnly(queueCalls());

/** A queue, the requests that it has sent, and a way to make one. */
function open(maxInFlightRequests: number | null): {
  readonly queue: Queue;
  readonly sent: number[];
  readonly push: (correlationId: number) => void;
} {
  const logger = { debug: () => {}, warn: () => {} };
  const queue = new QueueOfKafkajs({
    maxInFlightRequests,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: "",
    broker: "",
    logger: { namespace: () => logger, ...logger },
    isConnected: () => true,
  });
  const sent: number[] = [];
  const push = (correlationId: number): void => {
    const entry = { correlationId, apiName: "", apiKey: 0, apiVersion: 0, resolve: () => {}, reject: () => {} };
    queue.push({ entry, expectResponse: true, requestTimeout: null, sendRequest: () => sent.push(correlationId) });
  };
  return { queue, sent, push };
}

test("a queue in which nothing waits has no timer", () => {
  const { queue, sent, push } = open(null);
  push(1);
  queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
  assert.deepEqual(sent, [1]);
  assert.equal(queue.throttleCheckTimeoutId, null);
});

test("a request that the broker's throttling holds back is sent when that is over, and the queue rests again", () => {
  mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const { queue, sent, push } = open(null);
  queue.maybeThrottle(200);
  push(1);
  mock.timers.tick(199);
  assert.deepEqual(sent, []);
  mock.timers.tick(2);
  assert.deepEqual(sent, [1]);
  assert.equal(queue.throttleCheckTimeoutId, null);
  mock.timers.reset();
});

test("a request that waits for room is sent when another one is answered", () => {
  const { queue, sent, push } = open(1);
  push(1);
  push(2);
  assert.deepEqual(sent, [1]);
  queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
  assert.deepEqual(sent, [1, 2]);
  queue.destroy();
});
