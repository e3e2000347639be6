/** What the main thread and a thread that routes tell each other. All of it can be cloned; nothing is shared. */
import type { BindingCommand } from "../bindings.ts";
import type { Config } from "../config.ts";
import type { HealthStatus } from "../health.ts";
import type { LogLevel } from "../log-levels.ts";
import type { FamilySnapshot } from "../metrics.ts";
import type { RecordCounts } from "../metrics/router-meters.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly name: string;
  /** As this thread is to have it, secrets included: it is cloned, and never in an argument or in the environment. */
  readonly config: Config;
  /** The core, compiled: threads share the code, and have an instance each. */
  readonly core: WebAssembly.Module;
  /** The group that all threads read as where none is named. */
  readonly anonymousGroup: string;
  readonly rootLevel: LogLevel;
  readonly levelByLogger: Readonly<Record<string, LogLevel>>;
}

/** What a thread is told. */
export type ToThread =
  | { readonly kind: "control"; readonly id: number; readonly command: BindingCommand }
  | { readonly kind: "level"; readonly logger: string; readonly level: LogLevel | null }
  | { readonly kind: "stop" };

/** What a thread has counted and measured until now. */
export interface ThreadSnapshot {
  readonly counts: RecordCounts;
  readonly families: readonly FamilySnapshot[];
  /** Names of its loggers. */
  readonly loggers: readonly string[];
}

/** An error, as far as an operator is told of it. */
export interface ThreadFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** What a thread tells. */
export type FromThread =
  /** One line of the log, line end included. */
  | { readonly kind: "line"; readonly line: string }
  /** Its health has changed; `problem` says why it is not UP, where that is known. */
  | { readonly kind: "health"; readonly status: HealthStatus; readonly problem: string | null }
  | { readonly kind: "snapshot"; readonly snapshot: ThreadSnapshot }
  /** What a command asked for is done. */
  | { readonly kind: "controlled"; readonly id: number }
  /** The last message: it was stopped, or, with a failure, can't go on. */
  | { readonly kind: "ended"; readonly isDrained: boolean; readonly failure: ThreadFailure | null; readonly snapshot: ThreadSnapshot };
