/** What a broker does about transactions that the simulation of exactly once stands on: steps, and the answers to them in order. */
import type { Steps } from "./coordinator.ts";

export interface CoordinatorRule {
  readonly name: string;
  readonly steps: (steps: Steps) => Promise<void>;
  readonly answers: readonly string[];
}

const SEQUENCE_COUNT = 2 ** 31;

export const COORDINATOR_RULES: readonly CoordinatorRule[] = [
  {
    name: "each producer of an id has the next epoch, and those before it are refused everywhere",
    steps: async (steps) => {
      const before = await steps.open();
      await steps.open();
      await steps.add(before);
      await steps.addOffsets(before);
      await steps.produce(before, 0);
      await steps.send(before, 1n);
      await steps.end(before, true);
    },
    answers: ["epoch 0", "epoch 1", ...repeat("INVALID_PRODUCER_EPOCH", 5)],
  },
  {
    name: "a producer that the id is not of is unknown",
    steps: async (steps) => {
      const one = await steps.open("one");
      const other = await steps.open("other");
      await steps.add({ ...one, producerId: other.producerId });
      await steps.end({ ...one, transactionalId: `${one.transactionalId}-nobody` }, true);
    },
    answers: ["epoch 0", "epoch 0", "INVALID_PRODUCER_ID_MAPPING", "INVALID_PRODUCER_ID_MAPPING"],
  },
  {
    name: "a partition takes nothing of a transaction that it is not in",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.produce(producer, 0);
      await steps.add(producer, 1);
      await steps.produce(producer, 0);
      await steps.add(producer, 0);
      await steps.produce(producer, 0);
      await steps.end(producer, true);
      await steps.reaches(2n);
      await steps.produce(producer, 1);
    },
    answers: ["epoch 0", "INVALID_TXN_STATE", "ok", "INVALID_TXN_STATE", "ok", "ok", "ok", "2 of 2", "INVALID_TXN_STATE"],
  },
  {
    name: "what is open is not stable; the end takes an offset of each partition, also of one that nothing was written to",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.add(producer, 0);
      await steps.add(producer, 1);
      await steps.produce(producer, 0, 3);
      await steps.ends(0);
      await steps.ends(1);
      await steps.end(producer, false);
      await steps.reaches(4n);
      await steps.reaches(1n, 1);
    },
    answers: ["epoch 0", "ok", "ok", "ok", "0 of 3", "0 of 0", "ok", "4 of 4", "1 of 1"],
  },
  {
    name: "a transaction ends once, and to ask for the same end again is no error",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.end(producer, true);
      await steps.add(producer);
      await steps.end(producer, true);
      await steps.end(producer, true);
      await steps.end(producer, false);
    },
    answers: ["epoch 0", "INVALID_TXN_STATE", "ok", "ok", "ok", "INVALID_TXN_STATE"],
  },
  {
    name: "the end of a transaction that comes late is the end of the next one",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.add(producer);
      await steps.produce(producer, 0);
      await steps.end(producer, true);
      await steps.add(producer);
      await steps.produce(producer, 1);
      await steps.end(producer, true);
      await steps.reaches(4n);
      await steps.produce(producer, 2);
    },
    answers: ["epoch 0", "ok", "ok", "ok", "ok", "ok", "ok", "4 of 4", "INVALID_TXN_STATE"],
  },
  {
    name: "one of the last five batches is known again, and not appended; an earlier one, a gap or another size is refused",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.add(producer);
      for (let sequence = 0; sequence < 6; sequence++) await steps.produce(producer, sequence);
      await steps.produce(producer, 1);
      await steps.ends();
      await steps.produce(producer, 0);
      await steps.produce(producer, 7);
      await steps.produce(producer, 5, 2);
    },
    answers: ["epoch 0", "ok", ...repeat("ok", 6), "ok", "0 of 6", ...repeat("OUT_OF_ORDER_SEQUENCE_NUMBER", 3)],
  },
  {
    name: "a batch that has the sequence numbers of one that was aborted is acknowledged, and is not there",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.add(producer);
      await steps.produce(producer, 0, 2);
      await steps.end(producer, false);
      await steps.reaches(3n);
      await steps.add(producer);
      await steps.produce(producer, 0, 2);
      await steps.end(producer, true);
      await steps.reaches(4n);
    },
    answers: ["epoch 0", "ok", "ok", "ok", "3 of 3", "ok", "ok", "ok", "4 of 4"],
  },
  {
    name: "sequence numbers go on in the next transaction, and begin anew with the next epoch",
    steps: async (steps) => {
      const first = await steps.open();
      await steps.add(first);
      await steps.produce(first, 0);
      await steps.end(first, true);
      await steps.add(first);
      await steps.produce(first, 1);
      await steps.end(first, true);
      const second = await steps.open();
      await steps.add(second);
      await steps.produce(second, 2);
      await steps.produce(second, 0);
    },
    answers: ["epoch 0", ...repeat("ok", 6), "epoch 1", "ok", "OUT_OF_ORDER_SEQUENCE_NUMBER", "ok"],
  },
  {
    name: "behind the last sequence number comes 0, and a partition that knows nothing of a producer takes any",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.add(producer);
      await steps.produce(producer, SEQUENCE_COUNT - 2, 3);
      await steps.produce(producer, 1);
      await steps.ends();
    },
    answers: ["epoch 0", "ok", "ok", "ok", "0 of 4"],
  },
  {
    name: "a new producer aborts what is open, which takes an epoch of its own, and is to ask again",
    steps: async (steps) => {
      const before = await steps.open();
      await steps.add(before);
      await steps.produce(before, 0);
      await steps.tryToOpen();
      await steps.reaches(2n);
      await steps.produce(before, 1);
      await steps.open();
      await steps.end(before, true);
    },
    answers: ["epoch 0", "ok", "ok", "CONCURRENT_TRANSACTIONS", "2 of 2", "INVALID_PRODUCER_EPOCH", "epoch 2", "INVALID_PRODUCER_EPOCH"],
  },
  {
    name: "a transaction that is open for too long is aborted, and its producer's time is over",
    steps: async (steps) => {
      const producer = await steps.open("one", 1000);
      await steps.add(producer);
      await steps.produce(producer, 0);
      await steps.ends();
      await steps.reaches(2n);
      await steps.produce(producer, 1);
      await steps.add(producer);
      await steps.end(producer, true);
      await steps.open();
    },
    answers: ["epoch 0", "ok", "ok", "0 of 1", "2 of 2", ...repeat("INVALID_PRODUCER_EPOCH", 3), "epoch 2"],
  },
  {
    name: "positions count when the transaction is committed, and until then nobody can tell what is committed",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.committed();
      await steps.addOffsets(producer);
      await steps.send(producer, 5n);
      await steps.committed();
      await steps.end(producer, true);
      await steps.settled();
      await steps.addOffsets(producer);
      await steps.send(producer, 9n);
      await steps.end(producer, false);
      await steps.settled();
    },
    answers: ["epoch 0", "-1", "ok", "ok", "UNSTABLE_OFFSET_COMMIT", "ok", "5", "ok", "ok", "ok", "5"],
  },
  {
    name: "a group takes no positions of a transaction that it is not in",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.send(producer, 5n);
      await steps.add(producer);
      await steps.send(producer, 5n);
      await steps.committed();
    },
    answers: ["epoch 0", "INVALID_TXN_STATE", "ok", "INVALID_TXN_STATE", "-1"],
  },
  {
    name: "a group takes positions of members of its present generation, and of whoever does not say which member it is",
    steps: async (steps) => {
      const producer = await steps.open();
      const before = await steps.join();
      const now = await steps.join();
      await steps.addOffsets(producer);
      await steps.send(producer, 1n, { ...now, generation: before.generation });
      await steps.send(producer, 2n, { ...now, memberId: "0" });
      await steps.send(producer, 3n, now);
      await steps.send(producer, 4n);
      await steps.end(producer, true);
      await steps.settled();
    },
    answers: ["epoch 0", "ok", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "ok", "ok", "ok", "4"],
  },
  {
    name: "positions that come late are those of the next transaction",
    steps: async (steps) => {
      const producer = await steps.open();
      await steps.addOffsets(producer);
      await steps.send(producer, 5n);
      await steps.end(producer, true);
      await steps.settled();
      await steps.addOffsets(producer);
      await steps.send(producer, 9n);
      await steps.send(producer, 5n);
      await steps.end(producer, true);
      await steps.settled();
    },
    answers: ["epoch 0", "ok", "ok", "ok", "5", "ok", "ok", "ok", "ok", "5"],
  },
  {
    name: "of two transactions, those positions count that were sent last, whichever was committed last",
    steps: async (steps) => {
      const one = await steps.open("one");
      const other = await steps.open("other");
      await steps.addOffsets(one);
      await steps.addOffsets(other);
      await steps.send(one, 5n);
      await steps.send(other, 9n);
      await steps.end(other, true);
      await steps.end(one, true);
      await steps.settled();
    },
    answers: ["epoch 0", "epoch 0", "ok", "ok", "ok", "ok", "ok", "ok", "9"],
  },
];

function repeat(answer: string, times: number): readonly string[] {
  return Array.from({ length: times }, () => answer);
}
