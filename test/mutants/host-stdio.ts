/** Mistakes that the command line could have made: records cut at blocks, files that are lost, endings that nobody notices. */
import type { Mutant } from "./mutant.ts";

type Change = readonly [name: string, find: string, replace: string];

/** Mutants of one file of the host, which the tests named here notice. */
function mutantsOf(file: string, tests: readonly string[], changes: readonly Change[]): readonly Mutant[] {
  return changes.map(([name, find, replace]) => ({
    name: `stdio: ${name}`,
    file: `hosts/stdio/${file}.ts`,
    find,
    replace,
    tests: tests.map((test) => `test/stdio/${test}.test.ts`),
  }));
}

export const STDIO_MUTANTS: readonly Mutant[] = [
  ...mutantsOf(
    "guest/framing",
    ["block-router"],
    [
      [
        "an end is looked for in too many bytes",
        "if (zeros !== 0) return min(at + ((<usize>ctz(zeros)) >> 3), end);",
        "if (zeros !== 0) return at + ((<usize>ctz(zeros)) >> 3);",
      ],
      ["the last of two ends in eight bytes is taken", "(<usize>ctz(zeros)) >> 3", "(63 - <usize>clz(zeros)) >> 3"],
      ["a byte with its high bit set may be taken for an end", "(bytes - ONES) & ~bytes & HIGHS", "(bytes - ONES) & HIGHS"],
      ["lines with carriage returns are written without them", "wanted === Framing.Crlf ? 2 : 1", "1"],
    ],
  ),
  ...mutantsOf(
    "guest/destinations",
    ["block-router"],
    [
      ["a value is longer by its name without a word in its length", "bswap<u32>(headLength + length)", "bswap<u32>(length)"],
      ["an output writes past its end", "if (next > <usize>load<u32>(sink, LIMIT)) return false;", ""],
      [
        "long values are copied like short ones, up to a multiple of 32 bytes less",
        "else memory.copy(at, value, length);",
        "else memory.copy(at, value, length & ~31);",
      ],
      ["named outputs do not share a sink", "named ? 0 : index", "index"],
      ["there is a destination for three outputs", "memory.data(4608, 64)", "memory.data(1536, 64)"],
    ],
  ),
  ...mutantsOf(
    "guest/route",
    ["block-router", "policies", "streams"],
    [
      ["the carriage return of a line that a block ends in makes it too long", "rest > RECORD_BYTES_MAX + 1", "rest > RECORD_BYTES_MAX"],
      ["a record that a block ends in is taken for whole", "end - at - 4 < <usize>length || ", ""],
      ["the last line needs an end", "if (rest !== 0 && take(at, at, rest)) cursor = end;", ""],
      [
        "a record as long as allowed is too long",
        "if (length > RECORD_BYTES_MAX) {\n      refuseLong(at, <u64>length + 4);",
        "if (length >= RECORD_BYTES_MAX) {\n      refuseLong(at, <u64>length + 4);",
      ],
      [
        "a record that is too long goes to the output of unroutable ones",
        "if (length > RECORD_BYTES_MAX) {\n    refuseLong(record, 0);\n    return false;\n  }",
        "",
      ],
      ["a null value is an empty one", "if (length === NULL_LENGTH) {", "if (false) {"],
      ["unroutable records are kept although nobody wants them", "if (keepsUnroutable) write(", "write("],
      ["what stops at an unroutable record goes on", "if (stopsAtUnroutable) halt = Halt.Unroutable;", ""],
      ["refusals are numbered from one", "noteRefusal(recordsTaken(),", "noteRefusal(recordsTaken() + 1,"],
    ],
  ),
  ...mutantsOf(
    "guest/route",
    ["timestamps"],
    [
      ["a timestamp goes by its last digit", "u32(isTimestampRule()) | ", ""],
      ["a timestamp goes to the first output", "unroutableDestination : destinationOf(output);", "unroutableDestination : destination(0);"],
      [
        "what is no timestamp is no digit",
        "refuse(record, <i32>reasonOfPlace(), faultOfPlace());",
        "refuse(record, Reason.NotADigit, faultOfPlace());",
      ],
      ["no fault is anywhere in the value", "<i32>reasonOfPlace(), faultOfPlace());", "<i32>reasonOfPlace(), 0);"],
    ],
  ),
  ...mutantsOf("guest/layout", ["timestamps"], [["there is a sink for two outputs", "memory.data(72, 8)", "memory.data(24, 8)"]]),
  ...mutantsOf(
    "block-router",
    ["block-router", "timestamps"],
    [["unroutable records are looked for behind the outputs", "Number(guest.UNROUTABLE_SINK.value)]", "this.outputs.length]"]],
  ),
  ...mutantsOf(
    "guest/pass",
    ["block-router", "policies"],
    [
      ["a record that is too long ends with its first block", "if (!hasEnd && !isLast) return end;", ""],
      [
        "a line that is too long keeps the end that it came with",
        "if (framing === Framing.Crlf && !hasReturn) store<u8>(at++, CARRIAGE_RETURN);",
        "",
      ],
      ["the last line's own carriage return is taken for a part of its end", "hasEnd && keptReturn", "keptReturn"],
      ["a line that is too long gets a carriage return to the one that it has", "Framing.Crlf && !hasReturn", "Framing.Crlf"],
      ["a record that is too long is kept without its end", "store<u8>(at, delimiter());", "store<u8>(at, 0x20);"],
      ["a long record's length is forgotten at a block's end", "bytesLeft -= length;", "bytesLeft = 0;"],
    ],
  ),
  ...mutantsOf(
    "guest/refusals",
    ["block-router"],
    [
      ["only what is listed is counted", "  count++;\n", "  if (count < REFUSALS_MAX) count++;\n"],
      ["the list of refusals has no end", "if (count < REFUSALS_MAX) {", "if (true) {"],
    ],
  ),
  ...mutantsOf(
    "route-inputs",
    ["streams", "policies", "endings"],
    [
      ["what a block leaves over is dropped", "held = end - from;", "held = 0;"],
      [
        "the next block is read before the last one is written",
        "await writeSinks(taken, routing.outputs);",
        "void writeSinks(taken, routing.outputs);",
      ],
      ["an input that is cut off ends well", "if (isLast && (router.isWithinRecord || from < end))", "if (isLast && from > end)"],
      ["a record that is cut off is counted twice", "router.isWithinRecord ? records : records + 1", "records + 1"],
      [
        "a signal is not noticed while a pipe is opened",
        "const stream = await unlessStopped(stopped, input.open());",
        "const stream = (await input.open()) as InputStream | null;",
      ],
      ["places are those in the block", "byte: base + refusal.inputOffset", "byte: refusal.inputOffset"],
      [
        "a signal is noticed only when the input brings something",
        'if (stopped.aborted) stop();\n    stopped.addEventListener("abort", stop);',
        "",
      ],
      ["what no output can take is left out in silence", `(policy === "output" && refusal.reason === "too-long")`, "false"],
    ],
  ),
  ...mutantsOf(
    "streams",
    ["streams", "endings"],
    [
      [
        "an input may be written to",
        "const taken = new Map(inputs.filter(({ identity }) => identity.isExclusive).map(({ name, identity }) => [identity.key, name]));",
        "const taken = new Map<string, string>();",
      ],
      ["a file may be written to twice", "if (one.isExclusive) taken.set(one.key, one.output.name);", ""],
      [
        "a file is emptied when it is opened",
        "constants.O_WRONLY | constants.O_CREAT,",
        "constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,",
      ],
      ["a file keeps the rest of what it had", "if (!isStandard && stats.isFile()) await writable(async () => truncate(descriptor));", ""],
      ["what a pipe did not take is dropped", "at += bytesWritten;", "at = bytes.length + 0 * bytesWritten;"],
      ["a stream that is not ready is broken", `if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;`, "throw error;"],
    ],
  ),
  ...mutantsOf(
    "streams",
    ["streams", "inodes"],
    [
      ["standard input and standard output may not be one socket", " && !stats.isSocket()", ""],
      ["inodes are rounded", "{ bigint: true } as const", "{ bigint: false } as const"],
    ],
  ),
  ...mutantsOf(
    "main",
    ["endings", "streams", "policies", "options"],
    [
      [
        "what a pipe does not take of a line on standard error is lost",
        "rest = rest.subarray(writeSync(STANDARD_ERROR, rest));",
        "writeSync(STANDARD_ERROR, rest);\n      return;",
      ],
      ["a line that standard error is not ready for is lost", 'code !== "EAGAIN" || tries >= TRIES_MAX', 'code !== ""'],
      ["a line that standard error never takes is tried for ever", " || tries >= TRIES_MAX", ""],
      ["what could not be said shows nowhere", "  if (hasLeftUnsaid) return FAILED;\n", ""],
      [
        "a signal is not noticed while an output is opened",
        "const outputs = await unlessStopped(stopped, openOutputs(paths, inputs));",
        "const outputs = (await openOutputs(paths, inputs)) as Awaited<ReturnType<typeof openOutputs>> | null;",
      ],
      ["a closed pipe is an error", `restoreDefault("SIGPIPE");`, ""],
      ["a signal ends it like any end of the input", "if (received !== null) process.kill(process.pid, received);", ""],
      ["a second signal is not heard", "process.once(signal, () => {", "process.on(signal, () => {"],
      ["unroutable records are no matter for the status", "unroutable === 0 ? ALL_ROUTED : SOME_UNROUTABLE", "ALL_ROUTED"],
      [
        "a full disk is wrong usage",
        "isUsage ? WRONG_USAGE : error instanceof UnroutableError",
        "isKnown ? WRONG_USAGE : error instanceof UnroutableError",
      ],
      [
        "the counts are said only when all went well",
        "  } finally {\n    report.end();",
        "  } catch (error) {\n    options = { ...options, stats: null };\n    throw error;\n  } finally {\n    report.end();",
      ],
      [
        "an output without a file is written nowhere",
        "if (path === undefined) throw new UsageError(",
        'if (path === "") throw new UsageError(',
      ],
    ],
  ),
  ...mutantsOf(
    "block-router",
    ["streams"],
    [
      ["the hint at carriage returns is given in any format", 'this.#framing === "Lines" && ', ""],
      ["the hint at carriage returns is given for any refusal", "isOfByte && ", ""],
    ],
  ),
  ...mutantsOf(
    "report",
    ["report"],
    [
      ["every record is said", "if (lines === LINES_PER_SECOND_MAX) {", "if (lines < 0) {"],
      ["the sum of a second is never said", "if (current !== second) sumUp();", ""],
      ["the sum of the last second is not said", "    end() {\n      sumUp();", "    end() {"],
      ["progress is shown from the start", "startMs + PROGRESS_AFTER_MS - PROGRESS_SPACING_MS", "0"],
      ["progress stays at the end", "if (hasProgress) write(ERASE_LINE);", ""],
      [
        "a line is written into the progress",
        `\${hasProgress ? ERASE_LINE : ""}timestamp-router: \${sentence}`,
        "timestamp-router: ${sentence}",
      ],
      ["a reason has no place", "PLACED_REASONS.has(reason)", "false"],
      ["the hint is given for each line", "hasHinted = true;", ""],
    ],
  ),
  ...mutantsOf(
    "options",
    ["options"],
    [
      [
        "an option that is not known is ignored",
        "!(name.startsWith(PREFIX) && name.length > PREFIX.length)) throw unknown(name);",
        "!(name.startsWith(PREFIX) && name.length > PREFIX.length)) continue;",
      ],
      ["the records' own timestamps may be asked for", `if (values.get(SOURCE)?.[0] === "record")`, `if (values.get(SOURCE)?.[0] === "")`],
      ["dead letters may have no file", "if (unroutable === null) throw new UsageError(", 'if (unroutable === "") throw new UsageError('],
      [
        "any word that JavaScript knows is a format",
        "FRAMINGS.get(word)",
        "(Object.fromEntries(FRAMINGS) as Record<string, Framing>)[word]",
      ],
      ["options after -- are options", `if (word === "--") {`, `if (word === "---") {`],
      [
        "of two values the last one counts",
        'if (given.length > 1 && name !== "--out") throw',
        'if (given.length > 2 && name !== "--out") throw',
      ],
    ],
  ),
];
