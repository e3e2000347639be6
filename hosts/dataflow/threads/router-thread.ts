/** A thread that routes, as the main thread knows it. */
import type { BindingCommand } from "../bindings.ts";
import { AppError, describeError } from "../errors.ts";
import type { HealthStatus } from "../health.ts";
import type { LogLevel } from "../log-levels.ts";
import type { FromThread, ThreadFailure, ThreadSnapshot, ToThread } from "./messages.ts";

/** What is needed of a worker. */
export interface ThreadWorker {
  on(event: "message", listener: (message: FromThread) => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "exit", listener: (exitCode: number) => void): unknown;
  postMessage(message: ToThread, transfer: readonly []): void;
  terminate(): Promise<unknown>;
}

export interface RouterThreadOptions {
  readonly name: string;
  readonly worker: ThreadWorker;
  /** Takes a line of the log, line end included. */
  readonly write: (line: string) => void;
  /** Called when its health has changed. */
  readonly onHealth: () => void;
}

const NOTHING: ThreadSnapshot = {
  counts: { routed: [], tombstones: 0, unroutable: 0, deadLetters: 0, jumps: 0 },
  families: [],
  loggers: [],
};

/** One worker. */
export class RouterThread {
  readonly name: string;
  /** Resolves after `stop`, to whether everything was acknowledged and committed; rejects when the thread can't go on, or has died. */
  readonly ended: Promise<boolean>;
  /** Resolves when it is a member of its group for the first time. */
  readonly opened: Promise<void>;
  readonly #options: RouterThreadOptions;
  readonly #end = Promise.withResolvers<boolean>();
  readonly #open = Promise.withResolvers<void>();
  /** What waits until a command is done, by its id. */
  readonly #commands = new Map<number, () => void>();
  #commandCount = 0;
  #status: HealthStatus = "DOWN";
  #problem: string | null = null;
  #snapshot = NOTHING;
  #isOver = false;

  constructor(options: RouterThreadOptions) {
    this.#options = options;
    this.name = options.name;
    this.ended = this.#end.promise;
    this.opened = this.#open.promise;
    // Whoever started it awaits it, though perhaps not yet when it fails.
    this.ended.catch(() => {});
    const { worker } = options;
    worker.on("message", (message) => {
      this.#hear(message);
    });
    worker.on("error", (error) => {
      this.#fail(new AppError("THREAD_DIED", false, `${this.name} died: ${describeError(error)}`, error));
    });
    worker.on("exit", (exitCode) => {
      this.#fail(new AppError("THREAD_DIED", false, `${this.name} ended without a word, with exit code ${exitCode}`));
    });
  }

  get status(): HealthStatus {
    return this.#status;
  }

  /** Why it is not UP, where that is known. */
  get problem(): string | null {
    return this.#problem;
  }

  /** What it has counted, some second ago at most. */
  get snapshot(): ThreadSnapshot {
    return this.#snapshot;
  }

  /** Has the thread do something with the input; resolves when it is done, or nobody is left to do it. */
  async control(command: BindingCommand): Promise<void> {
    if (this.#isOver) return;
    const id = ++this.#commandCount;
    const done = Promise.withResolvers<void>();
    this.#commands.set(id, done.resolve);
    this.#tell({ kind: "control", id, command });
    return done.promise;
  }

  /** Gives a logger a level, or takes it away. */
  setLevel(logger: string, level: LogLevel | null): void {
    this.#tell({ kind: "level", logger, level });
  }

  /** Has the thread finish what it has taken, within the app's time for it. */
  stop(): void {
    this.#tell({ kind: "stop" });
  }

  #tell(message: ToThread): void {
    const { worker } = this.#options;
    worker.postMessage(message, []);
  }

  #hear(message: FromThread): void {
    if (message.kind === "line") this.#options.write(message.line);
    else if (message.kind === "health") this.#setHealth(message.status, message.problem);
    else if (message.kind === "snapshot") this.#snapshot = message.snapshot;
    else if (message.kind === "controlled") this.#controlled(message.id);
    else this.#ended(message);
  }

  #controlled(id: number): void {
    this.#commands.get(id)?.();
    this.#commands.delete(id);
  }

  #ended({ isDrained, failure, snapshot }: FromThread & { readonly kind: "ended" }): void {
    this.#snapshot = snapshot;
    if (failure === null) {
      this.#isOver = true;
      this.#end.resolve(isDrained);
      this.#forgetCommands();
    } else {
      this.#fail(errorOf(failure));
    }
    // A client's socket or timer may be all that is left in it.
    void this.#options.worker.terminate();
  }

  /** Only the first word about the end counts: a worker exits whatever it ended with. */
  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end.reject(error);
    this.#setHealth("DOWN", error.message);
    this.#forgetCommands();
  }

  /** Nobody does now what was asked for. */
  #forgetCommands(): void {
    for (const id of this.#commands.keys()) this.#controlled(id);
  }

  #setHealth(status: HealthStatus, problem: string | null): void {
    this.#status = status;
    this.#problem = problem;
    if (status === "UP") this.#open.resolve();
    this.#options.onHealth();
  }
}

function errorOf({ name, message, stack }: ThreadFailure): Error {
  return Object.assign(new Error(message), { name, stack });
}
