/** What the consumer makes of its place in the group: whether it is the next generation's member, and whether its coordinator is still there. */
import type { GroupMember } from "../binder.ts";
import { AppError, causesOf, protocolType } from "../errors.ts";
import { coordinatorRefusal } from "./group-lane.ts";

/** Names and types of kafkajs's errors that say: who has been asked is not there, or not the coordinator any more. */
const LOST: ReadonlySet<string> = new Set([
  "KafkaJSBrokerNotFound",
  "KafkaJSConnectionError",
  "KafkaJSConnectionClosedError",
  "KafkaJSRequestTimeoutError",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
]);

export class Membership {
  readonly #generationOf: (memberId: string) => number | null;
  #memberId = "";
  #generation: number | null = null;
  #lost: AppError | null = null;

  constructor(generationOf: (memberId: string) => number | null) {
    this.#generationOf = generationOf;
  }

  /**
   * Takes note of having joined the group. Returns whether nobody else can have read this member's partitions since it joined before: in the
   * generation right after that one, or in the same, which a member is told that joins again while the group is stable.
   */
  joined(memberId: string): boolean {
    const generation = this.#generationOf(memberId);
    const before = this.#generation;
    const isNext =
      memberId === this.#memberId && generation !== null && before !== null && (generation === before || generation === before + 1);
    this.#memberId = memberId;
    this.#generation = generation;
    this.#lost = null;
    return isNext;
  }

  /** Returns what the group's coordinator knows the consumer as since the last assignment. */
  member(group: string): GroupMember {
    if (this.#generation === null) throw new AppError("BINDER_CLOSED", true, `the consumer is no member of the group ${group} yet`);
    return { group, memberId: this.#memberId, generation: this.#generation };
  }

  /**
   * Returns the error to pass on to kafkajs for one that a request to the coordinator ended with. kafkajs goes on asking the broker that was the coordinator
   * when it joined, also when that is gone and the group has another one; told that it is not the coordinator, it looks for the group anew.
   */
  failed(error: unknown): unknown {
    if (
      !causesOf(error).some(
        (cause) => cause instanceof Error && (LOST.has(cause.name) || ("type" in cause && LOST.has(String(cause.type)))),
      )
    ) {
      return error;
    }
    this.#lost = new CoordinatorLostError(error);
    return this.#lost;
  }

  /** Returns why kafkajs has to join again before it goes on, or null. */
  lost(): Error | null {
    return this.#lost;
  }
}

/** Returns what an error of the consumer means to the operator, or the error itself. */
export function refusalOf(error: unknown, group: string, topics: readonly string[]): unknown {
  switch (protocolType(coordinatorRefusal(group) ?? error)) {
    case "TOPIC_AUTHORIZATION_FAILED":
      return new AppError("INPUT_REFUSED", false, `no right to read ${topics.join(", ")}: grant Read and Describe on the topic`, error);
    case "GROUP_AUTHORIZATION_FAILED":
      return new AppError("INPUT_REFUSED", false, `no right to use the group ${group}: grant Read on the group`, error);
    case "INCONSISTENT_GROUP_PROTOCOL": {
      // Others may be on their way out, as in an update.
      const cure = "auto-rebalance-enabled must be the same for all instances";
      return new AppError(
        "INPUT_REFUSED",
        true,
        `other members of the group ${group} share out the partitions in another way: ${cure}`,
        error,
      );
    }
    default:
      return error;
  }
}

/** `type` is what kafkajs goes by. */
class CoordinatorLostError extends AppError {
  readonly type = "NOT_COORDINATOR_FOR_GROUP";

  constructor(cause: unknown) {
    super("BROKER_UNAVAILABLE", true, "the group's coordinator does not answer", cause);
  }
}
