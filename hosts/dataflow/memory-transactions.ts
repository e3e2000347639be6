/** The coordinator of transactions of the broker in memory: whose they are, what is in them, and how they end. */
import type { Clock } from "./clock.ts";
import { ProducerError } from "./memory-producers.ts";

/** Who a producer says that it is. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** What may be in a transaction: a partition, or the positions of a group. */
export interface Participant {
  /** What is open of a producer there becomes visible, or never will be. The epoch is a new one when somebody else has ended the transaction. */
  endTransaction(producerId: bigint, producerEpoch: number, isCommitted: boolean): void;
}

export interface MemoryTransactionsOptions {
  readonly clock: Clock;
  /** How long it takes until one participant hears that a transaction has ended. */
  readonly markerMs: () => number;
  /** Called when a participant has heard of it. */
  readonly onMarker: () => void;
}

/** As Kafka's broker, which looks for transactions that have taken too long this often. */
const EXPIRY_CHECK_MS = 10_000;
/** Behind the last epoch a producer gets another id. */
const EPOCH_MAX = 32_766;

/** `Preparing` lasts from the decision until all participants have heard of it. */
interface Transactional {
  readonly timeoutMs: number;
  readonly producerId: bigint;
  readonly epoch: number;
  readonly state: "Empty" | "Ongoing" | "Preparing" | "Complete";
  /** Of one that is being ended or has been: how. */
  readonly isCommitted: boolean;
  readonly participants: ReadonlySet<Participant>;
  /** Aborted when there is no need any more to look whether it takes too long. */
  readonly expiry: AbortController;
}

/**
 * All transactions, by transactional id. As in Kafka without the changes of KIP-890 for clients: only a new producer gets a new epoch, so that a
 * request to end a transaction that arrives late ends the next one of the same producer.
 */
export class MemoryTransactions {
  readonly #options: MemoryTransactionsOptions;
  readonly #transactional = new Map<string, Transactional>();
  #producerIds = 0n;

  constructor(options: MemoryTransactionsOptions) {
    this.#options = options;
  }

  /**
   * Returns the identity of a new producer: from then on those before it are refused, and whatever they did has been decided. Throws
   * CONCURRENT_TRANSACTIONS as long as it has not; what was open is aborted.
   */
  initProducer(transactionalId: string, timeoutMs: number): ProducerIdentity {
    const entry = this.#transactional.get(transactionalId);
    if (entry?.state === "Ongoing") this.#fence(transactionalId, entry);
    if (entry?.state === "Ongoing" || entry?.state === "Preparing") throw new ProducerError("CONCURRENT_TRANSACTIONS");
    const isNew = entry === undefined || entry.epoch >= EPOCH_MAX;
    const producerId = isNew ? ++this.#producerIds : entry.producerId;
    const epoch = isNew ? 0 : entry.epoch + 1;
    this.#transactional.set(transactionalId, { ...EMPTY, timeoutMs, producerId, epoch, expiry: new AbortController() });
    return { transactionalId, producerId, producerEpoch: epoch };
  }

  /** Takes participants into the transaction of a producer; the first ones begin it. */
  add(identity: ProducerIdentity, participants: readonly Participant[]): void {
    const entry = this.#demand(identity);
    if (entry.state === "Preparing") throw new ProducerError("CONCURRENT_TRANSACTIONS");
    const isOngoing = entry.state === "Ongoing";
    const expiry = isOngoing ? entry.expiry : new AbortController();
    const all = new Set([...(isOngoing ? entry.participants : []), ...participants]);
    this.#transactional.set(identity.transactionalId, { ...entry, state: "Ongoing", participants: all, expiry });
    if (!isOngoing) void this.#expire(identity.transactionalId, entry.timeoutMs, expiry.signal);
  }

  /** Throws when a participant is in no transaction of the producer: it asks at the first write of each. */
  verify(identity: ProducerIdentity, participant: Participant): void {
    const entry = this.#demand(identity);
    if (entry.state === "Preparing") throw new ProducerError("CONCURRENT_TRANSACTIONS");
    if (entry.state !== "Ongoing" || !entry.participants.has(participant)) throw new ProducerError("INVALID_TXN_STATE");
  }

  /** Decides how the transaction of a producer ends. That it ends, its participants hear a little later. */
  end(identity: ProducerIdentity, isCommitted: boolean): void {
    const entry = this.#demand(identity);
    if (entry.state === "Ongoing") {
      void this.#complete(identity.transactionalId, entry, isCommitted);
    } else if (entry.state === "Empty" || entry.isCommitted !== isCommitted) {
      throw new ProducerError("INVALID_TXN_STATE");
    } else if (entry.state === "Preparing") {
      throw new ProducerError("CONCURRENT_TRANSACTIONS");
    }
  }

  #demand({ transactionalId, producerId, producerEpoch }: ProducerIdentity): Transactional {
    const entry = this.#transactional.get(transactionalId);
    if (entry?.producerId !== producerId) throw new ProducerError("INVALID_PRODUCER_ID_MAPPING");
    if (entry.epoch !== producerEpoch) throw new ProducerError("INVALID_PRODUCER_EPOCH");
    return entry;
  }

  /** Ends the time of a producer together with its transaction. */
  #fence(transactionalId: string, entry: Transactional): void {
    void this.#complete(transactionalId, { ...entry, epoch: entry.epoch + 1 }, false);
  }

  async #complete(transactionalId: string, entry: Transactional, isCommitted: boolean): Promise<void> {
    const { clock, markerMs, onMarker } = this.#options;
    const { producerId, epoch, participants, expiry } = entry;
    expiry.abort("ended");
    const ended = { ...entry, isCommitted, participants: new Set<Participant>() };
    this.#transactional.set(transactionalId, { ...ended, state: "Preparing" });
    await Promise.all(
      [...participants].map(async (participant) => {
        await clock.delay(markerMs());
        participant.endTransaction(producerId, epoch, isCommitted);
        onMarker();
      }),
    );
    this.#transactional.set(transactionalId, { ...ended, state: "Complete" });
  }

  async #expire(transactionalId: string, timeoutMs: number, expiry: AbortSignal): Promise<void> {
    await this.#options.clock.delay(timeoutMs + EXPIRY_CHECK_MS, expiry);
    if (expiry.aborted) return;
    const entry = this.#transactional.get(transactionalId);
    if (entry?.state === "Ongoing") this.#fence(transactionalId, entry);
  }
}

const EMPTY = { state: "Empty", isCommitted: false, participants: new Set<Participant>() } as const;
