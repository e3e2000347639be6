/** Has the memory of Fetch responses used again when all that they have brought was handled. */
import type { FetchCalls } from "./kafkajs.ts";
import { releaseResponse } from "./whole-responses.ts";

/** What a Fetch response brought, as its codec has decoded it. */
export interface FetchedMessages {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly object[] }[] }[];
}

/** A response of which some partitions' messages, which are views of it, are still to be handled. */
interface Lease {
  readonly payload: Uint8Array;
  unhandled: number;
}

/** By the list of a partition's messages, which kafkajs hands from the codec to the handler as it is. */
const leases = new WeakMap<object, Lease>();

/** Takes note of what reads a response's memory. Whatever of it is never handled leaves the whole to the garbage collector. */
export function noteFetched({ responses }: FetchedMessages, payload: Uint8Array): void {
  const lists = responses.flatMap(({ partitions }) => partitions.map(({ messages }) => messages).filter(({ length }) => length > 0));
  // Of many idle partitions even an answer without a record is large.
  if (lists.length === 0) releaseResponse(payload);
  const lease = { payload, unhandled: lists.length };
  for (const list of lists) leases.set(list, lease);
}

/** Gives the memory of a response back behind the last handler of its partitions, whatever came of it: by then nobody reads it. */
export function releaseHandled(calls: FetchCalls): void {
  const { handleBatch } = calls;
  calls.handleBatch = async function handleAndRelease(batch) {
    try {
      await handleBatch.call(this, batch);
    } finally {
      const lease = leases.get(batch.rawMessages);
      leases.delete(batch.rawMessages);
      if (lease !== undefined && --lease.unhandled === 0) releaseResponse(lease.payload);
    }
  };
}
