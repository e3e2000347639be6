/** What the consumer does with fetches that it should not simply hand on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchedBatches, FetchHandler, Jump } from "../../../hosts/dataflow/binder.ts";
import { BatchReader, type PartitionFetch } from "../../../hosts/dataflow/kafka/batch-reader.ts";
import { createLogWatch } from "../../../hosts/dataflow/kafka/log-watch.ts";
import { Router } from "../../../hosts/embed.ts";
import { coreModule } from "../../core-module.ts";
import { fetchedBatch, plainBytes } from "./fetched.ts";

const core = new Router(coreModule());

class Read {
  readonly handed: FetchedBatches[] = [];
  readonly moves: bigint[] = [];
  readonly jumps: Jump[] = [];
  heartbeats = 0;
  range = { startOffset: 0n, endOffset: 1000n };
  onRange = (): void => {};
  handler: FetchHandler = async (fetched) => {
    this.handed.push(fetched);
    return Promise.resolve();
  };
  readonly reader: BatchReader;

  constructor(offsetOutOfRange: "reset" | "stop" = "reset") {
    this.reader = new BatchReader({
      offsetOutOfRange,
      onJump: (jump) => this.jumps.push(jump),
      handler: async (fetched, heartbeat, taken) => this.handler(fetched, heartbeat, taken),
      watch: createLogWatch(),
      crc32c: (bytes) => core.crc32c(bytes),
      range: async () => {
        this.onRange();
        return Promise.resolve(this.range);
      },
    });
    this.reader.assigned({ in: [0] }, false);
  }

  /** Reads a fetch at this offset: of a batch with so many records, or of none when the broker does not have the offset. */
  async fetch(fetchOffset: bigint, records: number | null, changes: Partial<PartitionFetch> = {}): Promise<void> {
    const texts = Array.from({ length: records ?? 0 }, () => "2");
    await this.reader.read({
      topic: "in",
      partition: 0,
      fetchOffset,
      highWatermark: 1000n,
      batches: records === null ? null : [fetchedBatch(plainBytes(fetchOffset, texts))],
      heartbeat: async () => {
        this.heartbeats++;
        return Promise.resolve();
      },
      moveTo: (nextOffset) => this.moves.push(nextOffset),
      ...changes,
    });
  }
}

test("fetches that follow each other are handed on, and the client moves behind each", async () => {
  const read = new Read();
  await read.fetch(5n, 3);
  await read.fetch(8n, 2);
  assert.deepEqual(
    read.handed.map(({ fetchOffset, nextOffset }) => [fetchOffset, nextOffset]),
    [
      [5n, 8n],
      [8n, 10n],
    ],
  );
  assert.deepEqual(read.moves, [8n, 10n]);
});

test("a fetch that comes a second time, as after a leader has moved, is left out", async () => {
  const read = new Read();
  await read.fetch(5n, 3);
  await read.fetch(5n, 4);
  await read.fetch(8n, 1);
  assert.equal(read.handed.length, 2);
  assert.deepEqual(read.moves, [8n, 8n, 9n]);
});

test("a client that goes back by itself, as with a seek of before a jump, is told where it is", async () => {
  const read = new Read();
  read.range = { startOffset: 700n, endOffset: 1000n };
  await read.fetch(7n, null);
  await read.fetch(7n, null);
  assert.deepEqual(read.moves, [700n, 700n]);
  assert.equal(read.jumps.length, 1);
});

test("what was seen of a log says nothing to who comes back after others have read it further", async () => {
  for (const between of [{ in: [0] }, { in: [1] }]) {
    const read = new Read();
    await read.fetch(5n, 3);
    read.reader.assigned(between, false);
    read.reader.assigned({ in: [0] }, false);
    await read.fetch(500n, 1, { highWatermark: 600n });
    await read.fetch(501n, 1, { highWatermark: 600n });
    assert.deepEqual(read.moves, [8n, 501n, 502n]);
  }
  const gone = new Read();
  await gone.fetch(5n, 3);
  gone.reader.assigned({ in: [1] }, false);
  gone.reader.assigned({ in: [0] }, false);
  await gone.fetch(8n, 1, { highWatermark: 600n });
  assert.deepEqual(gone.moves, [8n, 9n]);
});

test("a log that is asked about while the partitions are assigned anew is not jumped in", async () => {
  for (const batches of [null, 1]) {
    const read = new Read();
    read.range = { startOffset: 700n, endOffset: 1000n };
    read.onRange = () => {
      read.reader.assigned({ in: [0] }, true);
    };
    await read.fetch(7n, batches);
    assert.deepEqual([read.jumps, read.moves], [[], batches === null ? [] : [8n]]);
  }
});

test("a batch whose CRC does not hold goes to the handler, whatever its leader epoch says, and says nothing of the log", async () => {
  const read = new Read();
  const epochs = async (offset: bigint, epoch: number, isSound: boolean): Promise<void> => {
    const bytes = Buffer.from(plainBytes(offset, ["2"]));
    bytes.writeInt32BE(epoch, 12);
    if (!isSound) bytes[bytes.length - 1] = 0xff;
    await read.fetch(offset, 1, { batches: [fetchedBatch(bytes)] });
  };
  await epochs(5n, 3, true);
  read.handler = async () => Promise.reject(new Error("corrupt"));
  await assert.rejects(epochs(6n, 0, false), /corrupt/u);
  await assert.rejects(epochs(6n, 9, false), /corrupt/u);
  assert.deepEqual(read.jumps, []);
  read.handler = async () => Promise.resolve();
  // Were the epoch of the corrupt batch known, this one would seem to be of another log.
  await epochs(6n, 4, true);
  assert.deepEqual(read.jumps, []);
  await epochs(7n, 0, true);
  assert.match(read.jumps.map(({ symptom }) => symptom).join(), /0 after 4/u);
});

test("a fetch that leaves a gap ends the consumer: it is never a silent jump", async () => {
  const read = new Read();
  await read.fetch(5n, 3);
  await assert.rejects(read.fetch(9n, 1), { code: "POSITION_LOST", retriable: true, message: /in-0 .*9.*8/u });
  assert.equal(read.handed.length, 1);
});

test("after a new assignment a partition may begin anywhere, and one that is assigned to others is not read", async () => {
  const read = new Read();
  await read.fetch(5n, 3);
  read.reader.assigned({ in: [0, 1] }, false);
  await read.fetch(2n, 1);
  assert.equal(read.handed.length, 2);
  read.reader.assigned({ in: [1] }, false);
  await read.fetch(3n, 1);
  assert.equal(read.handed.length, 2);
  assert.deepEqual([read.reader.isAssigned("in", 0), read.reader.isAssigned("in", 1)], [false, true]);
});

test("partitions that stay in the next generation go on where they are, so that nothing of them is read twice", async () => {
  const read = new Read();
  read.reader.assigned({ in: [0, 1] }, false);
  await read.fetch(5n, 3);
  assert.deepEqual(read.reader.assigned({ in: [0, 1, 2] }, true), [{ topic: "in", partition: 0, offset: 8n }]);
  await read.fetch(5n, 3);
  await read.fetch(8n, 1);
  assert.deepEqual(
    read.handed.map(({ fetchOffset }) => fetchOffset),
    [5n, 8n],
  );
  // Another member may have read it in a generation in between.
  assert.deepEqual(read.reader.assigned({ in: [0] }, false), []);
  await read.fetch(5n, 3);
  assert.equal(read.handed.length, 3);
});

test("what is taken after a new assignment does not move the client, which stands where the group has committed", async () => {
  const read = new Read();
  read.handler = async (_fetched, _heartbeat, taken) => {
    read.reader.assigned({ in: [0] }, false);
    taken(6n);
    return Promise.resolve();
  };
  await read.fetch(5n, 3);
  assert.deepEqual(read.moves, []);
});

test("when the records at the position are deleted, reading goes on at the earliest one, with their number told", async () => {
  const read = new Read();
  read.range = { startOffset: 700n, endOffset: 1000n };
  await read.fetch(5n, null);
  assert.deepEqual(read.moves, [700n]);
  const [jump] = read.jumps;
  assert.deepEqual([jump?.topic, jump?.partition, jump?.from, jump?.to, jump?.endOffset], ["in", 0, 5n, 700n, 1000n]);
  assert.match(jump?.symptom ?? "", /700 up to 1000/u);
  await read.fetch(700n, 1);
  assert.equal(read.handed.length, 1);
});

test("when the log ends before the position, the topic is another one, and its earliest record is the next", async () => {
  const read = new Read();
  await read.fetch(500n, 3);
  read.range = { startOffset: 0n, endOffset: 40n };
  await read.fetch(503n, null);
  assert.deepEqual(read.moves, [503n, 0n]);
  await read.fetch(0n, 40, { highWatermark: 40n });
  assert.equal(read.handed.length, 2);
});

test("told to stop, it ends with the place, both offsets and what to do", async () => {
  const read = new Read("stop");
  read.range = { startOffset: 700n, endOffset: 1000n };
  await assert.rejects(read.fetch(5n, null), {
    code: "OFFSET_OUT_OF_RANGE",
    retriable: false,
    message: /in-0 does not go on at offset 5.*700 up to 1000.*router\.offset-out-of-range=stop/u,
  });
  assert.deepEqual([read.moves, read.jumps], [[], []]);
});

test("a broker that does not know the offset although the log has it is asked again", async () => {
  const read = new Read();
  await read.fetch(5n, null);
  assert.deepEqual([read.moves, read.jumps, read.heartbeats], [[], [], 1]);
});

test("while the high watermark is behind what it was, nothing is taken", async () => {
  const read = new Read();
  await read.fetch(5n, 3);
  await read.fetch(8n, 1, { highWatermark: 900n });
  assert.deepEqual([read.handed.length, read.moves, read.heartbeats], [1, [8n], 1]);
  await read.fetch(8n, 1);
  assert.equal(read.handed.length, 2);
});
