/** Mutants of memory that is used again. */
import type { Mutant } from "./mutant.ts";

const unit = (name: string): readonly string[] => [`test/hosts/dataflow/${name}.test.ts`];

export const MEMORY_MUTANTS: readonly Mutant[] = [
  {
    name: "memory: a copy is in the memory that it is a copy of",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "    const copy = this.lend(bytes.length);",
    replace: "    const copy = Buffer.from(bytes.buffer);",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: memory is given twice",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "    this.#lent.delete(memory);",
    replace: "",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: a part of a copy gives the whole back",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "bytes.byteOffset !== 0 || this.#lent.get(memory) !== bytes.length",
    replace: "!this.#lent.has(memory)",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: all memory is kept",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "while (this.#keptBytes > KEPT_BYTES_MAX)",
    replace: "while (this.#keptBytes > Infinity)",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: what is kept counts for ever",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "    this.#keptBytes -= size;\n",
    replace: "",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: what came first stays",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "this.#kept.shift()?.byteLength",
    replace: "this.#kept.pop()?.byteLength",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: what is never kept is rounded up",
    file: "hosts/dataflow/kafka/lent-memory.ts",
    find: "length < BYTES_MIN || length > KEPT_BYTES_MAX",
    replace: "length < BYTES_MIN",
    tests: unit("lent-memory"),
  },
  {
    name: "memory: a response that brought nothing waits for ever",
    file: "hosts/dataflow/kafka/fetched-memory.ts",
    find: "  if (lists.length === 0) releaseResponse(payload);\n",
    replace: "",
    tests: unit("fetched-memory"),
  },
  {
    name: "memory: nothing is used again",
    file: "hosts/dataflow/kafka/producer.ts",
    find: "this.#memory.release(plain);",
    replace: "",
    tests: unit("producer-memory"),
  },
  {
    name: "memory: a batch that was sent twice is used again",
    file: "hosts/dataflow/kafka/producer.ts",
    find: 'if (outcome === "acknowledged" && attempts === 1)',
    replace: 'if (outcome === "acknowledged")',
    tests: unit("producer-memory"),
  },
  {
    name: "memory: a batch that is to be split is used again",
    file: "hosts/dataflow/kafka/producer.ts",
    find: 'if (outcome === "acknowledged" && attempts === 1)',
    replace: "if (attempts === 1)",
    tests: unit("producer-memory"),
  },
  {
    name: "memory: a response's is used again behind its first partition",
    file: "hosts/dataflow/kafka/fetched-memory.ts",
    find: "--lease.unhandled === 0",
    replace: "true",
    tests: unit("fetched-memory"),
  },
  {
    name: "memory: a response's is never used again",
    file: "hosts/dataflow/kafka/fetched-memory.ts",
    find: "releaseResponse(lease.payload);",
    replace: "lease.unhandled = 0;",
    tests: unit("fetched-memory"),
  },
  {
    name: "memory: a partition without messages is waited for",
    file: "hosts/dataflow/kafka/fetched-memory.ts",
    find: ".filter(({ length }) => length > 0)",
    replace: "",
    tests: unit("fetched-memory"),
  },
  {
    name: "memory: a batch that is handled twice counts twice",
    file: "hosts/dataflow/kafka/fetched-memory.ts",
    find: "      leases.delete(batch.rawMessages);\n",
    replace: "",
    tests: unit("fetched-memory"),
  },
  {
    name: "memory: a response's is used again before its messages are handled",
    file: "hosts/dataflow/kafka/fetched-memory.ts",
    find: "      await handleBatch.call(this, batch);\n    } finally {",
    replace: "      void handleBatch.call(this, batch);\n    } finally {",
    tests: unit("fetched-memory"),
  },
];
