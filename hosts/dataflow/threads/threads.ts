/** The threads that route, for whoever asks or tells all of them. There are none while the main thread routes itself. */
import type { BindingCommand } from "../bindings.ts";
import { worstOf, type HealthStatus } from "../health.ts";
import type { LogLevels } from "../log-levels.ts";
import type { FamilySnapshot } from "../metrics.ts";
import type { RecordCounts } from "../metrics/router-meters.ts";
import type { RouterThread } from "./router-thread.ts";

export class Threads {
  readonly #threads: RouterThread[] = [];

  add(thread: RouterThread): void {
    this.#threads.push(thread);
  }

  /** The worst of all. */
  status(): HealthStatus {
    return worstOf(this.#threads.map(({ status }) => status));
  }

  /** Says which threads are DOWN, and why, where that is known; null when none is. */
  problem(): string | null {
    const down = this.#threads.filter(({ status }) => status === "DOWN");
    return down.length === 0 ? null : down.map(({ name, problem }) => `${name}: ${problem ?? "not connected"}`).join("; ");
  }

  /** What has become of the records of all. */
  counts(outputCount: number): RecordCounts {
    const all = this.#threads.map(({ snapshot }) => snapshot.counts);
    const sum = (of: (counts: RecordCounts) => number | undefined): number => all.reduce((total, counts) => total + (of(counts) ?? 0), 0);
    return {
      routed: Array.from({ length: outputCount }, (_, output) => sum(({ routed }) => routed[output])),
      tombstones: sum(({ tombstones }) => tombstones),
      unroutable: sum(({ unroutable }) => unroutable),
      deadLetters: sum(({ deadLetters }) => deadLetters),
      jumps: sum(({ jumps }) => jumps),
    };
  }

  /** The meters of each. */
  meters(): readonly (readonly FamilySnapshot[])[] {
    return this.#threads.map(({ snapshot }) => snapshot.families);
  }

  /** Returns levels that count for the threads, too, and know their loggers. */
  followed(levels: LogLevels): LogLevels {
    return {
      ...levels,
      names: () => {
        for (const { snapshot } of this.#threads) for (const name of snapshot.loggers) levels.effective(name);
        return levels.names();
      },
      set: (logger, level) => {
        levels.set(logger, level);
        for (const thread of this.#threads) thread.setLevel(logger, level);
      },
    };
  }

  /** Has all do something with the input; resolves when it is done. */
  async control(command: BindingCommand): Promise<void> {
    await Promise.all(this.#threads.map(async (thread) => thread.control(command)));
  }

  /** Has all finish what they have taken. */
  stop(): void {
    for (const thread of this.#threads) thread.stop();
  }

  /** Resolves when all have ended as they were told to, to whether everything was committed; rejects as soon as one can't go on. */
  async ended(): Promise<boolean> {
    return (await Promise.all(this.#threads.map(async ({ ended }) => ended))).every(Boolean);
  }

  /** Resolves when all have ended, however that was. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#threads.map(async ({ ended }) => ended));
  }
}
