/** Partitions by instance index instead of by agreement, for `auto-rebalance-enabled=false`. */
import { memberMetadata, memberAssignment, type PartitionAssigner } from "./kafkajs.ts";

/** Which part of each topic's partitions an instance takes: those with partition % count = index. */
export interface Instance {
  readonly index: number;
  readonly count: number;
}

const NAME = "instance-index";
const VERSION = 1;

/**
 * Returns kafkajs's assigner for one instance. Spring assigns such partitions outside of any group protocol; kafkajs has no such consumer, so
 * the instances are members of the group, and whoever leads it gives each one what its index says, whoever else is there. Partitions of an
 * instance that is away wait for it. Of two instances with the same index, one gets nothing.
 */
export function instanceAssigner(instance: Instance): PartitionAssigner {
  return ({ cluster, logger }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: memberMetadata.encode({ version: VERSION, topics, userData: Buffer.from(`${instance.index}/${instance.count}`) }),
    }),
    assign: async ({ members, topics }) => {
      const wanted = members
        .map(({ memberId, memberMetadata: metadata }) => ({ memberId, instance: instanceOf(metadata) }))
        .toSorted((left, right) => (left.memberId < right.memberId ? -1 : 1));
      const partitionsOf = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
      );
      const shares = shareOut(wanted, partitionsOf);
      const nobodys = unassigned(shares, partitionsOf);
      if (nobodys.length > 0)
        logger.error(`No instance takes ${nobodys.join(", ")}: an instance is away, or instance-count is not the same for all`);
      return Promise.resolve(
        shares.map(({ memberId, assignment }) => ({
          memberId,
          memberAssignment: memberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
        })),
      );
    },
  });
}

/** Returns each member's partitions by topic; a partition goes to the first member that wants it. */
export function shareOut(
  members: readonly { readonly memberId: string; readonly instance: Instance }[],
  partitionsOf: ReadonlyMap<string, readonly number[]>,
): readonly { readonly memberId: string; readonly assignment: Record<string, number[]> }[] {
  const taken = new Set<string>();
  return members.map(({ memberId, instance: { index, count } }) => {
    const assignment: Record<string, number[]> = {};
    for (const [topic, partitions] of partitionsOf) {
      const own = partitions.filter((partition) => partition % count === index && !taken.has(`${topic}/${partition}`));
      for (const partition of own) taken.add(`${topic}/${partition}`);
      if (own.length > 0) assignment[topic] = own;
    }
    return { memberId, assignment };
  });
}

/** Returns the partitions that nobody gets. */
function unassigned(
  shares: readonly { readonly assignment: Readonly<Record<string, readonly number[]>> }[],
  partitionsOf: ReadonlyMap<string, readonly number[]>,
): readonly string[] {
  return [...partitionsOf].flatMap(([topic, partitions]) =>
    partitions
      .filter((partition) => !shares.some(({ assignment }) => assignment[topic]?.includes(partition) === true))
      .map((partition) => `${topic}-${partition}`),
  );
}

function instanceOf(metadata: Buffer): Instance {
  const text = memberMetadata.decode(metadata)?.userData.toString() ?? "";
  const [, index, count] = /^(\d+)\/([1-9]\d*)$/u.exec(text) ?? [];
  if (index === undefined || count === undefined) throw new Error(`a member of the group does not say which instance it is: ${text}`);
  return { index: Number(index), count: Number(count) };
}
