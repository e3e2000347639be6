/** The app's bindings as an operator sees them, and what may be done with the input. */
import { once } from "node:events";
import type { Config } from "./config.ts";

/** What a binding does. */
export type BindingState = "running" | "paused" | "stopped";

/** What an operator wants of a binding, in Spring's words. */
export type BindingCommand = "PAUSED" | "RESUMED" | "STARTED" | "STOPPED";

/** One binding. */
export interface BindingDescription {
  readonly bindingName: string;
  readonly destination: string;
  /** Null for an output, and for an input without a group of its own name. */
  readonly group: string | null;
  readonly isInput: boolean;
  readonly state: BindingState;
  /** What it was configured with. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Name of the binding that is read. */
export const INPUT = "input";

/** Returns the bindings: one for each topic of the input, as in Spring, and one for each output. */
export function describeBindings({ input, outputs, deadLetters }: Config, inputState: BindingState): readonly BindingDescription[] {
  const { destinations, group, autoStartup, concurrency, startOffset, resetOffsets, instance } = input;
  const extension = { startOffset, resetOffsets, enableDlq: deadLetters !== null, autoRebalanceEnabled: instance === null };
  return [
    ...destinations.map((destination) => ({
      bindingName: INPUT,
      destination,
      group,
      isInput: true,
      state: inputState,
      properties: {
        bindingName: INPUT,
        autoStartup,
        concurrency,
        extension: deadLetters === null ? extension : { ...extension, dlqName: deadLetters.destinations[destination] },
      },
    })),
    ...outputs.map(({ name, destination, partitionCount, keepsHeaders, codec }) => ({
      bindingName: name,
      destination,
      group: null,
      isInput: false,
      // A producer that has nothing to write while the input is stopped is ready all the same.
      state: "running" as const,
      properties: {
        bindingName: name,
        ...(partitionCount === null ? {} : { partitionCount }),
        headerMode: keepsHeaders ? "headers" : "none",
        extension: { compressionType: codec },
      },
    })),
  ];
}

/** Whether a binding that is not the input takes a command: an output goes with the input, so it only goes on; one that there is not can do anything. */
export function takesCommand({ outputs }: Config, bindingName: string, command: BindingCommand): boolean {
  return !outputs.some(({ name }) => name === bindingName) || command === "STARTED" || command === "RESUMED";
}

/** Returns what Spring's binder tells of itself in the health: its topics, what reads them, and the problem, if there is one. */
export function binderDetails({ input, outputs }: Config, state: BindingState, problem: string | null): Readonly<Record<string, unknown>> {
  return {
    ...(problem === null ? {} : { error: problem }),
    topicsInUse: [...input.destinations, ...outputs.map(({ destination }) => destination)],
    listenerContainers: input.destinations.map(() => ({
      isRunning: state !== "stopped",
      isStoppedAbnormally: false,
      isPaused: state === "paused",
      listenerId: null,
      groupId: input.group ?? "anonymous",
    })),
  };
}

/**
 * Whether the input runs, is paused or is stopped, over all sessions: what an operator has paused or stopped stays so, whatever happens to the
 * brokers.
 */
export class InputSwitch {
  #state: BindingState;
  /** Aborted when the input is to stop. A new one with each start. */
  #stop = new AbortController();
  /** Aborted when the input is to start. A new one with each stop. */
  #start = new AbortController();
  /** Resolves when nothing is read and nothing is on its way any more. A new one with each stop. */
  #halted = Promise.withResolvers<void>();

  constructor(isStarted: boolean) {
    this.#state = isStarted ? "running" : "stopped";
    if (!isStarted) this.#stop.abort();
  }

  get state(): BindingState {
    return this.#state;
  }

  isPaused(): boolean {
    return this.#state === "paused";
  }

  isStopped(): boolean {
    return this.#state === "stopped";
  }

  /** Aborted when the input is to stop. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Changes the state, where the command means a change. What is stopped can be neither paused nor resumed, only started. */
  command(command: BindingCommand): void {
    if (command === "STOPPED" && this.#state !== "stopped") {
      this.#state = "stopped";
      this.#start = new AbortController();
      this.#halted = Promise.withResolvers();
      this.#stop.abort();
    } else if (command === "STARTED" && this.#state === "stopped") {
      this.#state = "running";
      this.#stop = new AbortController();
      this.#start.abort();
      // Whoever waits for a stop that is overtaken waits no longer.
      this.#halted.resolve();
    } else if (command === "PAUSED" && this.#state === "running") {
      this.#state = "paused";
    } else if (command === "RESUMED" && this.#state === "paused") {
      this.#state = "running";
    }
  }

  /** Resolves when the app has nothing of the input in its hands any more. */
  async halted(): Promise<void> {
    return this.#halted.promise;
  }

  /** For the app, when it has let go of the input: resolves when the input is to start, or `end` is aborted. */
  async started(end: AbortSignal): Promise<void> {
    this.#halted.resolve();
    const signal = AbortSignal.any([this.#start.signal, end]);
    if (!signal.aborted) await once(signal, "abort");
  }
}
