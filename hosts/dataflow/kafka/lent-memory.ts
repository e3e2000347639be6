/**
 * Memory for responses and RecordBatches on their way from and to a broker, used again when nobody needs them any more. Left to the garbage collector,
 * which counts such memory and hardly looks at anything else then, it would take more time than the routing.
 */

/** Smaller ones are not worth keeping. */
const BYTES_MIN = 1 << 14;
/** Most bytes that are kept until they are wanted again. */
const KEPT_BYTES_MAX = 32 << 20;

/** Lends memory. */
export class LentMemory {
  /** By their size, a power of two. */
  readonly #kept = new Map<number, ArrayBuffer[]>();
  /** What is lent, with the length that was asked for. */
  readonly #lent = new WeakMap<ArrayBufferLike, number>();
  #keptBytes = 0;

  /**
   * Returns so many bytes, with anything in them. They are the caller's until they are released; whoever does not release them leaves them to the
   * garbage collector.
   */
  lend(length: number): Buffer {
    if (length < BYTES_MIN) return Buffer.allocUnsafe(length);
    const size = sizeFor(length);
    const kept = this.#kept.get(size)?.pop();
    if (kept !== undefined) this.#keptBytes -= size;
    const memory = kept ?? new ArrayBuffer(size);
    this.#lent.set(memory, length);
    return Buffer.from(memory, 0, length);
  }

  /** Returns a copy of bytes, lent likewise. */
  copy(bytes: Uint8Array): Buffer {
    const copy = this.lend(bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** Takes back what was lent and nobody reads any more. Anything else, a part of it too, is left alone. */
  release(bytes: Uint8Array): void {
    const memory = bytes.buffer;
    if (!(memory instanceof ArrayBuffer) || bytes.byteOffset !== 0 || this.#lent.get(memory) !== bytes.length) return;
    this.#lent.delete(memory);
    const size = memory.byteLength;
    if (this.#keptBytes + size > KEPT_BYTES_MAX) return;
    this.#keptBytes += size;
    const kept = this.#kept.get(size);
    if (kept === undefined) this.#kept.set(size, [memory]);
    else kept.push(memory);
  }
}

/** Returns the power of two that has room for so many bytes. */
function sizeFor(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}
