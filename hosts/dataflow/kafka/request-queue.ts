/**
 * Lets the queue of a connection rest while no request waits in it. kafkajs sets a timer for its next look whether or not there is anything to look at,
 * and to a time that lies in the past, which Node takes for one millisecond: each connection wakes the process a thousand times a second.
 */
import type { QueueCalls } from "./kafkajs.ts";

/** Has kafkajs look later only for requests that wait: for the end of the broker's throttling, or for room. A request that comes sees to itself. */
export function lookForWaitingOnly(calls: QueueCalls): void {
  const { scheduleCheckPendingRequests } = calls;
  calls.scheduleCheckPendingRequests = function scheduleIfAnyWaits() {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}
