/** What can go wrong around a router, each made and unmade on demand. At most one broker is away at a time, so that no topic lacks replicas. */
import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../../hosts/demo/broker/cluster.ts";
import type { Stream } from "../broker/stream.ts";
import type { ClusterAdmin, LeaderMove } from "./cluster-admin.ts";
import type { Instances } from "./instances.ts";
import type { Load } from "./load.ts";
import type { Random } from "./schedule.ts";

/** Where the faults are made. */
export interface Scene {
  readonly cluster: Cluster;
  readonly admin: ClusterAdmin;
  readonly instances: Instances;
  readonly load: Load;
  readonly stream: Stream;
  readonly random: Random;
  /** Bytes of a full batch of the routers'. */
  readonly batchBytes: number;
  /** How the routers' transactions are known, or null where delivery is at least once. */
  readonly transactions: TransactionSettings | null;
}

/** What routers are told of their transactions. */
export interface TransactionSettings {
  /** What their transactional ids begin with. */
  readonly idPrefix: string;
  readonly timeoutMs: number;
}

/** A fault. `make` returns when it is over, with a sentence on what was done; the router may still suffer from it. */
export interface Fault {
  readonly name: string;
  readonly make: (scene: Scene) => Promise<string>;
  /** It waits for timeouts of the group or of a transaction: short runs are without it. */
  readonly isLong?: true;
}

const OFFSETS_TOPIC = "__consumer_offsets";
/** The number of messages on the way, and their order, change from one move to the next. */
const LEADER_MOVES = { min: 4, max: 10 };
/** Longer than the brokers' session timeout, so that the controller hands the leaders of a broker that is away to others; or shorter. */
const AWAY_MS = { min: 2000, max: 10_000 };
const NETWORK_FAULT_MS = { min: 2000, max: 6000 };
/** How long two routers think that they have the same partitions. */
const OVERLAP_MS = { min: 0, max: 3000 };
const CHUNK_DELAYS_MS = { min: 50, max: 400 };
const THROTTLED_BYTES_PER_SECOND = { min: 50_000, max: 500_000 };
const PARTITIONS_ADDED = 2;
const BACKLOG_MS = 3000;
/** A topic that takes a quarter of a full batch makes a router split, and split again. */
const SMALL_SHARE = 0.25;
const SMALL_MESSAGE_BYTES_MIN = 1024;
const DEFAULT_MESSAGE_BYTES = 1_048_588;

/** Those that may occur again and again. */
export const FAULTS: readonly Fault[] = [
  { name: "leaders of the outputs move", make: async (scene) => moveLeaders(scene, [scene.stream.even, scene.stream.odd]) },
  { name: "leaders of the input move", make: async (scene) => moveLeaders(scene, [scene.stream.input]) },
  { name: "the group's coordinator moves", make: moveCoordinator },
  { name: "a broker is killed", make: killBroker },
  { name: "a broker is paused", make: pauseBroker },
  { name: "a broker restarts in an orderly way", make: restartBroker },
  { name: "routers come and go", make: scaleRouters },
  { name: "a router is killed", make: killRouter },
  { name: "connections are refused", make: refuseConnections },
  { name: "connections are dropped", make: dropConnections },
  { name: "a broker is slow", make: slowBroker },
  { name: "a broker is cut off from the routers", make: cutOff },
  { name: "a frozen router wakes up when another one has its partitions", make: freezeRouter, isLong: true },
];

/** It can occur once only, since partitions are never removed. */
export const PARTITIONS_FAULT: Fault = { name: "the input gets more partitions", make: addPartitions };

/** Not for a router that can only give up then. */
export const TOO_LARGE_FAULT: Fault = { name: "an output takes small batches only", make: shrinkMessages };

async function moveLeaders({ admin, random }: Scene, topics: readonly string[]): Promise<string> {
  const partitions = [...(await admin.leaders(topics)).keys()];
  const moves: string[] = [];
  for (const partition of random.shuffled(partitions).slice(0, random.integer(LEADER_MOVES.min, LEADER_MOVES.max))) {
    const dash = partition.lastIndexOf("-");
    moves.push(told(partition, await admin.moveLeader(partition.slice(0, dash), Number(partition.slice(dash + 1)))));
  }
  return `${moves.length} moves, the last one ${moves.at(-1) ?? "none"}`;
}

async function moveCoordinator({ admin, stream }: Scene): Promise<string> {
  const { partition } = await coordinatorOf(admin, OFFSETS_TOPIC, stream.group);
  return told(`${OFFSETS_TOPIC}-${partition}`, await admin.moveLeader(OFFSETS_TOPIC, partition));
}

/** Returns where the state of a group or of a transactional id is kept: the partition of the internal topic, and the broker that leads it. */
export async function coordinatorOf(admin: ClusterAdmin, topic: string, id: string): Promise<{ partition: number; broker: number }> {
  const leaders = await admin.leaders([topic]);
  const partition = Math.abs(hashOf(id)) % leaders.size;
  return { partition, broker: leaders.get(`${topic}-${partition}`)?.leader ?? -1 };
}

async function killBroker(scene: Scene): Promise<string> {
  return killNode(scene, await anyLeader(scene));
}

/** Kills a broker, and starts it again after some time. */
export async function killNode({ cluster, admin, random }: Scene, node: number): Promise<string> {
  const awayMs = between(random, AWAY_MS);
  await cluster.kill(node);
  await setTimeout(awayMs);
  await cluster.restart(node);
  await admin.untilInSync();
  return `broker ${node}, started again after ${inSeconds(awayMs)}`;
}

async function pauseBroker(scene: Scene): Promise<string> {
  const { cluster, admin, random } = scene;
  const node = await anyLeader(scene);
  const awayMs = between(random, AWAY_MS);
  cluster.pause(node);
  await setTimeout(awayMs);
  cluster.resume(node);
  await admin.untilInSync();
  return `broker ${node}, for ${inSeconds(awayMs)}`;
}

async function restartBroker(scene: Scene): Promise<string> {
  const { cluster, admin } = scene;
  const node = await anyLeader(scene);
  await cluster.restart(node);
  await admin.untilInSync();
  return `broker ${node}`;
}

async function scaleRouters({ instances, random }: Scene): Promise<string> {
  const before = instances.names;
  const added = [instances.start(), instances.start()];
  await Promise.all(added.map(async (name) => instances.untilRouting(name)));
  await setTimeout(between(random, NETWORK_FAULT_MS));
  // All but one go, and that may be one of the new ones.
  const [stays, ...rest] = random.shuffled([...before, ...added].filter((name) => instances.names.includes(name)));
  const ends: string[] = [];
  for (const name of rest) {
    const isKilled = ends.length % 2 === 1;
    await (isKilled ? instances.kill(name) : instances.stop(name));
    ends.push(`${name} ${isKilled ? "killed" : "stopped"}`);
  }
  return `${added.join(" and ")} started; ${ends.join(", ")}; ${stays ?? "none"} stays`;
}

async function killRouter({ instances, random }: Scene): Promise<string> {
  const [name] = random.shuffled(instances.names);
  if (name === undefined) return "there was none";
  await instances.kill(name);
  return `${name}; ${instances.start()} in its place`;
}

/** The group gives the partitions to another one when the session of the one that is frozen is over; and then there are two that think they have them. */
async function freezeRouter({ instances, random }: Scene): Promise<string> {
  const [name] = random.shuffled(instances.names);
  if (name === undefined) return "there was none";
  instances.pause(name);
  const successor = instances.start();
  await instances.untilRouting(successor);
  await setTimeout(between(random, OVERLAP_MS));
  instances.resume(name);
  return `${name}; ${successor} has taken over`;
}

async function refuseConnections(scene: Scene): Promise<string> {
  const { cluster, random } = scene;
  const node = await anyLeader(scene);
  const proxy = cluster.proxy(node);
  const timeMs = between(random, NETWORK_FAULT_MS);
  await proxy.refuse();
  const dropped = proxy.drop();
  await setTimeout(timeMs);
  await proxy.restore();
  return `by broker ${node} for ${inSeconds(timeMs)}, after ${dropped} were dropped`;
}

async function dropConnections(scene: Scene): Promise<string> {
  const { cluster, random } = scene;
  const counts: number[] = [];
  for (let times = random.integer(1, 5); times > 0; times -= 1) {
    counts.push(cluster.proxy(await anyLeader(scene)).drop());
    await setTimeout(random.integer(1, 300));
  }
  return `${counts.join(" + ")} of them`;
}

async function slowBroker(scene: Scene): Promise<string> {
  const { cluster, random } = scene;
  const node = await anyLeader(scene);
  const proxy = cluster.proxy(node);
  const timeMs = between(random, NETWORK_FAULT_MS);
  const chunkMs = between(random, CHUNK_DELAYS_MS);
  const bytesPerSecond = between(random, THROTTLED_BYTES_PER_SECOND);
  const isThrottled = random.pick([true, false]);
  if (isThrottled) proxy.throttle(bytesPerSecond);
  else proxy.delay(chunkMs);
  await setTimeout(timeMs);
  await proxy.restore();
  return `broker ${node} for ${inSeconds(timeMs)}: ${isThrottled ? `${bytesPerSecond} bytes a second` : `${chunkMs} ms a chunk`}`;
}

async function cutOff(scene: Scene): Promise<string> {
  const { cluster, random } = scene;
  const node = await anyLeader(scene);
  const timeMs = between(random, NETWORK_FAULT_MS);
  cluster.proxy(node).blackHole();
  await setTimeout(timeMs);
  await cluster.proxy(node).restore();
  return `broker ${node} for ${inSeconds(timeMs)}`;
}

async function addPartitions({ admin, load, stream }: Scene): Promise<string> {
  const { size } = await admin.leaders([stream.input]);
  await admin.grow(stream.input, size + PARTITIONS_ADDED);
  await load.grow(size + PARTITIONS_ADDED);
  return `${size} before, ${size + PARTITIONS_ADDED} now`;
}

/**
 * Routers that have to catch up write full batches. So they are cut off until there is a backlog, and meanwhile the output is told to take small
 * batches only: that is behind the back of routers that ask for the limit when they start.
 */
async function shrinkMessages({ cluster, admin, instances, stream, random, batchBytes }: Scene): Promise<string> {
  const topic = random.pick([stream.even, stream.odd]);
  const refusal = /does not take a RecordBatch/u;
  const smallBytes = Math.max(SMALL_MESSAGE_BYTES_MIN, Math.floor(batchBytes * SMALL_SHARE));
  const refusedBefore = instances.countLines(refusal);
  const proxies = cluster.nodeIds.map((node) => cluster.proxy(node));
  for (const proxy of proxies) proxy.blackHole();
  await admin.configure(topic, "max.message.bytes", smallBytes);
  await setTimeout(BACKLOG_MS);
  for (const proxy of proxies) await proxy.restore();
  await setTimeout(between(random, NETWORK_FAULT_MS));
  await admin.configure(topic, "max.message.bytes", DEFAULT_MESSAGE_BYTES);
  return `${topic} at most ${smallBytes} bytes: ${instances.countLines(refusal) - refusedBefore} were refused`;
}

/** Returns the sentence on a move. */
export function told(partition: string, { from, to, epochBefore, epochAfter }: LeaderMove): string {
  return `${partition} from broker ${from} to ${to}, epoch ${epochBefore} to ${epochAfter}`;
}

/** Returns a broker that leads at least one partition of the stream: the others' absence would hardly be noticed. */
async function anyLeader({ admin, stream, random }: Scene): Promise<number> {
  const [partition] = random.shuffled([...(await admin.leaders([stream.input, stream.even, stream.odd])).values()]);
  if (partition === undefined) throw new Error("the stream has no partition");
  return partition.leader;
}

/** Returns a whole number of a range. */
export function between(random: Random, { min, max }: { readonly min: number; readonly max: number }): number {
  return random.integer(min, max);
}

/** Returns a time as text. */
export function inSeconds(timeMs: number): string {
  return `${(timeMs / 1000).toFixed(1)} s`;
}

/** Java's `String.hashCode`, by which Kafka finds the partition of a group's offsets and of a transactional id's state. */
function hashOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}
