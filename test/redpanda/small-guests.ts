/** Guests of a few instructions: one that makes the calls of a script, and one that passes records on. */
import { bytesOf, joined } from "../bytes.ts";
import { varint } from "../record-batch.ts";
import { assemble, i32, i64, op } from "./assembler.ts";
import { HOST_FUNCTIONS } from "./host-functions.ts";

/** One call of a script: `module.function` and its arguments, `grow` and pages, or `trap`. */
export type Step = readonly [what: string, ...values: (number | bigint)[]];

const RESULTS = 1024;
/** Where scripts have their out-parameters: ten places of 8 bytes. */
export const OUT = 0;
/** Where scripts have their data. */
export const DATA = 4096;

/** The pointers of `read_batch_header`, 8 bytes apart. */
const HEADER_POINTERS = Array.from({ length: 10 }, (_, index) => OUT + 8 * index);
/** The call that waits for a batch. */
export const READ_BATCH: Step = ["redpanda_transform.read_batch_header", ...HEADER_POINTERS];

/** Returns a guest that makes the calls of a script, notes what each returned, and then takes batches unread. */
export function scriptedGuest(script: readonly Step[], data: readonly (readonly [number, Uint8Array])[] = []): Uint8Array {
  const calls = [...script, READ_BATCH].map(([what]) => what).filter((what) => what.includes("."));
  const imports = [...new Set(["redpanda_transform.check_abi_version_2", ...calls])];
  const steps = script.map(([what, ...values], index) => {
    if (what === "trap") return op.unreachable;
    const constants = values.map((value) => (typeof value === "bigint" ? i64(value) : i32(value)));
    const call = joined([...constants, what === "grow" ? op.grow : op.call(imports.indexOf(what))]);
    const [module = "", name = ""] = what.split(".");
    const isVoid = HOST_FUNCTIONS[module]?.[name]?.endsWith("-> ") ?? false;
    return isVoid ? call : joined([i32(RESULTS + 4 * index), call, op.store()]);
  });
  const wait = [op.loop, ...HEADER_POINTERS.map(i32), op.call(imports.indexOf(READ_BATCH[0])), op.drop, op.branch(0), op.end];
  return assemble({ imports, body: [...steps, ...wait], data });
}

/** Returns where a script's guest has noted the result of a call. */
export function resultAt(index: number): number {
  return RESULTS + 4 * index;
}

/** Returns the options of a write to a topic. */
export function topicOptions(topic: string): Uint8Array {
  return joined([Uint8Array.of(1), varint(BigInt(bytesOf(topic).length)), bytesOf(topic)]);
}

const [MAX, LEFT, LENGTH] = [0, 1, 2];
const BUFFER = 8192;

/** Returns a guest that writes each record to all of some topics, and traps at one whose value, of a byte and without key, is `poison`. */
export function copyingGuest(topics: readonly string[], poison = -1): Uint8Array {
  const [readBatchHeader, readNextRecord, writeRecord] = [1, 2, 3];
  const options = topics.map(topicOptions);
  const optionsAt = options.map((_, index) => DATA + 256 * index);
  const writes = options.map(({ length }, index) =>
    joined([i32(BUFFER), op.get(LENGTH), i32(optionsAt[index] ?? 0), i32(length), op.call(writeRecord), op.drop]),
  );
  const body = [
    op.loop,
    ...HEADER_POINTERS.map(i32),
    op.call(readBatchHeader),
    op.set(MAX),
    i32(HEADER_POINTERS[1] ?? 0),
    op.load(),
    op.set(LEFT),
    op.block,
    op.loop,
    op.get(LEFT),
    op.isZero,
    op.branchIf(1),
    ...[OUT, OUT + 8, OUT + 16, BUFFER].map(i32),
    op.get(MAX),
    op.call(readNextRecord),
    op.set(LENGTH),
    // The payload is { key -1, value length 1, value, no headers }.
    i32(BUFFER),
    op.load8(2),
    i32(poison),
    op.equal,
    op.ifThen,
    op.unreachable,
    op.end,
    ...writes,
    op.get(LEFT),
    i32(1),
    op.subtract,
    op.set(LEFT),
    op.branch(0),
    op.end,
    op.end,
    op.branch(0),
    op.end,
  ];
  const imports = ["check_abi_version_2", "read_batch_header", "read_next_record", "write_record_with_options"];
  return assemble({
    imports: imports.map((name) => `redpanda_transform.${name}`),
    locals: 3,
    body,
    data: options.map((bytes, index) => [optionsAt[index] ?? 0, bytes]),
  });
}
