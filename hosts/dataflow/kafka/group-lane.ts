/**
 * What the lane changes of kafkajs's dealings with the coordinators of groups and transactions. It learns the generation that an assignment
 * belongs to; has the member finish what it has before it joins anew; tells kafkajs where partitions begin that the group has committed nothing
 * of, and not before it is settled what is committed; commits positions in a transaction as a member of a generation; and waits where a
 * coordinator says "not yet".
 */
import { setTimeout } from "node:timers/promises";
import { AppError, protocolType } from "../errors.ts";
import { addGroup, addGroupsAhead, addPartitions } from "./added-to-transaction.ts";
import { asEncoder, change, type CoordinatorCalls, type ProtocolApi, type ProtocolRequest, type ProtocolTable } from "./kafkajs.ts";
import {
  decodeOffsetFetch,
  decodeTxnOffsetCommit,
  encodeOffsetFetch,
  encodeTxnOffsetCommit,
  FENCED_COMMIT_VERSION,
  memberOf,
  STABLE_FETCH_VERSION,
  type OffsetFetchOptions,
  type TxnOffsetCommitOptions,
} from "./offset-codecs.ts";

/** A member waits here for the leader of its group. */
const SYNC_TIMEOUT_MS = 30_000;
/** Members whose generation is remembered; a process has few. */
const MEMBERS_MAX = 100;
/** Wait before committed positions are asked for again, of which an open transaction has some. */
const UNSTABLE_MS = 50;
/** The markers of a transaction that has ended are soon written: the wait before a coordinator is asked again grows from one to the other. */
const BUSY_MS = { min: 1, max: 20 };
/** Longer than that, kafkajs is told, which asks again by itself. */
const BUSY_MS_MAX = 5000;

const generations = new Map<string, number>();
const beginnings = new Map<string, BeginOf>();
const revokings = new Map<string, () => Promise<void>>();
const refusals = new Map<string, unknown>();

/** Returns where a partition begins that its group has committed nothing of, or null to leave that to kafkajs. */
export type BeginOf = (topic: string, partition: number) => bigint | null;

/** Has kafkajs believe that a group has committed the offsets at which its partitions begin; null ends it. */
export function setBeginnings(group: string, begin: BeginOf | null): void {
  if (begin === null) beginnings.delete(group);
  else beginnings.set(group, begin);
}

/** Has kafkajs wait for `revoking` before this process's member of a group asks to join it; null ends it. */
export function setRevoking(group: string, revoking: (() => Promise<void>) | null): void {
  if (revoking === null) revokings.delete(group);
  else revokings.set(group, revoking);
}

/** Returns whether this process's member of a group has something to finish before it joins. */
export function hasRevoking(group: string): boolean {
  return revokings.has(group);
}

/** Returns why there is no coordinator for a group or a transactional id that this process has asked for last, or null. kafkajs tells only that. */
export function coordinatorRefusal(key: string): unknown {
  return refusals.get(key) ?? null;
}

/** Returns the generation of its group that a member of this process got its last assignment in, or null for one that is not known. */
export function generationOf(memberId: string): number | null {
  return generations.get(memberId) ?? null;
}

/** Changes kafkajs, once and for the whole process. */
export function installGroupLane({
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  GroupCoordinator,
  InitProducerId,
  JoinGroup,
  OffsetFetch,
  SyncGroup,
  TxnOffsetCommit,
}: ProtocolTable): void {
  change(JoinGroup, (call, _version, options) => ({
    ...call,
    request: {
      ...call.request,
      encode: async () => {
        await revokings.get((options as Membered).groupId)?.();
        return call.request.encode();
      },
    },
  }));
  change(SyncGroup, (call, _version, options) => ({
    ...call,
    requestTimeout: SYNC_TIMEOUT_MS,
    response: { ...call.response, parse: async (decoded) => noteGeneration(options as Membered, await call.response.parse(decoded)) },
  }));
  change(GroupCoordinator, (call, _version, options) => ({
    ...call,
    response: {
      ...call.response,
      parse: async (decoded) => noteRefusal((options as Membered).groupId, call.response.parse(decoded)),
    },
  }));
  addVersion(OffsetFetch, STABLE_FETCH_VERSION);
  change(OffsetFetch, (call, version, options) => {
    const parse = async (decoded: unknown): Promise<unknown> => fillUncommitted(options, await settled(call.response.parse(decoded)));
    if (version < STABLE_FETCH_VERSION) return { ...call, response: { ...call.response, parse } };
    return {
      ...call,
      request: {
        ...call.request,
        apiVersion: version,
        encode: async () => Promise.resolve(asEncoder(encodeOffsetFetch(options as OffsetFetchOptions))),
      },
      response: { decode: async (raw) => Promise.resolve(decodeOffsetFetch(raw)), parse },
      logResponseError: false,
    };
  });
  addVersion(TxnOffsetCommit, FENCED_COMMIT_VERSION);
  change(TxnOffsetCommit, (call, version, options) => fencedCommit(call, version, options as TxnOffsetCommitOptions));
  for (const api of [AddOffsetsToTxn, AddPartitionsToTxn, InitProducerId]) change(api, (call) => ({ ...call, logResponseError: false }));
}

/** What kafkajs knows of a request of a group's member. */
interface Membered {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
}

/** The assignment is this generation's: of what a member that joins is told before, another one may be the last by now. */
function noteGeneration({ memberId, generationId }: Membered, assigned: unknown): unknown {
  if (generations.size >= MEMBERS_MAX) generations.clear();
  generations.set(memberId, generationId);
  return assigned;
}

async function noteRefusal(key: string, found: Promise<unknown>): Promise<unknown> {
  try {
    const coordinator = await found;
    refusals.delete(key);
    return coordinator;
  } catch (error) {
    refusals.set(key, error);
    throw error;
  }
}

/** Has kafkajs choose a version that it does not know. For any between it and its own highest, which it would not find, it goes on with its own. */
function addVersion(api: ProtocolApi, added: number): void {
  const { protocol, versions } = api;
  const ownMax = Math.max(...versions.map(Number));
  api.versions = [...versions, added.toString()];
  api.protocol = ({ version }) => protocol({ version: Math.min(version, ownMax) });
}

/** An OffsetFetch answer as kafkajs has parsed it; nobody else has it yet. */
interface CommittedOffsets {
  readonly responses: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; offset: string }[] }[];
}

/** Puts the beginnings of the group in the place of -1, which means that nothing is committed. */
function fillUncommitted(options: unknown, answer: unknown): unknown {
  const begin = beginnings.get((options as OffsetFetchOptions).groupId);
  if (begin === undefined) return answer;
  for (const { topic, partitions } of (answer as CommittedOffsets).responses) {
    for (const entry of partitions) {
      const offset = BigInt(entry.offset) < 0n ? begin(topic, entry.partition) : null;
      if (offset !== null) entry.offset = offset.toString();
    }
  }
  return answer;
}

/** Waits a moment when an open transaction has some of the positions. Then kafkajs asks anew, and tells the group meanwhile that the member lives. */
async function settled(positions: Promise<unknown>): Promise<unknown> {
  try {
    return await positions;
  } catch (error) {
    if (protocolType(error) !== "UNSTABLE_OFFSET_COMMIT") throw error;
    await setTimeout(UNSTABLE_MS);
    throw new UnsettledError(error);
  }
}

/** `name` is what kafkajs goes by: the only error of a fetch after which it sends its heartbeat and fetches again. */
class UnsettledError extends Error {
  override readonly name = "KafkaJSBrokerNotFound";

  constructor(cause: unknown) {
    super("a transaction that is still open has positions of the partition", { cause });
  }
}

/** Commits positions as the member that they come with. Others, of stock kafkajs, go the way that they came. */
function fencedCommit(call: ProtocolRequest, version: number, options: TxnOffsetCommitOptions): ProtocolRequest {
  const member = memberOf(options.topics);
  if (member === null) return call;
  if (version < FENCED_COMMIT_VERSION) {
    throw new AppError(
      "TRANSACTIONS_REFUSED",
      false,
      "exactly once needs brokers of Kafka 2.5 or later, which tell members of a group apart",
    );
  }
  return {
    ...call,
    request: {
      ...call.request,
      apiVersion: version,
      encode: async () => Promise.resolve(asEncoder(encodeTxnOffsetCommit(options, member))),
    },
    response: { ...call.response, decode: async (raw) => Promise.resolve(decodeTxnOffsetCommit(raw)) },
    logResponseError: false,
  };
}

/**
 * Has kafkajs ask again at once while a coordinator writes the end of the transaction before: by itself it would look for all topics anew, tell of
 * an error, and wait for much longer than that takes.
 */
export function waitWhileBusy(calls: CoordinatorCalls): void {
  const { addOffsetsToTxn, addPartitionsToTxn, initProducerId } = calls;
  // A producer that was closed with an open transaction is followed by one that waits for its abort.
  calls.initProducerId = async function patient(options) {
    return untilNotBusy(async () => initProducerId.call(this, options));
  };
  calls.addOffsetsToTxn = async function patient(options) {
    return addGroup(options, async (asked) => untilNotBusy(async () => addOffsetsToTxn.call(this, asked)));
  };
  calls.addPartitionsToTxn = async function patient(options) {
    const added = await addPartitions(options, async (asked) => untilNotBusy(async () => addPartitionsToTxn.call(this, asked)));
    // The same coordinator takes both. Whoever has been added to a transaction waits for no end of the one before.
    addGroupsAhead(options, async (asked) => addOffsetsToTxn.call(this, asked));
    return added;
  };
}

async function untilNotBusy(ask: () => Promise<unknown>): Promise<unknown> {
  const deadline = Date.now() + BUSY_MS_MAX;
  for (let waitMs = BUSY_MS.min; ; waitMs = Math.min(2 * waitMs, BUSY_MS.max)) {
    try {
      return await ask();
    } catch (error) {
      if (protocolType(error) !== "CONCURRENT_TRANSACTIONS" || Date.now() > deadline) throw error;
      await setTimeout(waitMs);
    }
  }
}
