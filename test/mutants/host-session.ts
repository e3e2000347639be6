/** Mutants of a session: what is in flight, and what is committed when. */
import type { Mutant } from "./mutant.ts";

const unit = (...names: readonly string[]): readonly string[] => names.map((name) => `test/hosts/dataflow/${name}.test.ts`);

export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    name: "in flight: the bound is ignored",
    file: "hosts/dataflow/in-flight.ts",
    find: "bytes < bytesMax && places",
    replace: "places",
    tests: unit("in-flight", "session"),
  },
  {
    name: "in flight: any number of batches waits in line for a place",
    file: "hosts/dataflow/in-flight.ts",
    find: "< PLACE_BATCHES_MAX",
    replace: "< Infinity",
    tests: unit("in-flight"),
  },
  {
    name: "session: only the first output's line is looked at",
    file: "hosts/dataflow/provision.ts",
    find: "return [...outputs, ...(ofTopic === undefined ? [] : [ofTopic])].map(",
    replace: "return outputs.slice(0, 1).map(",
    tests: unit("session-backlog"),
  },
  {
    name: "in flight: a failed batch counts for ever",
    file: "hosts/dataflow/in-flight.ts",
    find: "acknowledged.then(settled, settled);",
    replace: "acknowledged.then(settled, () => {});",
    tests: unit("in-flight"),
  },
  {
    name: "session: the output's number of partitions is not looked at",
    file: "hosts/dataflow/session.ts",
    find: "const partition = inputPartition % partitions;",
    replace: "const partition = inputPartition;",
    tests: unit("session"),
  },
  {
    name: "session: a batch that is not taken does not fail the session",
    file: "hosts/dataflow/session.ts",
    find: `this.#fail(withOrigin(error, \`\${topic}-\${partition}, offsets from \${fromOffset} on, below \${stretch.nextOffset}\`));`,
    replace: "void error;",
    tests: unit("session"),
  },
  {
    name: "session: draining commits before the last acknowledgement",
    file: "hosts/dataflow/session.ts",
    find: "    this.#accepting = false;\n    await this.#inFlight.drained();",
    replace: "    this.#accepting = false;",
    tests: unit("session"),
  },
  {
    name: "session: a drain that lost something looks like a good one",
    file: "hosts/dataflow/session.ts",
    find: "const failure = this.#failure ?? this.#commits.refusal;",
    replace: "const failure = null;",
    tests: unit("session"),
  },
  {
    name: "session: giving up waits for ever",
    file: "hosts/dataflow/session.ts",
    find: "await Promise.race([step, this.#options.clock.delay(STEP_MS_MAX, deadline.signal)]);",
    replace: "await step;",
    tests: unit("session"),
  },
  {
    name: "session: draining does not commit",
    file: "hosts/dataflow/session.ts",
    find: "    await this.#committer?.stop();\n    await this.#commits.commit();\n    // Failures",
    replace: "    await this.#committer?.stop();\n    // Failures",
    tests: unit("session"),
  },
  {
    name: "session: what is handed over while it drains is committed after a new assignment",
    file: "hosts/dataflow/session.ts",
    find: "        if (!this.#accepting) return;\n        for (const",
    replace: "        for (const",
    tests: unit("session"),
  },
  {
    name: "session: a handler goes on in spite of a new assignment",
    file: "hosts/dataflow/session.ts",
    find: "if (!this.#accepting || assignment !== this.#assignment) return;",
    replace: "if (!this.#accepting) return;",
    tests: unit("session"),
  },
  {
    name: "session: a rebalance does not wait for what is on its way",
    file: "hosts/dataflow/session.ts",
    find: "      await this.#settle();\n",
    replace: "",
    tests: unit("session"),
  },
  {
    name: "session: a handler that waits for room is silent to its group",
    file: "hosts/dataflow/session.ts",
    find: "await this.#inFlight.room(places, HEARTBEAT_MS))) await heartbeat();",
    replace: "await this.#inFlight.room(places, HEARTBEAT_MS))) await Promise.resolve();",
    tests: unit("session"),
  },
  {
    name: "session: letting go leaves the producer open",
    file: "hosts/dataflow/session.ts",
    find: "    await this.#atMost(this.#closeQuietly(this.#producer));\n",
    replace: "",
    tests: unit("session"),
  },
];
