/** The oracle: knows every record of the input and every place where it has arrived, and says when a promise is broken. */
import { recordLine, timeOf } from "../batches.ts";
import { literalOf } from "../bytes.ts";
import { decide, type ModelRule } from "../model.ts";
import { decodeBatch, type BatchRecord, type RecordBatch } from "../record-batch.ts";

export interface LedgerOptions {
  readonly rule: ModelRule;
  readonly inputPartitions: number;
  /** Partitions by topic: of the outputs, which are called like their topics, and of the dead letters. */
  readonly targetPartitions: ReadonlyMap<string, number>;
  /** The topic of the dead letters, or null where unroutable records are left out. */
  readonly deadLetterTopic: string | null;
  /** Whether no record may arrive twice, nor be missing that is committed when all transactions have ended. */
  readonly isExactlyOnce: boolean;
}

/** How many headers a dead letter has behind those of its record. */
const DEAD_LETTER_HEADERS = 8;

interface Entry {
  /** The topic that the record belongs to, or null when it goes nowhere. */
  readonly topic: string | null;
  /** The record there. */
  readonly line: string;
  arrivals: number;
}

export class Ledger {
  readonly #options: LedgerOptions;
  /** By input partition and offset. */
  readonly #entries: readonly Entry[][];
  /** By input partition, the offset of the earliest record that is there. */
  readonly #starts: bigint[];
  /** By input partition, the offset committed. */
  readonly #committed: bigint[];
  /** Committed records that had not arrived yet; an open transaction may hide them. */
  readonly #owed: { readonly place: string; readonly entry: Entry }[] = [];
  /** By input partition and output topic, the highest offset that has arrived. */
  readonly #arrived = new Map<string, number>();
  #duplicates = 0;
  #broken: string | null = null;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#entries = Array.from({ length: options.inputPartitions }, () => []);
    this.#starts = this.#entries.map(() => 0n);
    this.#committed = this.#entries.map(() => 0n);
  }

  /** The first promise that was not kept, or null. */
  get broken(): string | null {
    return this.#broken;
  }

  /** Arrivals of records that had arrived before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Where a record is from that was committed and has not arrived, or null. */
  get missing(): string | null {
    return this.#owed.find(({ entry }) => entry.arrivals === 0)?.place ?? null;
  }

  get isAllCommitted(): boolean {
    return this.#committed.every((offset, partition) => offset === BigInt(this.#entries[partition]?.length ?? 0));
  }

  /** Notes that the records of an input partition before an offset were deleted. */
  deleted(partition: number, offset: bigint): void {
    this.#starts[partition] = offset;
  }

  /** The offset that the next record of an input partition will have. */
  nextOffset(partition: number): number {
    return this.#entriesOf(partition).length;
  }

  /** Notes a batch that is written to the input. Values begin with `<partition>/<offset>:`. */
  written(partition: number, batch: RecordBatch): void {
    const entries = this.#entriesOf(partition);
    const { rule, deadLetterTopic } = this.#options;
    for (const record of batch.records) {
      const decision = decide(rule, record.value);
      if ("output" in decision) {
        const line = recordLine({ ...record, value: decision.value }, timeOf(batch, record));
        entries.push({ topic: rule.outputs[decision.output].name, line, arrivals: 0 });
      } else {
        entries.push({ topic: decision.reason === "tombstone" ? null : deadLetterTopic, line: recordLine(record, 0n), arrivals: 0 });
      }
    }
  }

  /** Notes a batch that an output has appended. */
  appended(topic: string, partition: number, bytes: Uint8Array): void {
    const batch = decodeBatch(bytes);
    for (const record of batch.records) {
      const isDeadLetter = topic === this.#options.deadLetterTopic;
      const line = isDeadLetter ? deadLetterLine(record) : recordLine(record, timeOf(batch, record));
      this.#arrive(topic, partition, line);
    }
  }

  /** Notes a commit that the group has taken. */
  committed(partition: number, offset: bigint): void {
    const entries = this.#entriesOf(partition);
    const before = this.#committed[partition] ?? 0n;
    if (offset > BigInt(entries.length)) return this.#break(`input-${partition}: ${offset} is committed, behind the end`);
    if (offset < before) return this.#break(`input-${partition}: the commit goes back from ${before} to ${offset}`);
    for (let at = Number(before); at < Number(offset); at++) {
      const entry = entries[at];
      if (entry === undefined || entry.topic === null || entry.arrivals > 0 || at < (this.#starts[partition] ?? 0n)) continue;
      if (this.#options.isExactlyOnce) this.#owed.push({ place: `input-${partition} offset ${at}`, entry });
      else this.#break(`input-${partition}: ${offset} is committed, but the record at ${at} is not in ${entry.topic}`);
    }
    this.#committed[partition] = offset;
  }

  #break(what: string): void {
    this.#broken ??= what;
  }

  #arrive(topic: string, outputPartition: number, line: string): void {
    const [, digits = "", offsetDigits = ""] = / value="[^"]*?(\d+)\/(\d+):/.exec(line) ?? [];
    const [partition, offset] = [Number(digits), Number(offsetDigits)];
    const place = `input-${partition} offset ${offset}`;
    const entry = digits === "" ? undefined : this.#entries[partition]?.[offset];
    if (entry === undefined) return this.#break(`${topic}-${outputPartition} has a record that was never written: ${line}`);
    if (entry.topic !== topic) return this.#break(`${place} went to ${topic}, but belongs to ${entry.topic ?? "no topic"}`);
    if (entry.line !== line) return this.#break(`${place} arrived as ${line}, but is ${entry.line}`);
    const expected = partition % (this.#options.targetPartitions.get(topic) ?? 1);
    if (outputPartition !== expected) return this.#break(`${place} went to partition ${outputPartition} instead of ${expected}`);
    entry.arrivals++;
    if (entry.arrivals > 1) {
      this.#duplicates++;
      if (this.#options.isExactlyOnce) this.#break(`${place} arrived in ${topic} a second time`);
      return;
    }
    // It was deleted before it was committed, so nobody could read it again: a write that is late has no order any more.
    if (BigInt(offset) < (this.#starts[partition] ?? 0n)) return;
    const key = `${partition}>${topic}`;
    const last = this.#arrived.get(key) ?? -1;
    if (last > offset) return this.#break(`${place} arrived in ${topic} for the first time behind offset ${last}`);
    this.#arrived.set(key, offset);
  }

  #entriesOf(partition: number): Entry[] {
    const entries = this.#entries[partition];
    if (entries === undefined) throw new RangeError(`the input has no partition ${partition}`);
    return entries;
  }
}

/** The record that a dead letter was made of, without a time; a place of origin other than in its value makes it another one. */
function deadLetterLine(record: BatchRecord): string {
  const headers = record.headers.slice(0, -DEAD_LETTER_HEADERS);
  const origin = new Map(record.headers.slice(-DEAD_LETTER_HEADERS).map(({ key, value }) => [literalOf(key), value ?? Buffer.alloc(0)]));
  const partition = Buffer.from(origin.get('"x-original-partition"') ?? Buffer.alloc(4)).readInt32BE();
  const offset = Buffer.from(origin.get('"x-original-offset"') ?? Buffer.alloc(8)).readBigInt64BE();
  const line = recordLine({ ...record, headers }, 0n);
  return line.includes(`"${partition}/${offset}:`) ? line : `${line}, which says that it comes from ${partition}/${offset}`;
}
