import { setTimeout } from "node:timers/promises";
import { talkWith } from "./java.ts";

const POLL_MS = 50;
const BEHIND_TIMEOUT_MS = 30_000;

/** A partition's leader and its epoch, which the controller raises with each new leader. */
export interface Leader {
  readonly leader: number;
  readonly epoch: number;
}

/** How a partition got another leader. */
export interface LeaderMove {
  readonly from: number;
  readonly to: number;
  readonly epochBefore: number;
  readonly epochAfter: number;
}

/** Records that a topic has, and those of them that a group has committed. */
export interface Behind {
  readonly written: number;
  readonly committed: number;
}

/** What is not as it must be when all is over: nothing of it may stay. */
export interface Unsettled {
  /** Records of the outputs that no reader of committed records sees yet: they are behind an open transaction. */
  readonly open: number;
  /** How far the group's positions are from the ends of the input. */
  readonly apart: number;
  /** Whether the group has positions that wait for the end of a transaction. */
  readonly pending: boolean;
}

/** What a run does to the cluster by Kafka's own admin client, past the proxies; `ClusterAdmin.java` explains. */
export interface ClusterAdmin extends AsyncDisposable {
  create(topic: string, partitions: number): Promise<void>;
  grow(topic: string, partitions: number): Promise<void>;
  configure(topic: string, name: string, value: string | number): Promise<void>;
  /** Makes another broker the leader of a partition. */
  moveLeader(topic: string, partition: number): Promise<LeaderMove>;
  /** By `topic-partition`. */
  leaders(topics: readonly string[]): Promise<ReadonlyMap<string, Leader>>;
  behind(group: string, topic: string): Promise<Behind>;
  /** Awaits a moment at which the group has not committed all that the topic has; returns how many records it lacked. */
  untilBehind(group: string, topic: string): Promise<number>;
  /** Awaits that all replicas are in sync. */
  untilInSync(): Promise<void>;
  /** The transactional ids that begin like this, with the state of each one's last transaction. */
  transactions(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Raises the epoch of the ids' producers: they can't write any more, and what they had open is aborted. */
  fence(transactionalIds: readonly string[]): Promise<void>;
  unsettled(group: string, input: string, outputs: readonly string[]): Promise<Unsettled>;
}

/** Starts the admin's process. */
export async function openClusterAdmin(bootstrap: string): Promise<ClusterAdmin> {
  const talk = await talkWith("ClusterAdmin", [bootstrap]);
  const tell = async (...words: readonly (string | number)[]): Promise<void> => {
    await talk.ask(words.join(" "));
  };
  const behind = async (group: string, topic: string): Promise<Behind> => talk.ask(`behind ${group} ${topic}`);
  return {
    create: async (topic, partitions) => tell("create", topic, partitions),
    grow: async (topic, partitions) => tell("grow", topic, partitions),
    configure: async (topic, name, value) => tell("config", topic, name, value),
    moveLeader: async (topic, partition) => talk.ask(`lead ${topic} ${partition} 0`),
    leaders: async (topics) => new Map(Object.entries(await talk.ask<Record<string, Leader>>(`leaders ${topics.join(" ")}`))),
    behind,
    untilBehind: async (group, topic) => {
      const deadline = performance.now() + BEHIND_TIMEOUT_MS;
      for (;;) {
        const { written, committed } = await behind(group, topic);
        if (written > committed) return written - committed;
        if (performance.now() > deadline) throw new Error(`${group} has nothing left to do: no fault could be told from none`);
        await setTimeout(POLL_MS);
      }
    },
    untilInSync: async () => tell("insync"),
    transactions: async (prefix) => new Map(Object.entries(await talk.ask<Record<string, string>>(`transactions ${prefix}`))),
    fence: async (transactionalIds) => tell("fence", ...transactionalIds),
    unsettled: async (group, input, outputs) => talk.ask(`unsettled ${group} ${input} ${outputs.join(" ")}`),
    [Symbol.asyncDispose]: async () => talk[Symbol.asyncDispose](),
  };
}
