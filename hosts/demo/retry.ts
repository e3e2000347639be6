import { setTimeout } from "node:timers/promises";
import { isRetriable } from "../dataflow/errors.ts";

/** A broker that has just started, or a group that is new to it, may ask for patience; it is over within a few seconds. */
const RETRY_TIMEOUT_MS = 30_000;
const RETRY_SPACING_MS = 250;

/** Opens something of Kafka's, again and again while that may help. Throws the last error when it has taken too long, or `stop` fires. */
export async function openPatiently<Opened>(open: () => Promise<Opened>, stop: AbortSignal): Promise<Opened> {
  const deadlineMs = performance.now() + RETRY_TIMEOUT_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isRetriable(error) || stop.aborted || performance.now() > deadlineMs) throw error;
      await setTimeout(RETRY_SPACING_MS);
    }
  }
}
