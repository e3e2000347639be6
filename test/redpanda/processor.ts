/**
 * What the broker does around a VM for one input partition (`src/v/transform/transform_processor.cc`, `transform_manager.cc`): it reads from
 * the last commit on, puts what is written into batches, and starts a VM anew when one has failed.
 */
import { LOG_APPEND_TIME, PLAIN_HEADER } from "../record-batch.ts";
import type { BatchRecord, RecordBatch } from "../record-batch.ts";
import { LongLivedVm } from "./drivers.ts";
import type { Guest } from "./guest.ts";
import { GuestTrap } from "./guest-trap.ts";
import { readPayload } from "./payload.ts";
import type { SourceBatch } from "./source-batch.ts";
import { lastOffsetOf } from "./source-batch.ts";

/** One output topic, as far as the input partition writes to it. */
export class Output {
  readonly topic: string;
  /** Input partition modulo the topic's partitions (`src/v/transform/api.cc:93`). */
  readonly partition: number;
  /** What has been appended. */
  readonly batches: RecordBatch[] = [];
  /** The input offset up to which this output is known to be written: each output has its own. */
  committed: bigint;
  #processed: bigint;
  #isSuppressed = false;
  #pending: Pick<BatchRecord, "key" | "value" | "headers">[] = [];
  #nextOffset = 0n;

  constructor(topic: string, partition: number, committed: bigint) {
    this.topic = topic;
    this.partition = partition;
    this.committed = committed;
    this.#processed = committed;
  }

  /** Takes a record, unless it is of a stretch that another output has to do again and this one has done. */
  take(payload: Uint8Array): void {
    const content = readPayload(payload);
    if (content !== null && !this.#isSuppressed) this.#pending.push(content);
  }

  /** Notes that the input up to an offset has been through the guest, and goes on in silence up to what is committed here. */
  mark(offset: bigint, now: bigint): void {
    this.append(now);
    this.#isSuppressed = this.committed > offset;
    this.#processed = offset;
  }

  /**
   * Appends what there is as one batch. Its time is the broker's: the input record's is not kept (`src/v/model/transform.cc`,
   * `transformed_data::make_batch`).
   */
  append(now: bigint): void {
    if (this.#pending.length === 0) return;
    const records = this.#pending.map((content, offsetDelta) => ({ ...content, offsetDelta, timestampDelta: 0n }));
    const lastOffsetDelta = records.length - 1;
    const [baseTimestamp, maxTimestamp, baseOffset] = [now, now, this.#nextOffset];
    this.batches.push({
      ...PLAIN_HEADER,
      attributes: LOG_APPEND_TIME,
      baseOffset,
      lastOffsetDelta,
      baseTimestamp,
      maxTimestamp,
      producerEpoch: 0,
      records,
    });
    this.#nextOffset += BigInt(records.length);
    this.#pending = [];
  }

  /** The broker does this every 3 s (`data_transforms_commit_interval_ms`). */
  commit(): void {
    if (this.#processed > this.committed) this.committed = this.#processed;
  }
}

const BACKOFF_SECONDS_MAX = 30;
const GOOD_RUN_MS = 10_000;

/** How long a processor that failed is left alone: 1 s, 2 s, 4 s … 30 s; a run of more than 10 s makes it begin anew. */
export class Backoff {
  #seconds = 0;
  #startedAtMs = 0;

  started(nowMs: number): void {
    this.#startedAtMs = nowMs;
  }

  /** Returns the next pause (`src/v/transform/transform_manager.cc:62-69`, `src/v/rpc/backoff_policy.h`). */
  nextMs(nowMs: number): number {
    if (nowMs > this.#startedAtMs + GOOD_RUN_MS) this.#seconds = 0;
    this.#seconds = Math.max(1, Math.min(BACKOFF_SECONDS_MAX, this.#seconds * 2));
    return this.#seconds * 1000;
  }
}

/** What a processor is set up with. */
export interface ProcessorOptions {
  readonly partition: number;
  /** The partitions of each output topic. */
  readonly partitionCount: number;
  /** The log of the input partition; tests append to it. */
  readonly log: readonly SourceBatch[];
  /** The broker's clock, in milliseconds. */
  readonly now: () => number;
}

/** One input partition of one transform. */
export class Processor {
  readonly #options: ProcessorOptions;
  readonly outputs: readonly Output[];
  readonly backoff = new Backoff();
  #guest: Guest;
  #vm: LongLivedVm | null = null;
  #position = 0n;

  /** Begins before the first record of the log, as `--from-offset` does; without that a transform begins where the log ends. */
  constructor(guest: Guest, options: ProcessorOptions) {
    this.#guest = guest;
    this.#options = options;
    const partition = options.partition % options.partitionCount;
    this.outputs = guest.deployment.outputTopics.map((topic) => new Output(topic, partition, -1n));
  }

  /** Replaces the module under the same name: where the partition stands stays as it is. */
  deploy(guest: Guest): void {
    this.stop();
    this.#guest = guest;
  }

  /** Ends the VM. */
  stop(): void {
    this.#vm?.stop();
    this.#vm = null;
  }

  /**
   * Sends the log through the guest, with a new VM from the earliest commit of any output when there is none. Returns null at the log's end,
   * or else the pause after which to try again.
   */
  async run(): Promise<number | null> {
    const now = (): bigint => BigInt(this.#options.now());
    try {
      const vm = this.#vm ?? (await this.#start());
      for (const batch of this.#options.log) {
        const last = lastOffsetOf(batch);
        if (last < this.#position) continue;
        await vm.transform(batch);
        this.#position = last + 1n;
        for (const output of this.outputs) output.mark(last, now());
      }
      return null;
    } catch (error) {
      if (!(error instanceof GuestTrap) && !(error instanceof WebAssembly.RuntimeError)) throw error;
      // Records that were written before the failure may have gone out, so they do; they will go out again.
      for (const output of this.outputs) output.append(now());
      this.#vm = null;
      return this.backoff.nextMs(this.#options.now());
    }
  }

  async #start(): Promise<LongLivedVm> {
    this.backoff.started(this.#options.now());
    const earliest = this.outputs.reduce(
      (least, { committed }) => (committed < least ? committed : least),
      this.outputs[0]?.committed ?? -1n,
    );
    this.#position = earliest + 1n;
    for (const output of this.outputs) output.mark(earliest, 0n);
    const vm = new LongLivedVm(this.#guest, (topic, payload) => {
      const output = topic === null ? this.outputs[0] : this.outputs.find((one) => one.topic === topic);
      output?.take(payload);
      return output !== undefined;
    });
    await vm.start();
    this.#vm = vm;
    return vm;
  }
}
