import type { Mutant } from "./mutant.ts";

const SIMULATION = ["test/simulation/simulation.test.ts"];

/** Mistakes of delivery that the simulation has to find by itself: they show that it can fail. */
export const HOST_SIMULATION_MUTANTS: readonly Mutant[] = [
  {
    name: "simulation: positions count before their acknowledgements",
    file: "hosts/dataflow/positions.ts",
    find: "await Promise.all([before, ...acknowledgements]);",
    replace: "await before;",
    tests: SIMULATION,
  },
  {
    name: "simulation: a stretch does not wait for the ones before it",
    file: "hosts/dataflow/positions.ts",
    find: "await Promise.all([before, ...acknowledgements]);",
    replace: "await Promise.all(acknowledgements);",
    tests: SIMULATION,
  },
  {
    name: "simulation: a fetch that is handed over twice takes the group back",
    file: "hosts/dataflow/positions.ts",
    find: "  if (nextOffset <= entry.reached) return;\n",
    replace: "",
    tests: SIMULATION,
  },
  {
    name: "simulation: a new assignment keeps the old positions",
    file: "hosts/dataflow/session.ts",
    find: "        this.#positions.clear();\n",
    replace: "",
    tests: SIMULATION,
  },
  {
    name: "simulation: positions that the group did not take are forgotten",
    file: "hosts/dataflow/commits.ts",
    find: "      positions.putBack(taken);\n",
    replace: "",
    tests: SIMULATION,
  },
  {
    name: "simulation: a batch that is not taken does not fail the session",
    file: "hosts/dataflow/session.ts",
    find: "        this.#fail(withOrigin(",
    replace: "        void (withOrigin(",
    tests: SIMULATION,
  },
  {
    name: "simulation: draining commits before the last acknowledgement",
    file: "hosts/dataflow/session.ts",
    find: "    this.#accepting = false;\n    await this.#inFlight.drained();",
    replace: "    this.#accepting = false;",
    tests: SIMULATION,
  },
  {
    name: "simulation: after a new assignment nothing waits for what was on its way",
    file: "hosts/dataflow/positions.ts",
    find: "partition, complete, ready: null, reached: -1n };\n}",
    replace: "partition, complete: Promise.resolve(), ready: null, reached: -1n };\n}",
    tests: SIMULATION,
  },
  {
    name: "simulation: what is handed over while a session drains is committed after a new assignment",
    file: "hosts/dataflow/session.ts",
    find: "        if (!this.#accepting) return;\n        for (const",
    replace: "        for (const",
    tests: SIMULATION,
  },
  {
    name: "simulation: dead letters are not written",
    file: "hosts/dataflow/session.ts",
    find: `return this.#produce(targets.deadLetters?.get(topic), partition, { output: "dead-letters", ...batch });`,
    replace: "return void batch;",
    tests: SIMULATION,
  },
  {
    name: "simulation: a failed batch counts for ever",
    file: "hosts/dataflow/in-flight.ts",
    find: "acknowledged.then(settled, settled);",
    replace: "acknowledged.then(settled, () => {});",
    tests: SIMULATION,
  },
  {
    name: "simulation: a full output's position is one record too far",
    file: "hosts/dataflow/route-fetched.ts",
    find: "yield finish(from);",
    replace: "yield finish(from + 1n);",
    tests: SIMULATION,
  },
];
