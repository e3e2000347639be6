/** The core and the model fed with the same batches: after each step they must agree. */
import assert from "node:assert/strict";
import { CRC_VERIFIED, CoreInstance } from "../core-instance.ts";
import type { ModelRule, Taken } from "../model.ts";
import { DEFAULT_RULE, ModelRouter } from "../model.ts";
import type { RecordBatch } from "../record-batch.ts";
import { Malformed, decodeBatch, encodeBatch } from "../record-batch.ts";
import { ruleText } from "../rule-model.ts";

export interface Room {
  readonly inputBytes: number;
  readonly outputBytesMax: number;
  readonly records: number;
}

export class SideBySide {
  readonly core: CoreInstance;
  readonly #model: ModelRouter;
  readonly #bytesMax: number;

  constructor(room: Room, rule: ModelRule = DEFAULT_RULE) {
    this.core = new CoreInstance();
    assert.equal(this.core.configure(ruleText(rule)), "Ok");
    assert.equal(this.core.reserve(room.inputBytes, room.outputBytesMax, room.records), "Ok");
    // Nothing may depend on what the arenas held before.
    this.core.memory().fill(0xa5, this.core.exports.inputAddress());
    assert.equal(this.core.openBatches(room.outputBytesMax), "Ok");
    this.#bytesMax = room.outputBytesMax;
    this.#model = new ModelRouter(rule, room.outputBytesMax, room.records);
  }

  /** Routes one batch in both. Returns what was taken, or null when both refuse the batch. */
  route(bytes: Uint8Array, fetchOffset = 0n, crcVerified = false): Taken | null {
    const expected = takenOrNull(() => this.#model.routeBatch(bytes, fetchOffset, crcVerified));
    const status = this.core.routeRecordBatch(bytes, fetchOffset, crcVerified ? CRC_VERIFIED : 0);
    if (expected === null) {
      assert.match(status, /^(?:Batch|Record)/, "the model refuses what the core takes");
      return null;
    }
    assert.equal(status, expected.full ? "Full" : "Ok");
    const taken = {
      full: status === "Full",
      nextOffset: this.core.exports.nextOffset(),
      tombstones: this.core.exports.tombstoneCount(),
      unroutable: this.core.unroutable().map(({ position, reason, byteOffset, recordOffset }) => ({
        offsetDelta: position,
        reason: REASONS[reason],
        byteOffset,
        recordOffset,
      })),
    };
    assert.deepEqual(taken, expected);
    return expected;
  }

  /** Finishes the outputs of both and opens them again; returns the finished batches, null for an output without records. */
  finish(): readonly (RecordBatch | null)[] {
    return this.#compared(this.core.finishBatches());
  }

  /** The same, and the core's bytes are those of an encoder too: so it is for input that an encoder made. */
  finishExactly(): readonly (RecordBatch | null)[] {
    const finished = this.core.finishBatches();
    const decoded = this.#compared(finished);
    const encoded = decoded.map((batch) => (batch === null ? null : encodeBatch(batch)));
    assert.deepEqual(finished, encoded);
    return decoded;
  }

  #compared(finished: readonly (Uint8Array | null)[]): readonly (RecordBatch | null)[] {
    const expected = this.#model.finish();
    const decoded = finished.map((bytes) => (bytes === null ? null : decodeBatch(bytes)));
    assert.deepEqual(decoded, expected);
    this.core.openBatches(this.#bytesMax);
    return decoded;
  }
}

const REASONS: Readonly<Record<string, string>> = { Empty: "empty", NotADigit: "not-a-digit" };

function takenOrNull(route: () => Taken): Taken | null {
  try {
    return route();
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
