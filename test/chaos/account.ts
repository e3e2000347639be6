import { asArguments, run } from "./java.ts";

const TIMEOUT_MS = 600_000;

/** What `Account.java` counts, where it is explained. */
export interface Account {
  readonly input: number;
  readonly routed: number;
  readonly deadLetters: number;
  readonly missing: number;
  readonly unexpected: number;
  readonly disordered: number;
  readonly duplicated: number;
  readonly tombstones: number;
  readonly unroutable: number;
}

/** Where the records of a run are, and how many there must be. */
export interface AccountOptions {
  readonly bootstrap: string;
  readonly input: string;
  readonly even: string;
  readonly odd: string;
  readonly deadLetters: string | null;
  /** By input partition. */
  readonly acknowledged: readonly number[];
  readonly anyPartition: boolean;
}

/** Accounts for every record; also returns samples of what is wrong. */
export async function accountFor(options: AccountOptions): Promise<{ readonly account: Account; readonly samples: readonly string[] }> {
  const { deadLetters, acknowledged, ...plain } = options;
  const args = asArguments({ ...plain, acknowledged: acknowledged.join(","), ...(deadLetters === null ? {} : { deadLetters }) });
  const [account, lines] = await run<Account>("Account", args, TIMEOUT_MS);
  return { account, samples: lines.filter((line) => /^(?:missing|out of order|unexpected)\b/u.test(line)) };
}
