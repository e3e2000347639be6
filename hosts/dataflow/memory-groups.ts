/** Consumer groups of the broker in memory: who is a member, who reads which partitions, and what has been committed. */
import type { GroupMember, Position, Reading } from "./binder.ts";
import type { Clock } from "./clock.ts";
import type { Participant } from "./memory-transactions.ts";

/** A member that is not heard of for this long is thrown out, and its partitions go to the others. */
export const SESSION_TIMEOUT_MS = 15_000;

/** What a group answers to a member that must join again, by the protocol's names. */
export class GroupError extends Error {
  override readonly name = "GroupError";
  readonly type: "REBALANCE_IN_PROGRESS" | "ILLEGAL_GENERATION" | "UNKNOWN_MEMBER_ID";

  constructor(type: GroupError["type"]) {
    super(`the group is being assigned anew (${type})`);
    this.type = type;
  }
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a member reads until the group is assigned anew. */
export interface Assignment {
  readonly generation: number;
  readonly partitions: readonly TopicPartition[];
}

/** What a member wants of the group. */
export interface Subscription {
  readonly partitions: readonly TopicPartition[];
  /** As in `Reading`: with it, the member's share does not depend on the others. */
  readonly instance: Reading["instance"];
}

/** An offset that was sent in a transaction. */
interface PendingOffset {
  readonly offset: bigint;
  /** Counts what the group was sent, over all members. */
  readonly order: number;
}

/** What a producer has sent in its open transaction. */
interface PendingOffsets {
  readonly epoch: number;
  /** By partition. */
  readonly offsets: Map<string, PendingOffset>;
}

interface Member {
  readonly subscription: Subscription;
  /** Whether it has joined since the last assignment. */
  hasJoined: boolean;
  heardMs: number;
  partitions: readonly TopicPartition[];
}

/**
 * One group. As in Kafka, a member that joins or leaves begins a round: the others hear of it with their next heartbeat and join again, and
 * when all have, or have been silent for too long, a new generation begins. Until then those of the old one may still commit.
 */
export class MemoryGroup implements Participant {
  readonly #members = new Map<number, Member>();
  readonly #committed = new Map<string, PendingOffset>();
  /** By the id of the producer. */
  readonly #pending = new Map<bigint, PendingOffsets>();
  #orders = 0;
  #generation = 0;
  /** Aborted when the round ends; null between rounds. */
  #round: AbortController | null = null;

  /** Returns the committed offset of a partition, or null. */
  committed({ topic, partition }: TopicPartition): bigint | null {
    return this.#committed.get(`${topic}/${partition}`)?.offset ?? null;
  }

  /** Whether no open transaction has an offset of the partition: what is committed may change any moment, otherwise. */
  isStable({ topic, partition }: TopicPartition): boolean {
    return ![...this.#pending.values()].some(({ offsets }) => offsets.has(`${topic}/${partition}`));
  }

  /** Joins, or joins again. Resolves when the round has ended. */
  async join(id: number, subscription: Subscription, clock: Clock): Promise<Assignment> {
    this.#members.set(id, { subscription, hasJoined: true, heardMs: clock.now(), partitions: [] });
    const { signal } = this.#beginRound();
    for (;;) {
      this.#endRoundIfAllJoined(clock.now());
      if (signal.aborted) break;
      const late = [...this.#members.values()].filter(({ hasJoined }) => !hasJoined);
      const silentMs = Math.min(...late.map(({ heardMs }) => heardMs + SESSION_TIMEOUT_MS));
      await clock.delay(silentMs - clock.now(), signal);
    }
    return { generation: this.#generation, partitions: this.#members.get(id)?.partitions ?? [] };
  }

  /** Tells that a member lives. Throws when it must join again. */
  heartbeat(id: number, generation: number, nowMs: number): void {
    this.#demandMember(id, generation).heardMs = nowMs;
    this.#throwOutSilent(nowMs);
    if (this.#round !== null) throw new GroupError("REBALANCE_IN_PROGRESS");
  }

  /** Takes positions from a member of the present generation. */
  commit(id: number, generation: number, positions: readonly Position[]): void {
    this.#demandMember(id, generation);
    const order = ++this.#orders;
    for (const { topic, partition, offset } of positions) this.#committed.set(`${topic}/${partition}`, { offset, order });
  }

  /** Whether a producer has sent positions in a transaction that is open. */
  hasOpen(producerId: bigint, epoch: number): boolean {
    return this.#pending.get(producerId)?.epoch === epoch;
  }

  /** Takes positions that count when the producer's transaction is committed. Whoever does not say which member it is may send any. */
  commitInTransaction(
    producer: { readonly producerId: bigint; readonly producerEpoch: number },
    { memberId, generation }: Pick<GroupMember, "memberId" | "generation">,
    positions: readonly Position[],
  ): void {
    if (memberId !== "" || generation >= 0) this.#demandMember(Number(memberId), generation);
    const order = ++this.#orders;
    const { offsets } = this.#pending.get(producer.producerId) ?? { offsets: new Map<string, PendingOffset>() };
    for (const { topic, partition, offset } of positions) offsets.set(`${topic}/${partition}`, { offset, order });
    this.#pending.set(producer.producerId, { epoch: producer.producerEpoch, offsets });
  }

  /** Of two transactions, the one counts that was sent its positions last, whichever ends last. */
  endTransaction(producerId: bigint, _producerEpoch: number, isCommitted: boolean): void {
    const pending = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    if (pending === undefined || !isCommitted) return;
    for (const [place, sent] of pending.offsets) {
      if (sent.order > (this.#committed.get(place)?.order ?? 0)) this.#committed.set(place, sent);
    }
  }

  /** Lets a member go at once. */
  leave(id: number, nowMs: number): void {
    if (!this.#members.delete(id)) return;
    this.#beginRound();
    this.#endRoundIfAllJoined(nowMs);
  }

  #demandMember(id: number, generation: number): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new GroupError("UNKNOWN_MEMBER_ID");
    if (generation !== this.#generation) throw new GroupError("ILLEGAL_GENERATION");
    return member;
  }

  #beginRound(): AbortController {
    this.#round ??= new AbortController();
    return this.#round;
  }

  #throwOutSilent(nowMs: number): void {
    for (const [id, { hasJoined, heardMs }] of this.#members) {
      if ((this.#round !== null && hasJoined) || nowMs - heardMs < SESSION_TIMEOUT_MS) continue;
      this.#members.delete(id);
      this.#beginRound();
    }
  }

  #endRoundIfAllJoined(nowMs: number): void {
    this.#throwOutSilent(nowMs);
    const members = [...this.#members.values()];
    if (this.#round === null || !members.every(({ hasJoined }) => hasJoined)) return;
    this.#generation++;
    members.forEach((member, place) => {
      const { index, count } = member.subscription.instance ?? { index: place, count: members.length };
      member.partitions = member.subscription.partitions.filter(({ partition }) => partition % count === index);
      member.hasJoined = false;
      member.heardMs = nowMs;
    });
    this.#round.abort("assigned");
    this.#round = null;
  }
}
