/** A producer whose requests travel, get lost, arrive late, or arrive and are not answered. */
import type { BatchProducer } from "../../hosts/dataflow/binder.ts";
import { outage, type Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Life, Scheduler } from "./scheduler.ts";

/** How long the producer goes on before it gives a batch up. */
const DELIVERY_TIMEOUT_MS = 10_000;
/** A broker that had stalled may append a request when its sender has long given it up. */
const LATE_MS_MAX = 14_000;
const NETWORK_MS_MAX = 20;

export interface FaultyProducerOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  /** Of the instance that writes. Its death does not take back what is on its way. */
  readonly life: Life;
  /** Appends a batch at the broker. */
  readonly append: (topic: string, partition: number, batch: Uint8Array) => void;
}

/** As the contract demands: one request at a time for each partition, and none after one that was rejected. */
export function createFaultyProducer({ scheduler, random, faults, life, append }: FaultyProducerOptions): BatchProducer {
  const { clock } = life;
  const last = new Map<string, Promise<void>>();
  let hasStopped = false;
  const send = async (topic: string, partition: number, batch: Uint8Array): Promise<void> => {
    if (hasStopped) throw outage("produce");
    const arriveIn = (delayMs: number): void => {
      scheduler.after(delayMs, () => {
        append(topic, partition, batch);
      });
    };
    const requestMs = random.between(1, NETWORK_MS_MAX);
    // Longer than any jitter, or than the second arrival of two.
    const answerMs = requestMs + random.between(10, 10 + NETWORK_MS_MAX);
    switch (faults.strike("produce")) {
      case "before":
        await clock.delay(answerMs);
        throw outage("produce");
      case "after":
        arriveIn(requestMs);
        await clock.delay(answerMs);
        throw outage("produce");
      case "never":
        if (random.chance(0.5)) arriveIn(random.between(1, LATE_MS_MAX));
        await clock.delay(DELIVERY_TIMEOUT_MS);
        throw outage("produce");
      case "late": {
        const lateMs = random.between(1, DELIVERY_TIMEOUT_MS - 1000);
        arriveIn(lateMs);
        await clock.delay(lateMs + answerMs);
        return;
      }
      case "twice":
        arriveIn(requestMs);
        arriveIn(requestMs + 4);
        await clock.delay(answerMs);
        return;
      case null:
        arriveIn(requestMs);
        await clock.delay(answerMs);
    }
  };
  return {
    produce: async (topic, partition, batch) => {
      const key = `${topic}/${partition}`;
      const sent = (last.get(key) ?? Promise.resolve()).then(async () => send(topic, partition, batch));
      last.set(key, sent);
      try {
        await sent;
      } catch (error) {
        hasStopped = true;
        throw error;
      }
    },
    close: async () => {
      hasStopped = true;
      const fault = faults.strike("close");
      if (fault === "late" || fault === "never") await clock.delay(random.between(1, 3000));
      if (fault !== null) throw outage("close");
    },
  };
}
