import type { World } from "./simulation.ts";

/** Worlds by name. */
export const WORLDS = {
  /** One instance after the other, and nothing goes wrong. */
  calm: { instancesMax: 1, hasLosses: false, rates: {} },
  /** One instance after the other, and every await may fail. */
  faulty: { instancesMax: 1, hasLosses: false, rates: null },
  /** Nothing goes wrong but that a fetch is handed over again, often. */
  repeating: { instancesMax: 1, hasLosses: false, rates: { "fetch-twice": 0.3 } },
  /** One instance after the other, and an operator who pauses, resumes, stops and starts the input; nothing goes wrong. */
  operated: { instancesMax: 1, hasLosses: false, hasOperator: true, rates: {} },
  /** Several instances share the partitions, and nothing goes wrong. */
  shared: { instancesMax: 3, hasLosses: false, rates: {} },
  /** Everything at once but the operator. */
  harsh: { instancesMax: 3, hasLosses: true, rates: null },
  /** Everything at once. */
  wild: { instancesMax: 3, hasLosses: true, hasOperator: true, rates: null },
  /** The same with transactions. */
  "exactly-once calm": { instancesMax: 1, hasLosses: false, rates: {}, isExactlyOnce: true },
  "exactly-once faulty": { instancesMax: 1, hasLosses: false, rates: null, isExactlyOnce: true },
  "exactly-once shared": { instancesMax: 3, hasLosses: false, rates: {}, isExactlyOnce: true },
  "exactly-once harsh": { instancesMax: 3, hasLosses: true, hasFreezes: true, rates: null, isExactlyOnce: true },
  "exactly-once wild": { instancesMax: 3, hasLosses: true, hasFreezes: true, hasOperator: true, rates: null, isExactlyOnce: true },
  /** Nothing fails but the requests that end a transaction, which fail often. */
  "exactly-once doubtful": {
    instancesMax: 1,
    hasLosses: false,
    rates: { "add-offsets": 0.05, "send-offsets": 0.3, "end-transaction": 0.1 },
    isExactlyOnce: true,
  },
} as const satisfies Record<string, World>;

export type WorldName = keyof typeof WORLDS;
