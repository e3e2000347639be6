/**
 * Memory for RecordBatches on their way to a broker, used again when they are there. Left to the garbage collector, which counts such memory and hardly
 * looks at anything else then, it would take more time than the routing.
 */

/** Smaller ones are not worth keeping. */
const BYTES_MIN = 1 << 14;
/** Most bytes that are kept for batches to come. */
const KEPT_BYTES_MAX = 32 << 20;

/** The memory of one producer's batches. */
export class BatchMemory {
  /** By their size, a power of two. */
  readonly #kept = new Map<number, ArrayBuffer[]>();
  /** What is lent, with the length of the batch that is there. */
  readonly #lent = new WeakMap<ArrayBufferLike, number>();
  #keptBytes = 0;

  /** Returns a copy of a batch. Its memory is the caller's until it is released; whoever does not release it leaves it to the garbage collector. */
  copy(batch: Uint8Array): Buffer {
    if (batch.length < BYTES_MIN) return Buffer.from(batch);
    const size = sizeFor(batch.length);
    const kept = this.#kept.get(size)?.pop();
    if (kept !== undefined) this.#keptBytes -= size;
    const memory = kept ?? new ArrayBuffer(size);
    this.#lent.set(memory, batch.length);
    const copy = Buffer.from(memory, 0, batch.length);
    copy.set(batch);
    return copy;
  }

  /** Takes back the memory of a copy that nobody reads any more. Anything else, a part of a copy too, is left alone. */
  release(copy: Uint8Array): void {
    const memory = copy.buffer;
    if (!(memory instanceof ArrayBuffer) || copy.byteOffset !== 0 || this.#lent.get(memory) !== copy.length) return;
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
