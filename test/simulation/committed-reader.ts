/** Tells the ledger what is committed of the outputs, as a consumer reads it that sees nothing else, and what the group has committed. */
import type { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import type { MemoryLog } from "../../hosts/dataflow/memory-log.ts";
import type { Ledger } from "./ledger.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Settings } from "./settings.ts";

export interface CommittedReaderOptions {
  readonly broker: MemoryBroker;
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly scheduler: Scheduler;
}

interface Reader {
  readonly topic: string;
  readonly partition: number;
  readonly log: MemoryLog;
  position: bigint;
}

export class CommittedReader {
  readonly #options: CommittedReaderOptions;
  readonly #readers: readonly Reader[];
  readonly #committed = new Map<number, bigint>();

  constructor(options: CommittedReaderOptions) {
    this.#options = options;
    this.#readers = [...options.settings.targetPartitions.keys()].flatMap((topic) =>
      options.broker.logs(topic).map((log, partition) => ({ topic, partition, log, position: 0n })),
    );
  }

  /** Whether nothing of the outputs is hidden behind a transaction that is open. */
  get isAtEnd(): boolean {
    return this.#readers.every(({ log, position }) => position === log.endOffset);
  }

  /** Reads on as far as it can. */
  read(): void {
    for (const reader of this.#readers) this.#readOn(reader);
    const { broker, settings, ledger, scheduler } = this.#options;
    for (let partition = 0; partition < settings.inputPartitions; partition++) {
      const offset = broker.committedOffset(settings.config.input.group ?? "", "input", partition);
      if (offset === null || offset === this.#committed.get(partition)) continue;
      this.#committed.set(partition, offset);
      scheduler.note(`${offset} of input-${partition} is committed`);
      ledger.committed(partition, offset);
    }
  }

  #readOn(reader: Reader): void {
    const { ledger, scheduler } = this.#options;
    const { topic, partition, log } = reader;
    while (reader.position < log.lastStableOffset) {
      for (const { bytes, lastOffset, visible } of log.read(reader.position)) {
        reader.position = lastOffset + 1n;
        if (!visible) continue;
        scheduler.note(`${topic}-${partition} has a batch that is committed`);
        ledger.appended(topic, partition, bytes);
      }
    }
  }
}
