/** Producers as one partition of the broker in memory knows them: by their epochs, and by the sequence numbers of what they wrote last. */
import type { ProducerStamp } from "../routed.ts";

/** What a broker answers to a producer that it refuses, by the protocol's names. */
export class ProducerError extends Error {
  override readonly name = "ProducerError";
  readonly type:
    | "CONCURRENT_TRANSACTIONS"
    | "INVALID_PRODUCER_EPOCH"
    | "INVALID_PRODUCER_ID_MAPPING"
    | "INVALID_TXN_STATE"
    | "OUT_OF_ORDER_SEQUENCE_NUMBER";

  constructor(type: ProducerError["type"]) {
    super(`the producer is refused (${type})`);
    this.type = type;
  }
}

/** So many batches of a producer a partition knows again. */
const BATCHES_KNOWN = 5;
/** Sequence numbers go from 0 to 2^31 - 1 and round again. */
const SEQUENCE_COUNT = 2 ** 31;

interface Batch {
  readonly firstSequence: number;
  /** Beyond the largest, where the numbers go round in the batch. */
  readonly lastSequence: number;
}

interface KnownProducer {
  readonly epoch: number;
  /** The newest last; none when all that is known of this epoch is that a transaction has ended in it. */
  readonly batches: readonly Batch[];
}

/** The producers of one partition. */
export class MemoryProducers {
  readonly #known = new Map<bigint, KnownProducer>();

  /**
   * Takes note of a batch and returns true, or false when the partition has it already. Throws when the producer's epoch is over, or the batch does
   * not follow the one before it.
   */
  takes({ producerId, producerEpoch: epoch, baseSequence: firstSequence }: ProducerStamp, recordCount: number): boolean {
    const known = this.#known.get(producerId);
    const batch = { firstSequence, lastSequence: firstSequence + recordCount - 1 };
    if (known !== undefined && known.epoch === epoch && known.batches.some((one) => isSame(one, batch))) return false;
    if (known !== undefined && epoch < known.epoch) throw new ProducerError("INVALID_PRODUCER_EPOCH");
    if (known !== undefined && firstSequence !== nextSequence(known, epoch)) throw new ProducerError("OUT_OF_ORDER_SEQUENCE_NUMBER");
    const before = known?.epoch === epoch ? known.batches : [];
    this.#known.set(producerId, { epoch, batches: [...before, batch].slice(-BATCHES_KNOWN) });
    return true;
  }

  /** Takes note that a transaction of a producer has ended, in an epoch that is a new one when somebody else has ended it. */
  ended(producerId: bigint, epoch: number): void {
    const known = this.#known.get(producerId);
    if (known?.epoch !== epoch) this.#known.set(producerId, { epoch, batches: [] });
  }
}

/** A new epoch begins at 0 again. */
function nextSequence(known: KnownProducer, epoch: number): number {
  const last = known.epoch === epoch ? known.batches.at(-1) : undefined;
  return last === undefined ? 0 : (last.lastSequence + 1) % SEQUENCE_COUNT;
}

function isSame(one: Batch, other: Batch): boolean {
  return one.firstSequence === other.firstSequence && one.lastSequence === other.lastSequence;
}
