/** What a guest finds behind `wasi_snapshot_preview1` (`src/v/wasm/wasi.cc`), and what becomes of its log. */
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import { bytesOf, joined } from "../bytes.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { HOST_FUNCTIONS, wasmType } from "./host-functions.ts";
import type { Step } from "./small-guests.ts";
import { DATA, READ_BATCH, resultAt, scriptedGuest } from "./small-guests.ts";
import { sourceBatchOf } from "./source-batch.ts";
import { TransformLog, logRecordValue } from "./transform-log.ts";

const DEPLOYMENT = { name: "router", inputTopic: "in", outputTopics: ["even", "odd"], environment: { B: "é", A: "=" } };
const [SUCCESS, BADF, INVAL, NOSYS] = [0, 8, 16, 52];
const HERE = 8192;

const wasi = (name: string, ...values: (number | bigint)[]): Step => [`wasi_snapshot_preview1.${name}`, ...values];

interface Outcome {
  readonly results: readonly number[];
  readonly memory: GuestMemory;
  readonly guest: Guest;
}

function play(script: readonly Step[], data: Uint8Array = new Uint8Array(0)): Outcome {
  const guest = new Guest(scriptedGuest(script, [[DATA, data]]), DEPLOYMENT);
  const batch = sourceBatchOf(batchOf([{ value: "4", timestampDelta: 60n }], { baseTimestamp: 1000n }));
  const memory = runOnce(guest, [batch], () => true);
  return { results: script.map((_, index) => memory.getUint32(resultAt(index)) | 0), memory, guest };
}

/** Returns the strings that a table of so many pointers leads to. */
function stringsAt(memory: GuestMemory, pointers: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const start = memory.getUint32(pointers + 4 * index);
    const text = Buffer.from(memory.span(start, 200));
    return text.subarray(0, text.indexOf(0)).toString();
  });
}

test("the one argument of a guest is the transform's name", () => {
  const { results, memory } = play([wasi("args_sizes_get", HERE, HERE + 4), wasi("args_get", HERE + 8, HERE + 16)]);
  assert.deepEqual(results, [SUCCESS, SUCCESS]);
  assert.deepEqual([memory.getUint32(HERE), memory.getUint32(HERE + 4)], [1, "router\0".length]);
  assert.deepEqual(stringsAt(memory, HERE + 8, 1), ["router"]);
});

test("the environment has the topics and the user's variables, in no order to rely on", () => {
  const { results, memory } = play([wasi("environ_sizes_get", HERE, HERE + 4), wasi("environ_get", HERE + 8, HERE + 64)]);
  assert.deepEqual(results, [SUCCESS, SUCCESS]);
  const expected = ["A==", "B=é", "REDPANDA_INPUT_TOPIC=in", "REDPANDA_OUTPUT_TOPIC_0=even", "REDPANDA_OUTPUT_TOPIC_1=odd"];
  assert.equal(memory.getUint32(HERE), expected.length);
  assert.equal(memory.getUint32(HERE + 4), bytesOf(expected.join("\0") + "\0").length);
  assert.deepEqual(stringsAt(memory, HERE + 8, expected.length).toSorted(), expected);
});

test("strings for which there is no room are an error and no trap", () => {
  assert.deepEqual(play([wasi("environ_get", 65_532, 0), wasi("args_get", 0, 65_530), wasi("args_get", -4, 0)]).results, [
    INVAL,
    INVAL,
    INVAL,
  ]);
});

const clock = (at: number): Step => wasi("clock_time_get", 0, 0n, at);

test("the wall clock is in 1970 at the start, then at the batch's first time, then at each record's own", () => {
  const read: Step = ["redpanda_transform.read_next_record", HERE + 32, HERE + 40, HERE + 48, HERE + 64, 64];
  const { memory } = play([clock(HERE), READ_BATCH, clock(HERE + 8), read, clock(HERE + 16)]);
  const times = [0, 8, 16].map((at) => memory.view(HERE + at, 8).getBigInt64(0, true));
  assert.deepEqual(times, [0n, 1_000_000_000n, 1_060_000_000n]);
});

test("the other three clocks are one, which moves on a millisecond each time it is read; there are no more", () => {
  const script = [1, 2, 3].map((id, index) => wasi("clock_time_get", id, 0n, HERE + 8 * index));
  const { results, memory } = play([
    ...script,
    wasi("clock_time_get", 4, 0n, HERE),
    wasi("clock_res_get", 3, HERE + 24),
    wasi("clock_res_get", 4, HERE),
  ]);
  assert.deepEqual(results, [SUCCESS, SUCCESS, SUCCESS, INVAL, SUCCESS, INVAL]);
  const times = [0, 8, 16, 24].map((at) => memory.view(HERE + at, 8).getBigInt64(0, true));
  assert.deepEqual(times, [0n, 1_000_000n, 2_000_000n, 1_000_000n]);
});

test("random bytes are nines, and a yield comes back", () => {
  const { results, memory } = play([wasi("random_get", HERE, 3), wasi("sched_yield")]);
  assert.deepEqual(results, [SUCCESS, SUCCESS]);
  assert.deepEqual([...memory.span(HERE, 4)], [9, 9, 9, 0]);
});

test("proc_exit ends the VM, with 0 as with any other code", () => {
  for (const code of [0, 3, -1]) {
    const message = `failure executing host function: exited with code: ${code}`;
    assert.throws(() => play([wasi("proc_exit", code)]), { name: "GuestTrap", message });
  }
});

/** Returns { userdata u64, type u8, … }. */
function subscription(userdata: number, type: number): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes.set([userdata, 0, 0, 0, 0, 0, 0, 0, type]);
  return bytes;
}

test("timers are over at once, descriptors are not there, and other events are none", () => {
  const { results, memory } = play(
    [wasi("poll_oneoff", DATA, HERE, 3, HERE + 128), wasi("poll_oneoff", DATA, HERE + 256, 4, HERE + 132)],
    joined([subscription(5, 0), subscription(6, 1), subscription(7, 2), subscription(8, 3)]),
  );
  assert.deepEqual(results, [SUCCESS, NOSYS]);
  assert.equal(memory.getUint32(HERE + 128), 3);
  const events = [0, 1, 2].map((index) => memory.view(HERE + 32 * index, 32));
  assert.deepEqual(
    events.map((event) => [event.getUint8(0), event.getUint16(8, true), event.getUint8(10)]),
    [
      [5, SUCCESS, 0],
      [6, NOSYS, 1],
      [7, NOSYS, 2],
    ],
  );
});

test("only standard input, output and error are descriptors, and none is a folder", () => {
  const script = [0, 1, 2, 3].map((descriptor) => wasi("fd_prestat_get", descriptor, HERE));
  assert.deepEqual(play(script).results, [NOSYS, NOSYS, NOSYS, BADF]);
});

const ALIVE = /^(?:args|environ|clock|random)|^(?:fd_prestat_get|fd_write|poll_oneoff|proc_exit|sched_yield)$/;
const FUNCTIONS = HOST_FUNCTIONS["wasi_snapshot_preview1"] ?? {};
const STUBS = Object.entries(FUNCTIONS).filter(([name]) => !ALIVE.test(name));

test("the other 32 functions of WASI are there and do nothing: 52", () => {
  const script = STUBS.map(([name, parameters]) => {
    const types = wasmType(parameters).split("->")[0] ?? "";
    return wasi(name, ...Array.from(types.matchAll(/i32|i64/g), ([type]) => (type === "i64" ? 0n : 0)));
  });
  assert.deepEqual(play(script).results, Array(32).fill(NOSYS));
});

const iovecs = (...pairs: readonly (readonly [number, number])[]): Uint8Array => new Uint8Array(Uint32Array.from(pairs.flat()).buffer);

test("what one fd_write writes is one event of the log: of standard output INFO, of standard error WARN", () => {
  const text = bytesOf("one two\n");
  const { results, guest, memory } = play(
    [wasi("fd_write", 1, DATA, 2, HERE), wasi("fd_write", 2, DATA + 8, 1, HERE + 4), wasi("fd_write", 3, DATA, 2, HERE + 8)],
    joined([iovecs([DATA + 16, 4], [DATA + 20, 4]), text]),
  );
  assert.deepEqual(results, [SUCCESS, SUCCESS, NOSYS]);
  assert.deepEqual([memory.getUint32(HERE), memory.getUint32(HERE + 4)], [8, 4]);
  assert.deepEqual(guest.log.events, [
    { severity: "info", message: "one two\n" },
    { severity: "warn", message: "two\n" },
  ]);
});

test("an fd_write from outside of memory is a trap", () => {
  assert.throws(() => play([wasi("fd_write", 1, DATA, 1, HERE)], iovecs([65_536, 1])), {
    name: "GuestTrap",
    message: /65536 \+ 1 >= 65536/,
  });
  assert.throws(() => play([wasi("fd_write", 1, 65_532, 1, HERE)]), { name: "GuestTrap", message: /65532 \+ 8 >= 65536/ });
});

const EVENTS: readonly (readonly [what: string, bytes: Uint8Array, message: string | null])[] = [
  ["of 1,024 bytes is kept whole", bytesOf("a".repeat(1024)), "a".repeat(1024)],
  ["of more is cut to 1,024 bytes", bytesOf("a".repeat(1030)), "a".repeat(1024)],
  ["whose cut splits a character is dropped", bytesOf("a".repeat(1023) + "é"), null],
  ["that is no UTF-8 is dropped", Uint8Array.of(0x61, 0xff), null],
  ["with newlines and tabs is kept", bytesOf("a\tb\n"), "a\tb\n"],
  ["with a carriage return is dropped", bytesOf("a\r\n"), null],
  ["with a null byte is dropped", bytesOf("a\0"), null],
  ["with a delete character is dropped", bytesOf("a\x7f"), null],
  ["with a control character of another kind is kept", bytesOf("a\u0085"), "a\u0085"],
];
for (const [what, bytes, message] of EVENTS) {
  test(`a log event ${what}`, () => {
    const log = new TransformLog();
    log.write("warn", bytes);
    assert.deepEqual(log.events, message === null ? [] : [{ severity: "warn", message }]);
    assert.equal(log.droppedCount, message === null ? 1 : 0);
  });
}

test("a log event's record is an OpenTelemetry log in JSON", () => {
  assert.equal(
    logRecordValue({ severity: "warn", message: 'a "b"\n' }, "router", 2, 1_700_000_000_123_456_789n),
    '{"body":{"stringValue":"a \\"b\\"\\n"},"timeUnixNano":1700000000123456789,"severityNumber":13,' +
      '"attributes":[{"key":"transform_name","value":{"stringValue":"router"}},{"key":"node","value":{"intValue":2}}]}',
  );
});
