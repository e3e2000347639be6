/** Two ways to run a `_start` that never returns, one with a VM that lives on as in the broker, one with a VM for each run. */
import type { Guest } from "./guest.ts";
import { Vm } from "./guest.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { GuestTrap } from "./guest-trap.ts";
import type { SourceBatch } from "./source-batch.ts";
import type { Emit } from "./transform-module.ts";

/** JavaScript Promise Integration, which the types of WebAssembly do not have yet. */
const { Suspending, promising } = WebAssembly as unknown as {
  Suspending: new (wait: (...values: number[]) => Promise<number>) => WebAssembly.ImportValue;
  promising: (exported: () => unknown) => () => Promise<unknown>;
};

/** Thrown from `read_batch_header` when there are no more batches: it unwinds the guest, which nothing calls again. */
class EndOfBatches extends Error {
  override readonly name = "EndOfBatches";
}

/** What a guest returns with: nothing is to come back from `_start` (`src/v/wasm/wasmtime.cc:794`). */
function exited(): GuestTrap {
  return new GuestTrap("vm has exited");
}

/** Runs a new VM over batches until it asks for more than there are, and returns its memory; throws what ended it before. */
export function runOnce(guest: Guest, batches: readonly SourceBatch[], emit: Emit): GuestMemory {
  const vm = new Vm(guest, emit);
  const left = batches.values();
  vm.instantiate(guest.module, (...pointers: number[]) => {
    vm.endBatch(pointers);
    const { value: batch } = left.next();
    if (batch === undefined) throw new EndOfBatches();
    return vm.beginBatch(batch, pointers);
  });
  try {
    vm.start();
  } catch (error) {
    if (error instanceof EndOfBatches) return vm.memory;
    throw error;
  }
  throw exited();
}

interface Waiting {
  readonly resolve: (batch: SourceBatch) => void;
  readonly reject: (error: Error) => void;
}

/** A VM that waits within `read_batch_header` while there is nothing to do, as the broker's does. */
export class LongLivedVm {
  readonly #guest: Guest;
  readonly #vm: Vm;
  #guestWaits: Waiting | null = null;
  /** Resolved each time the guest waits, rejected when the VM ends. */
  #idle = Promise.withResolvers<void>();
  #failure: Error | null = null;

  constructor(guest: Guest, emit: Emit) {
    this.#guest = guest;
    this.#vm = new Vm(guest, emit);
  }

  /** Makes the instance and runs it until it waits for its first batch; throws what ended it before. */
  async start(): Promise<void> {
    this.#vm.instantiate(
      this.#guest.module,
      new Suspending(async (...pointers) => {
        this.#vm.endBatch(pointers);
        return this.#vm.beginBatch(await this.#nextBatch(), pointers);
      }),
    );
    void this.#run();
    await this.#idle.promise;
  }

  /** Hands a batch to the guest and waits until it asks for the next one; throws what ended the VM, now or before. */
  async transform(batch: SourceBatch): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#idle = Promise.withResolvers<void>();
    const waiting = this.#guestWaits;
    this.#guestWaits = null;
    waiting?.resolve(batch);
    await this.#idle.promise;
  }

  /** Ends the VM, which traps where it waits. */
  stop(): void {
    this.#guestWaits?.reject(new GuestTrap("vm was shutdown"));
  }

  /** The guest's memory. */
  get memory(): GuestMemory {
    return this.#vm.memory;
  }

  #nextBatch(): Promise<SourceBatch> {
    return new Promise((resolve, reject) => {
      this.#guestWaits = { resolve, reject };
      this.#idle.resolve();
    });
  }

  async #run(): Promise<void> {
    try {
      await promising(this.#vm.start)();
      this.#failure = exited();
    } catch (error) {
      this.#failure = error as Error;
    }
    this.#idle.reject(this.#failure);
    // Whoever calls next hears of it; that nobody does is no fault.
    this.#idle.promise.catch(() => undefined);
  }
}
