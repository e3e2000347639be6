/**
 * Adds partitions to transactions, in one request where kafkajs sends one for each partition that is written to first: with its first request, a
 * transaction is given all partitions that the one before it wrote to. What is added and not written to costs a marker, so no more than that. And
 * adds the group whose positions the one before had, beside the first batches, where kafkajs does it when nothing else is left to do but to commit.
 */

/** What kafkajs asks for with AddPartitionsToTxn; the rest of its fields is passed on. */
export interface PartitionsToAdd {
  readonly transactionalId: string;
  readonly producerId: unknown;
  readonly producerEpoch: unknown;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly (number | string)[] }[];
}

/** What kafkajs asks for with AddOffsetsToTxn: the partition that has the positions of the group. */
export interface GroupToAdd {
  readonly transactionalId: string;
  readonly producerId: unknown;
  readonly producerEpoch: unknown;
  readonly groupId: string;
}

interface Open {
  /** Whose it is: the id and the epoch of the first request. Those of a producer before it may still be on their way. */
  producer: string | null;
  /** By topic, those that the transaction before wrote to. */
  before: ReadonlyMap<string, ReadonlySet<number>>;
  /** By topic, those that this one writes to. */
  readonly written: Map<string, Set<number>>;
  /** Requests that have been answered or are on their way, by `topic/partition`. */
  readonly added: Map<string, Promise<unknown>>;
  /** The groups that the transaction before had positions of. */
  readonly groupsBefore: readonly string[];
  /** Requests that have been answered or are on their way, by group. */
  readonly groups: Map<string, Promise<unknown>>;
}

const transactions = new Map<string, Open>();

/** Begins the first transaction of a producer, of which nothing is known. */
export function beginFirst(transactionalId: string): void {
  transactions.set(transactionalId, {
    producer: null,
    before: new Map(),
    written: new Map(),
    added: new Map(),
    groupsBefore: [],
    groups: new Map(),
  });
}

/** Begins the transaction behind one that was committed. */
export function beginNext(transactionalId: string): void {
  const last = transactions.get(transactionalId);
  transactions.set(transactionalId, {
    producer: last?.producer ?? null,
    before: last?.written ?? new Map(),
    written: new Map(),
    added: new Map(),
    groupsBefore: [...(last?.groups.keys() ?? [])],
    groups: new Map(),
  });
}

/** Sends what is not added yet, by `send`; for producers that have not begun here, all of it. Resolves when all of it is added. */
export async function addPartitions(asked: PartitionsToAdd, send: (asked: PartitionsToAdd) => Promise<unknown>): Promise<unknown> {
  const open = openOf(asked);
  if (open === null) return send(asked);
  const wanted = placesOf(asked.topics);
  for (const { topic, partition } of wanted) setOf(open.written, topic).add(partition);
  const missing = wanted.filter(({ key }) => !open.added.has(key));
  if (missing.length === 0) return Promise.all(wanted.map(async ({ key }) => open.added.get(key)));
  const isFirst = open.added.size === 0;
  const places = isFirst
    ? [...missing, ...placesOf([...open.before].map(([topic, partitions]) => ({ topic, partitions: [...partitions] })))]
    : missing;
  const sent = send({ ...asked, topics: topicsOf(places) });
  for (const { key } of places) open.added.set(key, sent);
  try {
    return await sent;
  } catch (error) {
    // One of those before may be the reason: the next attempt is for what is asked for alone.
    for (const { key } of places) open.added.delete(key);
    open.before = new Map();
    throw error;
  }
}

/** Sends, by `send`, the groups that the transaction is likely to need. What becomes of that is for those to know who ask for one of them. */
export function addGroupsAhead(asked: Omit<GroupToAdd, "groupId">, send: (asked: GroupToAdd) => Promise<unknown>): void {
  const { transactionalId, producerId, producerEpoch } = asked;
  const open = openOf(asked);
  if (open === null) return;
  for (const groupId of open.groupsBefore) {
    if (open.groups.has(groupId)) continue;
    const sent = send({ transactionalId, producerId, producerEpoch, groupId });
    sent.catch(() => {});
    open.groups.set(groupId, sent);
  }
}

/**
 * Sends a group by `send`, unless it has been sent. Resolves when it is added. Rejects as the request does that was sent, ahead perhaps; the next time
 * another one is sent.
 */
export async function addGroup(asked: GroupToAdd, send: (asked: GroupToAdd) => Promise<unknown>): Promise<unknown> {
  const { groupId } = asked;
  const groups = openOf(asked)?.groups;
  if (groups === undefined) return send(asked);
  const sent = groups.get(groupId) ?? send(asked);
  groups.set(groupId, sent);
  try {
    return await sent;
  } catch (error) {
    groups.delete(groupId);
    throw error;
  }
}

/** Returns the open transaction of the producer that asks, or null when there is none, or it is another one's. */
function openOf({ transactionalId, producerId, producerEpoch }: Omit<GroupToAdd, "groupId">): Open | null {
  const open = transactions.get(transactionalId) ?? null;
  const producer = `${String(producerId)} ${String(producerEpoch)}`;
  if (open !== null) open.producer ??= producer;
  return open?.producer === producer ? open : null;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
}

function placesOf(topics: PartitionsToAdd["topics"]): Place[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition: Number(partition), key: `${topic}/${partition}` })),
  );
}

function topicsOf(places: readonly Place[]): PartitionsToAdd["topics"] {
  return [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, ofTopic]) => {
    return { topic, partitions: [...new Set(ofTopic.map(({ partition }) => partition))] };
  });
}

function setOf(sets: Map<string, Set<number>>, topic: string): Set<number> {
  const known = sets.get(topic) ?? new Set();
  sets.set(topic, known);
  return known;
}
