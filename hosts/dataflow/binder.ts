/**
 * What the app needs of a message system: whole RecordBatches (Kafka's format v2) in and out. Two implement it: `kafka/binder.ts` and
 * `memory-binder.ts`. Neither looks at records.
 */
import type { Codec } from "./codecs.ts";

/** A topic the app needs. */
export interface TopicWanted {
  readonly name: string;
  /** Partitions to create it with if it is missing; an existing topic keeps its own number, unless the binder adds partitions. */
  readonly partitions: number;
  /** Fewest that will do: a topic with fewer, to which none may be added, is an error. Absent where any number will do. */
  readonly partitionsMin?: number;
  /** Replicas to create it with; absent or -1 leaves it to the broker. */
  readonly replicationFactor?: number;
  /** Topic configuration to create it with. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A topic as it was found or created. */
export interface TopicFound {
  readonly partitions: number;
  /** Largest RecordBatch that the topic takes (`max.message.bytes`), or null where it can't be asked for. */
  readonly batchBytesMax: number | null;
}

/** One RecordBatch as it was fetched. */
export interface FetchedBatch {
  /** The whole batch, from base offset to last record. A view: valid until the handler's promise settles. */
  readonly bytes: Uint8Array;
  readonly lastOffset: bigint;
  /** False for control batches and batches of aborted transactions: they move the position and carry nothing to route. */
  readonly visible: boolean;
}

/** What one fetch brought for one partition, in offset order. */
export interface FetchedBatches {
  readonly topic: string;
  readonly partition: number;
  /** First offset wanted: records below it were fetched along and must be left out. */
  readonly fetchOffset: bigint;
  readonly batches: readonly FetchedBatch[];
  /** Offset that the next fetch begins at: behind the last batch, whatever it was. */
  readonly nextOffset: bigint;
}

/**
 * Called for one partition at a time, in offset order; different partitions may overlap. `heartbeat` may reject with an error of the group,
 * which the handler passes on: what it has not declared `taken` by then is fetched again. Any other rejection ends the consumer. When
 * partitions have been assigned anew, a handler that still runs has taken nothing more.
 */
export type FetchHandler = (
  fetched: FetchedBatches,
  heartbeat: () => Promise<void>,
  /** Declares everything below an offset taken. Needless at the end: a handler that resolves has taken all. */
  taken: (nextOffset: bigint) => void,
) => Promise<void>;

/** How the input is read: the part of a consumer's options that is configured. */
export interface Reading {
  /** The consumer group, or null for an anonymous one: the binder's own, the same for all its consumers. */
  readonly group: string | null;
  /** Where a partition begins of which the group has committed nothing. */
  readonly startOffset: "earliest" | "latest";
  /** Whether each partition begins there anyway, once in the binder's life, when it is assigned for the first time. */
  readonly resetOffsets: boolean;
  /** Whether records of aborted and of open transactions are handed on like others. */
  readonly isolationLevel: "read_committed" | "read_uncommitted";
  /** What happens when the log does not have the position: go on at the earliest record that is there, or end the consumer. */
  readonly offsetOutOfRange: "reset" | "stop";
  /** Takes the partitions p with p % count = index; null leaves it to the group to share them out. */
  readonly instance: { readonly index: number; readonly count: number } | null;
}

/** What is usual of a reading, besides the group and where it begins. */
export const USUAL_READING = {
  resetOffsets: false,
  isolationLevel: "read_committed",
  offsetOutOfRange: "reset",
  instance: null,
} as const satisfies Partial<Reading>;

/** A position that the log does not have, and where the consumer goes on instead. */
export interface Jump {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
  /** Offset behind the last record, or null where it is not known. */
  readonly endOffset: bigint | null;
  /** What gave it away: the end of a sentence that begins with the partition. */
  readonly symptom: string;
}

export interface ConsumerOptions extends Reading {
  readonly topics: readonly string[];
  /** Whether the consumer joins its group and waits to be resumed. */
  readonly isPaused?: boolean;
  /**
   * Called whenever partitions have been assigned anew, before any of them is fetched: positions of before mean nothing any more. `begun` are
   * those that the consumer has chosen itself; until they are committed, a failure would have the group choose anew.
   */
  readonly onAssigned?: (begun: readonly Position[]) => void;
  /** Called when a partition begins at an offset of the consumer's choice that was not known yet when it was assigned. */
  readonly onBegun?: (position: Position) => void;
  /** Called when a consumer goes on elsewhere than where it stood. */
  readonly onJump?: (jump: Jump) => void;
  /**
   * Called, and awaited, before the consumer joins its group anew, while what it was assigned before is still its own as far as the group knows.
   * It may be called again before the next assignment comes.
   */
  readonly onRevoking?: () => Promise<void>;
  /**
   * Whether every partition begins at what its group has committed, also one that stays with the consumer: what it has read since then is not
   * settled before the commit.
   */
  readonly beginsAtCommitted?: boolean;
}

/** A position to commit: the next offset that the group wants of the partition. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A consumer as its group knows it: whatever it says as the member of another generation is refused. */
export interface GroupMember {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
}

/** How far a consumer is in a partition, as of the last fetch, which may have brought nothing. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** Where the next fetch begins. */
  readonly position: bigint;
  /** Offset behind the last record of the log. */
  readonly endOffset: bigint;
}

export interface BatchConsumer {
  /** Whether the broker has been heard of lately. Absent where there is none. */
  readonly isHeard?: () => boolean;
  /** How far it is in the partitions that it has and has fetched. */
  progress(): readonly PartitionProgress[];
  /**
   * Commits positions for the group, as the member that the partitions were assigned to. Tries once; rejects when the group does not take them.
   * With a transaction they are committed in it, and it ends.
   */
  commit(positions: readonly Position[], transaction?: Transaction): Promise<void>;
  /** Fetches nothing more, and stays a member of the group with its partitions. What has been fetched is still handed on. */
  pause(): void;
  /** Fetches again. */
  resume(): void;
  /** Stops to fetch, waits for running handlers, leaves the group. */
  close(): Promise<void>;
  /** Settles when the consumer has ended: resolved after `close`, rejected when it can't go on. */
  readonly ended: Promise<void>;
}

export interface BatchProducer {
  /**
   * Appends one finished RecordBatch to a partition; resolves when every in-sync replica has it. Batches of one partition are appended in
   * the order of the calls. After a rejection the producer is of no use and must be closed. The batch is uncompressed; `codec` is for its way
   * and for the log of a broker that has one.
   */
  produce(topic: string, partition: number, batch: Uint8Array, codec?: Codec): Promise<void>;
  /**
   * Returns a copy of a batch to be produced, in memory of the producer's own: it is used again once the batch is acknowledged, and nobody may read it
   * after that. Absent where any memory will do.
   */
  copy?(batch: Uint8Array): Uint8Array;
  /** The transaction that all batches are in. Absent where a batch is there for all readers as soon as it is acknowledged. */
  readonly transaction?: Transaction;
  /** Aborts what is in an open transaction, if there is no doubt about what that is. */
  close(): Promise<void>;
}

/** What a producer has appended since the last commit, and no reader of committed records sees yet. The next one begins by itself. */
export interface Transaction {
  /** Whether no batch has been given to the producer since the last commit. */
  readonly isEmpty: boolean;
  /**
   * Commits the batches together with the positions behind the records that they were made of. Every batch must have been acknowledged.
   * Rejects when the member is not one of the group's present generation, or when it can't be known what became of it: either way the producer is
   * of no use any more and must be closed. The group's positions tell, once another producer of the same binder has been opened.
   */
  commit(positions: readonly Position[], member: GroupMember): Promise<void>;
}

export interface Binder {
  /** Creates the topics that are missing and returns what is known of each one named. */
  provision(topics: readonly TopicWanted[]): Promise<ReadonlyMap<string, TopicFound>>;
  /** Opens a producer. One with transactions ends those of the binder's producers before it. */
  openProducer(): Promise<BatchProducer>;
  openConsumer(options: ConsumerOptions, handler: FetchHandler): Promise<BatchConsumer>;
}
