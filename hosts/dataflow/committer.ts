import type { Clock } from "./clock.ts";

/** Positions are committed when nothing is in flight, but not more often than this. */
const COMMIT_SPACING_MS = 100;

/** Commits in the background. */
export interface Committer {
  /** Begins no further commit and waits for the one that runs. */
  stop(): Promise<void>;
}

/** Commits every interval, and sooner when nothing is in flight, one commit at a time. */
export function startCommitter(commit: () => Promise<void>, isIdle: () => boolean, intervalMs: number, clock: Clock): Committer {
  let running: Promise<void> = Promise.resolve();
  let committedAt = clock.now();
  let busy = false;
  const stopTicking = clock.every(Math.min(COMMIT_SPACING_MS, intervalMs), () => {
    if (busy || (!isIdle() && clock.now() - committedAt < intervalMs)) return;
    busy = true;
    committedAt = clock.now();
    running = commit().finally(() => {
      busy = false;
    });
  });
  return {
    stop: async () => {
      stopTicking();
      await running;
    },
  };
}
