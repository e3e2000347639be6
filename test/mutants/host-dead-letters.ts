import type { Mutant } from "./mutant.ts";

const unit = (...names: readonly string[]): readonly string[] => names.map((name) => `test/hosts/dataflow/${name}.test.ts`);

/** Mistakes about dead letters, and about batches that are read and written record by record. */
export const DEAD_LETTER_MUTANTS: readonly Mutant[] = [
  {
    name: "dead letters: the offset is that of the batch",
    file: "hosts/dataflow/dead-letters.ts",
    find: "origin.of(baseOffset + BigInt(one.offsetDelta),",
    replace: "origin.of(baseOffset,",
    tests: unit("dead-letters"),
  },
  {
    name: "dead letters: the added headers come before the record's own",
    file: "hosts/dataflow/dead-letters.ts",
    find: "varint(record.headerCount + ADDED_HEADER_COUNT),\n        batch.subarray(record.headersAt, record.end),\n        origin.of(baseOffset + BigInt(one.offsetDelta), timestampOf(time, record)),",
    replace:
      "varint(record.headerCount + ADDED_HEADER_COUNT),\n        origin.of(baseOffset + BigInt(one.offsetDelta), timestampOf(time, record)),\n        batch.subarray(record.headersAt, record.end),",
    tests: unit("dead-letters"),
  },
  {
    name: "dead letters: LogAppendTime is not told",
    file: "hosts/dataflow/dead-letters.ts",
    find: 'time.isLogAppendTime ? "LogAppendTime" : "CreateTime"',
    replace: '"CreateTime"',
    tests: unit("dead-letters"),
  },
  {
    name: "dead letters: they are as old as they can be",
    file: "hosts/dataflow/dead-letters.ts",
    find: "this.#timestamp = BigInt(now());",
    replace: "this.#timestamp = BigInt(now() * 0);",
    tests: unit("dead-letters"),
  },
  {
    name: "dead letters: a batch grows without a bound",
    file: "hosts/dataflow/dead-letters.ts",
    find: "    if (this.#writer.length + length > bytesMax) this.#finish();\n",
    replace: "",
    tests: unit("dead-letters"),
  },
  {
    name: "route: dead letters don't end a stretch",
    file: "hosts/dataflow/route-fetched.ts",
    find: " && (letters === null || letters.length < bytesMax)",
    replace: "",
    tests: unit("dead-letters"),
  },
  {
    name: "route: dead letters are taken from the compressed batch",
    file: "hosts/dataflow/route-fetched.ts",
    find: "letters?.add(plain.bytes, base",
    replace: "letters?.add(batch.bytes, base",
    tests: unit("dead-letters"),
  },
  {
    name: "session: a position does not wait for dead letters",
    file: "hosts/dataflow/session.ts",
    find: "...stretch.deadLetters.map(async ({ bytes }) => this.#produce(targets.deadLetters, partition, bytes)),",
    replace:
      "...stretch.deadLetters.map(async ({ bytes }) => void this.#produce(targets.deadLetters, partition, bytes).catch(this.#fail)),",
    tests: unit("session-dead-letters"),
  },
  {
    name: "session: a dead letter that is not taken is forgotten",
    file: "hosts/dataflow/session.ts",
    find: "...stretch.deadLetters.map(async ({ bytes }) => this.#produce(targets.deadLetters, partition, bytes)),",
    replace: "...stretch.deadLetters.map(async ({ bytes }) => this.#produce(targets.deadLetters, partition, bytes).catch(() => {})),",
    tests: unit("session-dead-letters"),
  },
  {
    name: "app: dead letters count as left out",
    file: "hosts/dataflow/app.ts",
    find: "if (this.#options.config.deadLetters === null) this.#unroutable += unroutable.length;",
    replace: "this.#unroutable += unroutable.length;",
    tests: unit("app-dead-letters"),
  },
  {
    name: "provision: dead letters go to more partitions than they are told",
    file: "hosts/dataflow/provision.ts",
    find: "Math.min(deadLetters.partitions ?? Infinity, partitionsOf(deadLetters.destination))",
    replace: "partitionsOf(deadLetters.destination)",
    tests: unit("app-dead-letters"),
  },
  {
    name: "unroutable: the sum of dead letters grows from second to second",
    file: "hosts/dataflow/unroutable.ts",
    find: "      count = 0;\n",
    replace: "",
    tests: unit("unroutable"),
  },
  {
    name: "config: an anonymous group has dead letters",
    file: "hosts/dataflow/config.ts",
    find: "  if (group === null) {",
    replace: '  if (group === "") {',
    tests: unit("config-unroutable"),
  },
  {
    name: "config: enable-dlq wins over router.unroutable",
    file: "hosts/dataflow/config.ts",
    find: "  if (set === null) return { policy: read(sources, PROPERTIES.enableDlq)",
    replace: "  if (set === null || read(sources, PROPERTIES.enableDlq)) return { policy: read(sources, PROPERTIES.enableDlq)",
    tests: unit("config-unroutable"),
  },
  {
    name: "config: dead letters may go to an output's topic",
    file: "hosts/dataflow/config.ts",
    find: "  if (output !== undefined) {",
    replace: "  if (output !== undefined && set === null) {",
    tests: unit("config-unroutable"),
  },
  {
    name: "split: the second half has the first one's largest time",
    file: "hosts/dataflow/record-batch.ts",
    find: "      maxTimestamp = null;\n",
    replace: "",
    tests: unit("record-batch"),
  },
  {
    name: "split: a half may be empty",
    file: "hosts/dataflow/record-batch.ts",
    find: "(at + record.end) / 2 > middle",
    replace: "record.end > middle",
    tests: unit("record-batch"),
  },
  {
    name: "record batch: offset deltas go on in the next batch",
    file: "hosts/dataflow/record-batch.ts",
    find: "    this.#recordCount = 0;\n",
    replace: "",
    tests: unit("record-batch"),
  },
  {
    name: "record batch: the length of an offset delta is that of half of it",
    file: "hosts/dataflow/record-batch.ts",
    find: "let rest = (count << 1) >>> 7;",
    replace: "let rest = count >>> 7;",
    tests: unit("record-batch"),
  },
  {
    name: "record batch: records of a LogAppendTime batch have their producers' times",
    file: "hosts/dataflow/record-batch.ts",
    find: "return isLogAppendTime ? maxTimestamp : BigInt",
    replace: "return isLogAppendTime && maxTimestamp < 0n ? maxTimestamp : BigInt",
    tests: unit("record-batch", "dead-letters"),
  },
];
