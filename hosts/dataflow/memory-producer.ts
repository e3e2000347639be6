/** Producers of the broker in memory: what they ask of it is done at once, or not at all. */
import type { BatchProducer, GroupMember, Position } from "./binder.ts";
import type { Clock } from "./clock.ts";
import { AppError } from "./errors.ts";
import type { MemoryBroker } from "./memory-binder.ts";
import { ProducerError } from "./memory-producers.ts";
import type { Participant, ProducerIdentity } from "./memory-transactions.ts";
import { recordCountOf } from "./record-batch.ts";

const TRANSACTION_TIMEOUT_MS = 15_000;
/** The broker is asked again after this time when it is still about a transaction before. */
const CONCURRENT_MS = 5;
/** Sequence numbers go from 0 to 2^31 - 1 and round again. */
const SEQUENCE_COUNT = 2 ** 31;

/** Opens a producer whose batches are there for all readers at once. */
export async function openMemoryProducer(broker: MemoryBroker): Promise<BatchProducer> {
  let isOpen = true;
  return Promise.resolve({
    produce: async (topic, partition, batch) => {
      if (!isOpen) throw closed();
      broker.append(topic, partition, batch);
      return Promise.resolve();
    },
    close: async () => {
      isOpen = false;
      return Promise.resolve();
    },
  });
}

/** Opens a producer with transactions. It ends the one before it with the same id. */
export async function openMemoryTransactions(broker: MemoryBroker, transactionalId: string, clock: Clock): Promise<BatchProducer> {
  const identity = await whenReady(clock, () => broker.transactions.initProducer(transactionalId, TRANSACTION_TIMEOUT_MS));
  return new TransactionalProducer(broker, identity, clock);
}

class TransactionalProducer implements BatchProducer {
  readonly transaction: NonNullable<BatchProducer["transaction"]>;
  readonly #broker: MemoryBroker;
  readonly #identity: ProducerIdentity;
  readonly #clock: Clock;
  /** By partition, the sequence number of the next record. */
  readonly #sequences = new Map<Participant, number>();
  /** Settles when all batches so far are written or have failed. */
  #last: Promise<void> = Promise.resolve();
  #isEmpty = true;
  #isOpen = true;

  constructor(broker: MemoryBroker, identity: ProducerIdentity, clock: Clock) {
    this.#broker = broker;
    this.#identity = identity;
    this.#clock = clock;
    const isEmpty = (): boolean => this.#isEmpty;
    this.transaction = {
      get isEmpty() {
        return isEmpty();
      },
      commit: async (positions, member) => this.#commit(positions, member),
    };
  }

  async produce(topic: string, partition: number, batch: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw closed();
    this.#isEmpty = false;
    this.#last = this.#last.then(async () => this.#append(topic, partition, batch));
    return this.#last;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#last.catch(() => {});
    if (!this.#isEmpty) this.#broker.transactions.end(this.#identity, false);
  }

  async #append(topic: string, partition: number, batch: Uint8Array): Promise<void> {
    const log = this.#broker.log(topic, partition);
    await this.#add(log);
    const sequence = this.#sequences.get(log) ?? 0;
    this.#broker.appendInTransaction(this.#identity, topic, partition, batch, sequence);
    this.#sequences.set(log, (sequence + recordCountOf(batch)) % SEQUENCE_COUNT);
  }

  async #commit(positions: readonly Position[], member: GroupMember): Promise<void> {
    this.#isEmpty = false;
    await this.#add(this.#broker.group(member.group));
    this.#broker.commitInTransaction(this.#identity, member, positions);
    this.#broker.transactions.end(this.#identity, true);
    this.#isEmpty = true;
  }

  async #add(participant: Participant): Promise<void> {
    await whenReady(this.#clock, () => {
      this.#broker.transactions.add(this.#identity, [participant]);
    });
  }
}

/** Asks the broker until the transaction before has been ended everywhere. */
async function whenReady<Answer>(clock: Clock, ask: () => Answer): Promise<Answer> {
  for (;;) {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof ProducerError) || error.type !== "CONCURRENT_TRANSACTIONS") throw error;
    }
    await clock.delay(CONCURRENT_MS);
  }
}

function closed(): AppError {
  return new AppError("BINDER_CLOSED", false, "the producer is closed");
}
