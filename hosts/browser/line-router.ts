/** Routes the lines of a file that comes in blocks. */
import type { Router } from "../embed.ts";
import type { PackedValues } from "../routed.ts";

const LINE_END = 0x0a;
/** Lines that the core is given at once, since in every output it needs room for each of them with the longest prefix. */
const LINES_MAX = 100_000;
/** Unroutable lines that are remembered, each with its place. */
const REMEMBERED_MAX = 20;

/** A line that went nowhere; lines are counted from 1. */
export interface RefusedLine {
  readonly line: number;
  readonly reason: string;
  readonly byteOffset: number;
}

/** The lines of a block, end to end, without what ends them. */
interface PackedLines {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array;
  /** What is left behind the last line end. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** Takes blocks in order, then the end; has the outputs as lines. */
export class LineRouter {
  /** For each output the lines that went to it, in pieces. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[][];
  readonly counts: number[];
  readonly countByReason = new Map<string, number>();
  readonly refused: RefusedLine[] = [];
  lineCount = 0;
  readonly #router: Router;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(router: Router) {
    this.#router = router;
    this.pieces = router.outputs.map(() => []);
    this.counts = router.outputs.map(() => 0);
  }

  /** Routes the lines that end in this block; what is behind the last one waits for the next block. */
  push(block: Uint8Array): void {
    const bytes = new Uint8Array(this.#rest.length + block.length);
    bytes.set(this.#rest);
    bytes.set(block, this.#rest.length);
    const lines = packedLines(bytes);
    this.#rest = lines.rest;
    for (const some of partsOf(lines)) this.#route(some);
  }

  /** Routes the last line when nothing ends it. */
  end(): void {
    if (this.#rest.length === 0) return;
    this.#route({ bytes: this.#rest, ends: Uint32Array.of(this.#rest.length) });
    this.#rest = new Uint8Array();
  }

  #route(lines: PackedValues): void {
    const { outputs, unroutable } = this.#router.routePackedValues(lines);
    for (const [index, { bytes, ends }] of outputs.entries()) {
      if (ends.length === 0) continue;
      this.pieces[index]?.push(asLines(bytes, ends));
      this.counts[index] = (this.counts[index] ?? 0) + ends.length;
    }
    for (const { index, reason, byteOffset } of unroutable) {
      this.countByReason.set(reason, (this.countByReason.get(reason) ?? 0) + 1);
      if (this.refused.length < REMEMBERED_MAX) this.refused.push({ line: this.lineCount + index + 1, reason, byteOffset });
    }
    this.lineCount += lines.ends.length;
  }
}

/** Returns the lines of a block without their ends, of which "\r\n" is one as well. Moves the bytes within the block. */
function packedLines(bytes: Uint8Array<ArrayBuffer>): PackedLines {
  const ends: number[] = [];
  let start = 0;
  let packed = 0;
  for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
    const valueEnd = end > start && bytes[end - 1] === 0x0d ? end - 1 : end;
    bytes.copyWithin(packed, start, valueEnd);
    packed += valueEnd - start;
    ends.push(packed);
    start = end + 1;
  }
  return { bytes: bytes.subarray(0, packed), ends: Uint32Array.from(ends), rest: bytes.slice(start) };
}

/** Yields packed values, not too many at a time. */
function* partsOf({ bytes, ends }: PackedValues): Generator<PackedValues> {
  for (let first = 0; first < ends.length; first += LINES_MAX) {
    const start = ends[first - 1] ?? 0;
    const some = ends.subarray(first, first + LINES_MAX);
    yield { bytes: bytes.subarray(start, some.at(-1)), ends: some.map((end) => end - start) };
  }
}

/** Returns a copy of packed values with a line end behind each. */
function asLines(bytes: Uint8Array, ends: Uint32Array): Uint8Array<ArrayBuffer> {
  const lines = new Uint8Array(bytes.length + ends.length);
  let start = 0;
  let at = 0;
  for (const end of ends) {
    lines.set(bytes.subarray(start, end), at);
    at += end - start;
    lines[at++] = LINE_END;
    start = end;
  }
  return lines;
}
