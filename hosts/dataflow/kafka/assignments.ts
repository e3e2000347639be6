/**
 * Keeps kafkajs's assignments apart. Each of its fetchers joins the group by itself when its broker does not lead a partition any more, while the
 * others go on; so there may be two joins at once, a fetch of one assignment may be answered in the next, and an answer may come to a map that the
 * next assignment shares.
 */
import { AppError } from "../errors.ts";
import type { ClusterCalls, ConsumerGroupCalls, FetchCalls, SeekCalls, SeekingGroup } from "./kafkajs.ts";

/**
 * Has members join once at a time: whoever wants to join meanwhile waits for that. Of a group of which `endsWithJoin` is true a join that fails ends
 * the consumer. kafkajs would go on as if it had not tried; but what a member has given up before it joins it only gets back with an assignment.
 */
export function joinOnceAtATime(calls: ConsumerGroupCalls, endsWithJoin: (group: string) => boolean): void {
  const original = calls.joinAndSync;
  const joining = new WeakMap<object, Promise<void>>();
  calls.joinAndSync = async function joinAndSyncOnce() {
    const underWay = joining.get(this);
    if (underWay !== undefined) return underWay;
    const joined = original
      .call(this)
      .catch(async (error: unknown) => {
        // Joined, all the same, and kafkajs has nobody left who would leave: the group would wait for its session to be over.
        if (error instanceof AppError && error.code === "BINDER_CLOSED") await this.leave().catch(() => {});
        throw endsWithJoin(this.groupId) ? new JoinError(error) : error;
      })
      .finally(() => joining.delete(this));
    joining.set(this, joined);
    return joined;
  };
}

/** `retriable` is what kafkajs goes by. The app opens another consumer. */
class JoinError extends Error {
  override readonly name = "JoinError";
  readonly retriable = false;

  constructor(cause: unknown) {
    super("the group could not be joined anew", { cause });
  }
}

/**
 * Drops what was fetched in an assignment before the present one, whose partitions may be another member's, or begin elsewhere. And ends fetchers with
 * their consumer: when the list of brokers changes, kafkajs lets the handlers finish and begins new fetchers; a consumer that is closed in between has
 * stopped the old ones only, and the new ones are given nothing, at once, each time they ask, and ask for ever without a turn of the event loop.
 */
export function fetchInOneAssignment(calls: FetchCalls): void {
  const { fetch, handleBatch } = calls;
  const fetchedIn = new WeakMap<object, unknown>();
  calls.fetch = async function fetchOfRunning(nodeId) {
    if (!this.running) throw new AppError("BINDER_CLOSED", true, "the consumer is closed");
    const { offsetManager } = this.consumerGroup;
    const batches = await fetch.call(this, nodeId);
    if (offsetManager !== this.consumerGroup.offsetManager) return [];
    for (const batch of batches) fetchedIn.set(batch, offsetManager);
    return batches;
  };
  calls.handleBatch = async function handleOfAssignment(batch) {
    // It may have waited for a worker.
    if (fetchedIn.get(batch) !== this.consumerGroup.offsetManager) return;
    await handleBatch.call(this, batch);
  };
}

/**
 * Forgets with an assignment where its partitions were to go on. kafkajs keeps that by partition until a fetch of it begins; one that has gone to
 * another member before, and comes back, would go on there, past what that member has committed.
 */
export function seekInOneAssignment(calls: SeekCalls): void {
  const { seek, seekOffsets } = calls;
  const soughtIn = new WeakMap<SeekingGroup, unknown>();
  const forgetOthers = (group: SeekingGroup): void => {
    if (soughtIn.get(group) !== group.offsetManager) group.seekOffset.clear();
    soughtIn.set(group, group.offsetManager);
  };
  calls.seek = function seekOfAssignment(position) {
    forgetOthers(this);
    seek.call(this, position);
  };
  calls.seekOffsets = async function seekOffsetsOfAssignment(partitions) {
    forgetOthers(this);
    await seekOffsets.call(this, partitions);
  };
}

/** Gives each assignment positions of its own. kafkajs keeps them by group, and an answer to a question of the last one would still come there. */
export function forgetWithAssignment(calls: Pick<ClusterCalls, "committedOffsets">): void {
  calls.committedOffsets = () => ({});
}
