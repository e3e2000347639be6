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
  /** What is kept, by when it came back, the latest last. Sizes are powers of two, so that few of them serve all lengths. */
  #kept: ArrayBuffer[] = [];
  #keptBytes = 0;
  /** What is lent, with the length that was asked for. */
  readonly #lent = new WeakMap<ArrayBufferLike, number>();

  /**
   * Returns so many bytes, with anything in them. They are the caller's until they are released; whoever does not release them leaves them to the
   * garbage collector.
   */
  lend(length: number): Buffer {
    if (length < BYTES_MIN || length > KEPT_BYTES_MAX) return Buffer.allocUnsafe(length);
    const memory = this.#take(2 ** Math.ceil(Math.log2(length)));
    this.#lent.set(memory, length);
    return Buffer.from(memory, 0, length);
  }

  #take(size: number): ArrayBuffer {
    const at = this.#kept.findLastIndex(({ byteLength }) => byteLength === size);
    const [kept] = at < 0 ? [] : this.#kept.splice(at, 1);
    if (kept === undefined) return new ArrayBuffer(size);
    this.#keptBytes -= size;
    return kept;
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
    this.#kept.push(memory);
    this.#keptBytes += memory.byteLength;
    // What has not been wanted for longest gives way, or sizes of which there are no more would keep out those of now.
    while (this.#keptBytes > KEPT_BYTES_MAX) this.#keptBytes -= this.#kept.shift()?.byteLength ?? this.#keptBytes;
  }
}
