/** The only JavaScript that touches the guest's memory. */
import { globalsOf, hyphenated } from "../core-exports.ts";
import { RouterError } from "../router-error.ts";
import type { RuleProperties } from "../rule.ts";
import { placeInRule, ruleTextOf } from "../rule.ts";

/** How records follow each other. */
export type Framing = "Lines" | "Crlf" | "Nul" | "Length";

/** Why a record is unroutable, in the order in which statistics have it. */
export const REASONS = ["empty", "not-a-digit", "not-a-timestamp", "no-such-time", "no-field", "not-in-table", "too-long"] as const;

/** Why a record is unroutable. */
export type Reason = (typeof REASONS)[number];

/** A record that is unroutable, and no output takes. */
export interface Refusal {
  /** Among the records of the call, from 0. */
  readonly index: number;
  /** Where in the input the record begins, its length field included. */
  readonly inputOffset: number;
  readonly reason: Reason;
  /** Where in the value that shows. */
  readonly byteOffset: number;
  /** Whether it is a line with a carriage return before its line feed, which `Crlf` would not take for a part of it. */
  readonly hasCarriageReturn: boolean;
}

/** What one call took. */
export interface Taken {
  /** Why it ended: what is left is no whole record, a sink is full, or a record is unroutable and stops it. */
  readonly halt: "Starved" | "Full" | "Unroutable";
  /** Where the input is to go on. */
  readonly upTo: number;
  readonly records: number;
  /** Records to each output. */
  readonly routed: readonly number[];
  readonly tombstones: number;
  readonly refused: Readonly<Record<Reason, number>>;
  /** The first refusals; `refused` has their number. */
  readonly refusals: readonly Refusal[];
  /** What is to be written: one an output, or all in the first, and then what is kept of unroutable records. Views, valid until the next call. */
  readonly sinks: readonly Uint8Array[];
}

interface Guest {
  readonly memory: WebAssembly.Memory;
  readonly INPUT_BYTES: WebAssembly.Global;
  readonly UNROUTABLE_SINK: WebAssembly.Global;
  readonly RULE_BYTES_MAX: WebAssembly.Global;
  ruleAddress(): number;
  configure(length: number): number;
  faultOffset(): number;
  outputCount(): number;
  outputNameAddress(index: number): number;
  outputNameLength(index: number): number;
  open(framing: number, named: number, keepsUnroutable: number, stopsAtUnroutable: number): void;
  inputAddress(): number;
  routeInput(from: number, end: number, isLast: number): number;
  takenUpTo(): number;
  recordCount(): number;
  outputRecordCount(index: number): number;
  tombstoneCount(): number;
  refusalCount(reason: number): number;
  refusalsAddress(): number;
  refusalsListedCount(): number;
  isWithinRecord(): number;
  sinkAddress(sink: number): number;
  sinkLength(sink: number): number;
}

/** How records are framed, and what becomes of them. */
export interface Opening {
  readonly framing: Framing;
  /** Whether each value has its output's name and a tab before it; then all are in the first sink, in the order of the input. */
  readonly named: boolean;
  readonly keepsUnroutable: boolean;
  readonly stopsAtUnroutable: boolean;
}

const CARRIAGE_RETURN = 0x0d;

/** Routes framed records, a block of bytes at a time. */
export class BlockRouter {
  /** The names of the outputs. */
  readonly outputs: readonly string[];
  /** What is to be routed: written from the outside. */
  readonly input: Uint8Array;
  readonly #guest: Guest;
  readonly #bytes: Uint8Array;
  readonly #halts: ReadonlyMap<number, Taken["halt"]>;
  readonly #framings: ReadonlyMap<string, number>;
  readonly #reasons: ReadonlyMap<number, Reason>;
  #framing: Framing = "Lines";

  /** Throws `RouterError`, which names the property, when the rule has a fault. */
  constructor(module: WebAssembly.Module, rule: RuleProperties) {
    const exports = new WebAssembly.Instance(module).exports;
    const guest = exports as unknown as Guest;
    this.#guest = guest;
    // The memory never grows.
    this.#bytes = new Uint8Array(guest.memory.buffer);
    this.input = this.#bytes.subarray(guest.inputAddress(), guest.inputAddress() + Number(guest.INPUT_BYTES.value));
    this.#halts = new Map(globalsOf(exports, "Halt.") as [number, Taken["halt"]][]);
    this.#framings = new Map(globalsOf(exports, "Framing.").map(([value, name]) => [name, value]));
    this.#reasons = new Map(globalsOf(exports, "Reason.").map(([value, name]) => [value, hyphenated(name) as Reason]));
    this.#configure(ruleTextOf(rule), new Map(globalsOf(exports, "Status.")));
    this.outputs = Array.from({ length: guest.outputCount() }, (_, index) => {
      const name = guest.outputNameAddress(index);
      return new TextDecoder().decode(this.#bytes.subarray(name, name + guest.outputNameLength(index)));
    });
  }

  /** Gets ready for an input. */
  open({ framing, named, keepsUnroutable, stopsAtUnroutable }: Opening): void {
    this.#framing = framing;
    this.#guest.open(this.#framings.get(framing) ?? 0, Number(named), Number(keepsUnroutable), Number(stopsAtUnroutable));
  }

  /** Routes what `input` has from one byte up to another; with `isLast` nothing follows. */
  route(from: number, end: number, isLast: boolean): Taken {
    const guest = this.#guest;
    const halt = this.#halts.get(guest.routeInput(from, end, Number(isLast)));
    if (halt === undefined) throw new Error("the guest ended a call for no known reason");
    return {
      halt,
      upTo: guest.takenUpTo(),
      records: guest.recordCount(),
      routed: this.outputs.map((_, index) => guest.outputRecordCount(index)),
      tombstones: guest.tombstoneCount(),
      refused: Object.fromEntries([...this.#reasons].map(([value, reason]) => [reason, guest.refusalCount(value)])) as Taken["refused"],
      refusals: this.#refusals(),
      sinks: [...this.outputs.keys(), Number(guest.UNROUTABLE_SINK.value)].map((sink) => {
        const address = guest.sinkAddress(sink);
        return this.#bytes.subarray(address, address + guest.sinkLength(sink));
      }),
    };
  }

  /** Whether the input so far ends in the middle of a record that is too long. */
  get isWithinRecord(): boolean {
    return this.#guest.isWithinRecord() !== 0;
  }

  #configure(text: string, statuses: ReadonlyMap<number, string>): void {
    const rule = new TextEncoder().encode(text);
    // A text that is too long is not copied: the core refuses it by its length alone.
    this.#bytes.set(rule.subarray(0, Number(this.#guest.RULE_BYTES_MAX.value)), this.#guest.ruleAddress());
    const status = this.#guest.configure(rule.length);
    if (status === 0) return;
    const { property } = placeInRule(text, this.#guest.faultOffset());
    throw new RouterError(statuses.get(status) ?? `Status${status}`, null, property);
  }

  #hasCarriageReturn({ inputOffset, reason, byteOffset }: Omit<Refusal, "hasCarriageReturn">): boolean {
    const isOfByte = reason === "not-a-digit" || reason === "not-a-timestamp";
    return this.#framing === "Lines" && isOfByte && this.input[inputOffset + byteOffset] === CARRIAGE_RETURN;
  }

  #refusals(): readonly Refusal[] {
    const table = new DataView(this.#bytes.buffer, this.#guest.refusalsAddress());
    return Array.from({ length: this.#guest.refusalsListedCount() }, (_, entry) => {
      const [index = 0, inputOffset = 0, reason = 0, byteOffset = 0] = [0, 4, 8, 12].map((at) => table.getUint32(16 * entry + at, true));
      const refusal = { index, inputOffset, reason: this.#reasons.get(reason) ?? "not-a-digit", byteOffset };
      return { ...refusal, hasCarriageReturn: this.#hasCarriageReturn(refusal) };
    });
  }
}
