/** One broker, asked by single requests as kafkajs words them: a real one, or the one in memory. */
import { fencedOffsets } from "../../hosts/dataflow/kafka/offset-codecs.ts";
import { BatchToProduce } from "../../hosts/dataflow/kafka/produce-codec.ts";
import type { GroupMember } from "../../hosts/dataflow/binder.ts";
import { protocolType } from "../../hosts/dataflow/errors.ts";
import { plainBytes } from "../hosts/dataflow/fetched.ts";

/** Who a producer is to the broker. */
export interface Identity {
  readonly transactionalId: string;
  readonly producerId: { toString(): string };
  readonly producerEpoch: number;
}

/** kafkajs's own calls, as far as they are about transactions. */
export interface CoordinatorNode {
  initProducerId(request: { transactionalId: string; transactionTimeout: number }): Promise<Omit<Identity, "transactionalId">>;
  addPartitionsToTxn(request: Identity & { topics: readonly { topic: string; partitions: readonly string[] }[] }): Promise<unknown>;
  produce(request: Identity & { topicData: readonly unknown[] }): Promise<unknown>;
  addOffsetsToTxn(request: Identity & { groupId: string }): Promise<unknown>;
  txnOffsetCommit(request: Identity & { groupId: string; topics: ReturnType<typeof fencedOffsets> }): Promise<unknown>;
  endTxn(request: Identity & { transactionResult: boolean }): Promise<unknown>;
}

/** A broker with a topic and a group that nobody else uses. */
export interface Coordinator {
  readonly node: CoordinatorNode;
  readonly topic: string;
  readonly group: string;
  /** Begins every transactional id. */
  readonly name: string;
  /** Longest wait for the broker to do by itself what it is to do. */
  readonly patienceMs: number;
  /** Joins the group, which begins a new generation. */
  join(): Promise<GroupMember>;
  /** What the group has committed of the topic's partition 0, or -1; rejects while that may change. */
  committed(): Promise<bigint>;
  /** Where a reader of committed records gets to in a partition, and where its log ends. */
  ends(partition: number): Promise<{ readonly stable: bigint; readonly end: bigint }>;
}

const POLL_MS = 20;
/** Who does not say which member it is. */
const NOBODY = { memberId: "", generation: -1 };
/** Answers that say that the broker is busy with itself, or with the end of the transaction before. */
const BUSY: ReadonlySet<string> = new Set([
  "CONCURRENT_TRANSACTIONS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
  "NOT_COORDINATOR_FOR_GROUP",
  "NOT_ENOUGH_REPLICAS",
]);

/** Asks a broker one thing after the other, and writes down the answers: `ok`, or the protocol's name of an error. */
export class Steps {
  readonly answers: string[] = [];
  readonly #coordinator: Coordinator;

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  /** Opens a producer, as soon as what is open of those before it has been ended. Notes the epoch. */
  async open(id = "one", transactionTimeout = 60_000): Promise<Identity> {
    const transactionalId = `${this.#coordinator.name}-${id}`;
    const opened = await this.#whenReady(async () => this.#coordinator.node.initProducerId({ transactionalId, transactionTimeout }));
    this.answers.push(`epoch ${opened.producerEpoch}`);
    const { producerId, producerEpoch } = opened;
    return { transactionalId, producerId, producerEpoch };
  }

  /** Opens a producer, or not. */
  async tryToOpen(id = "one"): Promise<void> {
    const transactionalId = `${this.#coordinator.name}-${id}`;
    await this.#note(async () => this.#coordinator.node.initProducerId({ transactionalId, transactionTimeout: 60_000 }));
  }

  /** Takes a partition into the transaction. */
  async add(producer: Identity, partition = 0): Promise<void> {
    const topics = [{ topic: this.#coordinator.topic, partitions: [String(partition)] }];
    await this.#note(async () => this.#whenReady(async () => this.#coordinator.node.addPartitionsToTxn({ ...producer, topics })));
  }

  /** Writes a batch of as many records, the first of which has a sequence number. */
  async produce(producer: Identity, sequence: number, count = 1, partition = 0): Promise<void> {
    const bytes = plainBytes(
      0n,
      Array.from({ length: count }, () => "2"),
    );
    const messages = new BatchToProduce(bytes, partition, sequence, () => null);
    const topicData = [{ topic: this.#coordinator.topic, partitions: [{ partition: String(partition), messages }] }];
    await this.#note(async () => this.#whenReady(async () => this.#coordinator.node.produce({ ...producer, topicData })));
  }

  async addOffsets(producer: Identity): Promise<void> {
    const request = { ...producer, groupId: this.#coordinator.group };
    await this.#note(async () => this.#whenReady(async () => this.#coordinator.node.addOffsetsToTxn(request)));
  }

  /** Sends a position of partition 0 in the transaction. */
  async send(producer: Identity, offset: bigint, member: Pick<GroupMember, "generation" | "memberId"> = NOBODY): Promise<void> {
    const { group, topic, node } = this.#coordinator;
    const topics = fencedOffsets([{ topic, partition: 0, offset }], { group, ...member });
    await this.#note(async () => this.#whenReady(async () => node.txnOffsetCommit({ ...producer, groupId: group, topics })));
  }

  /** Ends the transaction; says `ok` when it has been decided. */
  async end(producer: Identity, isCommitted: boolean): Promise<void> {
    await this.#note(async () =>
      this.#whenReady(async () => this.#coordinator.node.endTxn({ ...producer, transactionResult: isCommitted })),
    );
  }

  async join(): Promise<GroupMember> {
    return this.#coordinator.join();
  }

  /** Notes what the group has committed, or that it may change. */
  async committed(): Promise<void> {
    await this.#note(async () => this.#coordinator.committed());
  }

  /** Waits until no open transaction has a position, and notes what the group has committed. */
  async settled(): Promise<void> {
    await this.#until(async () => (await typeOf(async () => this.#coordinator.committed())) === null);
    await this.committed();
  }

  /** Notes whether a partition's log ends behind what committed readers get. */
  async ends(partition = 0): Promise<void> {
    const { stable, end } = await this.#coordinator.ends(partition);
    this.answers.push(`${stable} of ${end}`);
  }

  /** Waits until committed readers of a partition get to an offset, and notes where its log ends. */
  async reaches(offset: bigint, partition = 0): Promise<void> {
    await this.#until(async () => (await this.#coordinator.ends(partition)).stable === offset);
    await this.ends(partition);
  }

  async #note(ask: () => Promise<unknown>): Promise<void> {
    let answer: unknown;
    const type = await typeOf(async () => {
      answer = await ask();
    });
    this.answers.push(type ?? (typeof answer === "bigint" ? String(answer) : "ok"));
  }

  async #whenReady<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const deadline = Date.now() + this.#coordinator.patienceMs;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!BUSY.has(protocolType(error) ?? "") || Date.now() > deadline) throw error;
      }
      await wait();
    }
  }

  async #until(holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + this.#coordinator.patienceMs;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error("the broker takes too long");
      await wait();
    }
  }
}

async function wait(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, POLL_MS);
  });
}

/** Returns the protocol's name of the error that a broker answers with, or null. */
async function typeOf(ask: () => Promise<unknown>): Promise<string | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    const type = protocolType(error);
    if (type === null) throw error;
    return type;
  }
}
