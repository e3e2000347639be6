/** Consumer groups of the broker in memory: who is a member, who reads which partitions, and what has been committed. */
import type { Position, Reading } from "./binder.ts";
import type { Clock } from "./clock.ts";

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
export class MemoryGroup {
  readonly #members = new Map<number, Member>();
  readonly #committed = new Map<string, bigint>();
  #generation = 0;
  /** Aborted when the round ends; null between rounds. */
  #round: AbortController | null = null;

  /** Returns the committed offset of a partition, or null. */
  committed({ topic, partition }: TopicPartition): bigint | null {
    return this.#committed.get(`${topic}/${partition}`) ?? null;
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
    for (const { topic, partition, offset } of positions) this.#committed.set(`${topic}/${partition}`, offset);
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
