/**
 * A guest that the broker has accepted, and the making of VMs of it. V8 stands in for the broker's engine. It counts no fuel, and it knows
 * features that the broker has off: for both there is `wasmtime.ts`.
 */
import type { Deployment } from "./deployment.ts";
import { environmentOf, validateDeployment, validateModule } from "./deployment.ts";
import { EngineRefused, MEMORY_BYTES_MAX, PAGE_BYTES, checkEngine } from "./engine-checks.ts";
import { GuestMemory } from "./guest-memory.ts";
import { GuestTrap } from "./guest-trap.ts";
import { HOST_FUNCTIONS, checkPointers } from "./host-functions.ts";
import { withMaximum } from "./memory-cap.ts";
import type { SourceBatch } from "./source-batch.ts";
import { TransformLog } from "./transform-log.ts";
import type { Emit } from "./transform-module.ts";
import { TransformModule } from "./transform-module.ts";
import { Wasi } from "./wasi.ts";

/** The schema registry's functions say that there is none. */
const SCHEMA_REGISTRY_NOT_ENABLED = -1;

type Values = readonly (number | bigint)[];
type HostFunction = (...values: Values) => unknown;

/** A deployed transform; its log outlives its VMs. */
export class Guest {
  readonly deployment: Deployment;
  readonly log = new TransformLog();
  readonly module: WebAssembly.Module;

  /** Throws `DeployRefused` or `EngineRefused`. */
  constructor(wasm: Uint8Array, deployment: Deployment, memoryBytesMax = MEMORY_BYTES_MAX) {
    const declarations = validateModule(wasm);
    validateDeployment(deployment);
    checkEngine(declarations, memoryBytesMax);
    this.deployment = deployment;
    try {
      this.module = new WebAssembly.Module(Buffer.from(withMaximum(wasm, memoryBytesMax / PAGE_BYTES)));
    } catch (error) {
      throw new EngineRefused("the module does not compile", { cause: error });
    }
  }
}

/** Waits for the next batch: a promise when there is none yet. */
export type NextBatch = () => SourceBatch | Promise<SourceBatch>;

/** One VM of a guest, with the state that its host functions work on. */
export class Vm {
  readonly #wasi: Wasi;
  readonly #transform: TransformModule;
  #memory: GuestMemory | null = null;
  #exports: Readonly<Record<string, unknown>> = {};

  constructor(guest: Guest, emit: Emit) {
    this.#wasi = new Wasi(guest.deployment.name, environmentOf(guest.deployment), guest.log);
    this.#transform = new TransformModule(emit, (milliseconds) => (this.#wasi.wallTimeMs = milliseconds));
  }

  /** Makes the instance. `read_batch_header` is the one function that waits, so how it does is the driver's to say. */
  instantiate(module: WebAssembly.Module, readBatchHeader: WebAssembly.ImportValue): void {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = name === "read_batch_header" ? readBatchHeader : this.#hostFunction(from, name);
    }
    const { exports } = new WebAssembly.Instance(module, imports);
    this.#exports = exports;
    this.#memory = new GuestMemory(exports["memory"] as WebAssembly.Memory);
  }

  /** The function that never returns. */
  get start(): () => unknown {
    return this.#exports["_start"] as () => unknown;
  }

  /** The guest's memory. */
  get memory(): GuestMemory {
    // A start section that calls the host comes before there is a memory to speak of.
    if (this.#memory === null) throw GuestTrap.inHostFunction("Missing memory export");
    return this.#memory;
  }

  /** The first half of `read_batch_header`: the pointers are checked, and the batch before is over. */
  endBatch(pointers: Values): void {
    checkPointers(this.memory, parametersOf("redpanda_transform", "read_batch_header"), pointers);
    this.#transform.endBatch();
  }

  /** The second half, once there is a batch; returns the size of its largest payload. */
  beginBatch(batch: SourceBatch, pointers: Values): number {
    return this.#transform.beginBatch(this.memory, batch, pointers.map(Number));
  }

  #hostFunction(module: string, name: string): HostFunction {
    const parameters = parametersOf(module, name);
    return (...values) => {
      checkPointers(this.memory, parameters, values);
      if (module === "wasi_snapshot_preview1") return this.#wasi.call(name, this.memory, values);
      if (name.startsWith("check_abi_version_")) return undefined;
      if (module === "redpanda_schema_registry") return SCHEMA_REGISTRY_NOT_ENABLED;
      const numbers = values.map(Number);
      return name === "read_next_record"
        ? this.#transform.readNextRecord(this.memory, numbers)
        : this.#transform.write(this.memory, numbers);
    };
  }
}

function parametersOf(module: string, name: string): string {
  return HOST_FUNCTIONS[module]?.[name] ?? "";
}
