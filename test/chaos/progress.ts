/** How far the routers are, awaited. */
import { setTimeout } from "node:timers/promises";
import type { Stream } from "../broker/stream.ts";
import type { ClusterAdmin, Unsettled } from "./cluster-admin.ts";

const POLL_MS = 100;

/** Returns how long it took until the group had committed more than that, or null after the timeout. */
export async function untilMore(
  admin: ClusterAdmin,
  { group, input }: Stream,
  committed: number,
  timeoutMs: number,
): Promise<number | null> {
  return timeUntil(async () => (await admin.behind(group, input)).committed > committed, timeoutMs);
}

/** Returns how long it took until the group had committed all that was written, or null after the timeout. */
export async function untilCommitted(admin: ClusterAdmin, { group, input }: Stream, timeoutMs: number): Promise<number | null> {
  return timeUntil(async () => {
    const { written, committed } = await admin.behind(group, input);
    return committed >= written;
  }, timeoutMs);
}

/** Awaits that no transaction is open and the group has committed exactly what was written. Returns what is so when the time is over, or at the end. */
export async function untilSettled(
  admin: ClusterAdmin,
  { group, input }: Stream,
  outputs: readonly string[],
  timeoutMs: number,
): Promise<Unsettled> {
  let unsettled = await admin.unsettled(group, input, outputs);
  await timeUntil(async () => {
    unsettled = await admin.unsettled(group, input, outputs);
    return isSettled(unsettled);
  }, timeoutMs);
  return unsettled;
}

/** Whether nothing is left open. */
export function isSettled({ open, apart, pending }: Unsettled): boolean {
  return open === 0 && apart === 0 && !pending;
}

async function timeUntil(holds: () => Promise<boolean>, timeoutMs: number): Promise<number | null> {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > timeoutMs) return null;
    await setTimeout(POLL_MS);
  }
  return performance.now() - startMs;
}
