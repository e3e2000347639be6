/** The messages about positions, against the bytes of Kafka's own classes (`test/golden/Offsets.java`, which has the same fields). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlexibleReader, FlexibleWriter } from "../../../hosts/dataflow/kafka/flexible.ts";
import {
  decodeOffsetFetch,
  decodeTxnOffsetCommit,
  encodeOffsetFetch,
  encodeTxnOffsetCommit,
  fencedOffsets,
  memberOf,
} from "../../../hosts/dataflow/kafka/offset-codecs.ts";
import golden from "../../golden/offsets.json" with { type: "json" };

const MEMBER = { group: "group", memberId: "member", generation: 17 };
const bytes = (base64: string): Buffer => Buffer.from(base64, "base64");

test("positions are committed in a transaction as Kafka's own client does", () => {
  const topics = fencedOffsets(
    [
      { topic: "timeDest", partition: 0, offset: 5n },
      { topic: "t".repeat(200), partition: 2, offset: 0n },
      { topic: "timeDest", partition: 300, offset: 2n ** 60n },
    ],
    MEMBER,
  );
  const encoded = encodeTxnOffsetCommit(
    { transactionalId: "router-é", groupId: "group", producerId: "4711", producerEpoch: 3, topics },
    MEMBER,
  );
  assert.equal(encoded.toString("base64"), golden.commit);
});

test("the answer to that is understood", () => {
  assert.deepEqual(decodeTxnOffsetCommit(bytes(golden.committed)), {
    throttleTime: 0,
    clientSideThrottleTime: 12,
    topics: [
      {
        topic: "timeDest",
        partitions: [
          { partition: 0, errorCode: 0 },
          { partition: 300, errorCode: 22 },
        ],
      },
    ],
  });
});

test("committed positions are asked for as Kafka's own client does that wants stable ones", () => {
  const topics = [
    { topic: "timeDest", partitions: [{ partition: 0 }, { partition: 300 }] },
    { topic: "other", partitions: [{ partition: 2 }] },
  ];
  assert.equal(encodeOffsetFetch({ groupId: "group", topics }).toString("base64"), golden.fetch);
});

test("the answer to that is understood, too", () => {
  assert.deepEqual(decodeOffsetFetch(bytes(golden.fetched)), {
    throttleTime: 0,
    clientSideThrottleTime: 12,
    responses: [
      {
        topic: "timeDest",
        partitions: [
          { partition: 0, offset: "1152921504606846976", metadata: "x".repeat(150), errorCode: 0 },
          { partition: 300, offset: "-1", metadata: null, errorCode: 88 },
        ],
      },
    ],
    errorCode: 14,
  });
});

test("an answer that is cut off anywhere is an error, and so is one whose lengths are beyond its end", () => {
  for (const [whole, decode] of [
    [bytes(golden.committed), decodeTxnOffsetCommit],
    [bytes(golden.fetched), decodeOffsetFetch],
  ] as const) {
    for (let length = 0; length < whole.length - 1; length++) {
      assert.throws(() => decode(whole.subarray(0, length)), RangeError, `${length} bytes`);
    }
    assert.throws(() => decode(Buffer.alloc(64, 0xff)), RangeError);
  }
});

test("tagged fields of any length are skipped", () => {
  // Two fields: tag 1 with three bytes, tag 300 with none.
  const reader = new FlexibleReader(Buffer.from([2, 1, 3, 9, 9, 9, 0xac, 2, 0, 0, 42]));
  reader.skipTags();
  assert.equal(reader.int16(), 42);
});

test("a null string is told from an empty one", () => {
  const written = new FlexibleWriter().string(null).string("").bytes();
  const reader = new FlexibleReader(written);
  assert.deepEqual([reader.string(), reader.string()], [null, ""]);
});

test("positions that did not come from a member have none", () => {
  assert.equal(memberOf([{ topic: "in", partitions: [] }]), null);
});
