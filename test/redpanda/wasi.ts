/** The module `wasi_snapshot_preview1` as the broker has it (`src/v/wasm/wasi.cc`): no files, no time but the records', no randomness. */
import { bytesOf, joined } from "../bytes.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { GuestTrap } from "./guest-trap.ts";
import type { TransformLog } from "./transform-log.ts";

/** Error numbers as the broker numbers them (`src/v/wasm/wasi.h:69-72`). */
const SUCCESS = 0;
const BADF = 8;
const INVAL = 16;
const NOSYS = 52;

const REALTIME_CLOCK = 0;
const CLOCK_ID_MAX = 3;
const NS_PER_MS = 1_000_000n;
/** Every random byte (`src/v/wasm/wasi.cc:367`). */
const RANDOM_BYTE = 9;

// A subscription is { userdata u64, tag u8 at 8, … } of 48 bytes, an event { userdata u64, error u16, type u8, … } of 32.
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const CLOCK_EVENT = 0;
const EVENT_TYPE_MAX = 2;

type Values = readonly (number | bigint)[];

/** The WASI side of one VM. */
export class Wasi {
  readonly #parameters: readonly Uint8Array[];
  readonly #environment: readonly Uint8Array[];
  readonly #log: TransformLog;
  /** Of the record that is being read; a new VM begins in 1970 (`src/v/wasm/wasmtime.cc:660`). */
  wallTimeMs = 0n;
  #monotonicMs = 0n;

  constructor(name: string, environment: ReadonlyMap<string, string>, log: TransformLog) {
    this.#parameters = [bytesOf(`${name}\0`)];
    this.#environment = Array.from(environment, ([key, value]) => bytesOf(`${key}=${value}\0`));
    this.#log = log;
  }

  /** Runs the function of a name; what the broker defines without any substance answers that it is not there. */
  call(name: string, memory: GuestMemory, values: Values): number {
    const [first = 0, second = 0, third = 0, fourth = 0] = values.map((value) => Number(value) >>> 0);
    switch (name) {
      case "args_sizes_get":
        return sizesGet(memory, this.#parameters, first, second);
      case "args_get":
        return stringsGet(memory, this.#parameters, first, second);
      case "environ_sizes_get":
        return sizesGet(memory, this.#environment, first, second);
      case "environ_get":
        return stringsGet(memory, this.#environment, first, second);
      case "clock_res_get":
        return clockGet(memory, first, second, NS_PER_MS);
      case "clock_time_get":
        return clockGet(memory, first, third, this.#timeNs(first));
      case "fd_prestat_get":
        return first <= 2 ? NOSYS : BADF;
      case "fd_write":
        return this.#fdWrite(memory, first, second, third, fourth);
      case "poll_oneoff":
        return pollOneoff(memory, first, second, third, fourth);
      case "proc_exit":
        throw GuestTrap.inHostFunction(`exited with code: ${Number(values[0]) | 0}`);
      case "random_get":
        memory.span(first, second).fill(RANDOM_BYTE);
        return SUCCESS;
      case "sched_yield":
        return SUCCESS;
      default:
        return NOSYS;
    }
  }

  /** The other clocks move on a millisecond each time somebody looks, so that a loop that waits for them ends. */
  #timeNs(clock: number): bigint {
    if (clock === REALTIME_CLOCK) return this.wallTimeMs * NS_PER_MS;
    return clock <= CLOCK_ID_MAX ? this.#monotonicMs++ * NS_PER_MS : 0n;
  }

  /** All buffers of a call are one event. An iovec is { pointer u32, length u32 }. */
  #fdWrite(memory: GuestMemory, descriptor: number, iovecs: number, count: number, written: number): number {
    if (descriptor !== 1 && descriptor !== 2) return NOSYS;
    const parts = Array.from({ length: count }, (_, index) =>
      memory.span(memory.getUint32(iovecs + 8 * index), memory.getUint32(iovecs + 8 * index + 4)),
    );
    const bytes = joined(parts);
    this.#log.write(descriptor === 1 ? "info" : "warn", bytes);
    memory.setInt32(written, bytes.length);
    return SUCCESS;
  }
}

function bytesIn(strings: readonly Uint8Array[]): number {
  return strings.reduce((bytes, one) => bytes + one.length, 0);
}

function sizesGet(memory: GuestMemory, strings: readonly Uint8Array[], count: number, size: number): number {
  memory.setInt32(count, strings.length);
  memory.setInt32(size, bytesIn(strings));
  return SUCCESS;
}

/** Room that is not there is an error number and no trap here, and nothing is written (`src/v/wasm/wasi.cc:191`). */
function stringsGet(memory: GuestMemory, strings: readonly Uint8Array[], pointers: number, buffer: number): number {
  try {
    memory.check(pointers, 4 * strings.length);
    memory.check(buffer, bytesIn(strings));
  } catch {
    return INVAL;
  }
  let at = buffer;
  for (const [index, one] of strings.entries()) {
    memory.setInt32(pointers + 4 * index, at);
    memory.span(at, one.length).set(one);
    at += one.length;
  }
  return SUCCESS;
}

function clockGet(memory: GuestMemory, clock: number, out: number, ns: bigint): number {
  if (clock > CLOCK_ID_MAX) return INVAL;
  memory.setInt64(out, ns);
  return SUCCESS;
}

/** Nobody sleeps: timers are over at once, and descriptors are never ready. */
function pollOneoff(memory: GuestMemory, subscriptions: number, events: number, count: number, written: number): number {
  memory.check(subscriptions, SUBSCRIPTION_BYTES * count);
  memory.check(events, EVENT_BYTES * count);
  for (let index = 0; index < count; index++) {
    const subscription = memory.view(subscriptions + SUBSCRIPTION_BYTES * index, SUBSCRIPTION_BYTES);
    const event = memory.view(events + EVENT_BYTES * index, EVENT_BYTES);
    const type = subscription.getUint8(8);
    event.setBigUint64(0, subscription.getBigUint64(0, true), true);
    event.setUint8(10, type);
    if (type > EVENT_TYPE_MAX) return NOSYS;
    event.setUint16(8, type === CLOCK_EVENT ? SUCCESS : NOSYS, true);
  }
  memory.setInt32(written, count);
  return SUCCESS;
}
