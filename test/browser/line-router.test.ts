/** A file that comes in blocks is routed line by line. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { figuresOf } from "../../hosts/browser/actuator-client.ts";
import { LineRouter } from "../../hosts/browser/line-router.ts";
import { Router } from "../../hosts/embed.ts";
import { bytesOf, joined } from "../bytes.ts";
import { coreModule } from "../core-module.ts";
import { decide, DEFAULT_RULE } from "../model.ts";
import { check } from "../property.ts";

/** What becomes of a file that comes in blocks of these sizes. */
function routed(file: Uint8Array, sizes: readonly number[]): LineRouter {
  const lines = new LineRouter(new Router(coreModule()));
  let at = 0;
  for (const size of sizes) {
    lines.push(file.subarray(at, at + size));
    at += size;
  }
  lines.push(file.subarray(at));
  lines.end();
  return lines;
}

test("wherever the blocks end, each line goes where the model says, and the counts are those of the lines", () => {
  const line = fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/gu, ""));
  check(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      fc.array(fc.nat({ max: 30 })),
      (lines, lineEnd, isEnded, sizes) => {
        // Without a line end behind it, an empty last line is none.
        const values = isEnded ? lines : lines.at(-1) === "" ? lines.slice(0, -1) : lines;
        const file = bytesOf(values.join(lineEnd) + ((isEnded || lines.at(-1) === "") && values.length > 0 ? lineEnd : ""));
        const found = routed(file, sizes);
        const expected: Uint8Array[] = [new Uint8Array(), new Uint8Array()];
        const refused: { line: number; reason: string; byteOffset: number }[] = [];
        for (const [index, value] of values.entries()) {
          const decision = decide(DEFAULT_RULE, bytesOf(value));
          if ("output" in decision)
            expected[decision.output] = joined([expected[decision.output] ?? new Uint8Array(), decision.value, bytesOf("\n")]);
          else refused.push({ line: index + 1, ...decision });
        }
        assert.deepEqual(
          found.pieces.map((pieces) => joined(pieces)),
          expected,
        );
        assert.deepEqual(found.refused, refused);
        assert.equal(found.lineCount, values.length);
        assert.equal(
          [...found.counts, ...found.countByReason.values()].reduce((sum, count) => sum + count, 0),
          values.length,
        );
      },
    ),
  );
});

test("of many lines that go nowhere all are counted and the first twenty remembered", () => {
  const { refused, countByReason } = routed(bytesOf("x\n".repeat(30)), [7]);
  assert.deepEqual([refused.length, refused.at(-1)?.line, countByReason.get("not-a-digit")], [20, 20, 30]);
});

test("a block may be full of the shortest lines, however long the longest prefix", () => {
  const prefix = "p".repeat(255);
  const lines = new LineRouter(new Router(coreModule(), `outputs=left,right\nprefix.right=${prefix}`));
  const pairs = 1 << 20;
  lines.push(bytesOf("2\n".repeat(2 * pairs - 1) + "7\n"));
  lines.push(bytesOf("x\n"));
  assert.deepEqual(lines.counts, [2 * pairs - 1, 1]);
  assert.deepEqual(
    lines.pieces.map((pieces) => joined(pieces).length),
    [2 * (2 * pairs - 1), 255 + 2],
  );
  assert.deepEqual(joined(lines.pieces[1] ?? []), bytesOf(`${prefix}7\n`));
  assert.deepEqual(lines.refused, [{ line: 2 * pairs + 1, reason: "not-a-digit", byteOffset: 0 }]);
});

test("the figures of a scrape are the records by output, those that went to none, and the lag over all topics", () => {
  const scrape = `# HELP router_records_total Records
# TYPE router_records_total counter
router_records_total{application="a,output=b",outcome="routed",output="even"} 7
router_records_total{outcome="routed",output="odd"} 5
router_records_total{outcome="tombstone",output="none"} 1
router_records_total{outcome="unroutable",output="none"} 2
spring_cloud_stream_binder_kafka_offset{group="g",topic="t"} 3
spring_cloud_stream_binder_kafka_offset{group="g",topic="u"} 4
`;
  assert.deepEqual(figuresOf(scrape), {
    routed: new Map([
      ["even", 7],
      ["odd", 5],
    ]),
    others: 3,
    lag: 7,
  });
  assert.equal(figuresOf("").lag, null);
});
