import assert from "node:assert/strict";
import { ConfigError, readConfig, type Config } from "../../../hosts/dataflow/config.ts";

export type Env = Readonly<Record<string, string>>;

/** Texts that a property takes, each with the value that it stands for. */
export type Good<Value> = readonly (readonly [text: string, value: Value])[];

export function config(args: readonly string[] = [], env: Env = {}): Config {
  return readConfig({ args, env });
}

/** The message of the ConfigError that the arguments lead to; it is one line. */
export function fault(args: readonly string[], env: Env = {}): string {
  try {
    readConfig({ args, env });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "CONFIG_INVALID");
    assert.doesNotMatch(error.message, /[\p{Cc}\u2028\u2029]/u);
    return error.message;
  }
  return assert.fail(`no ConfigError for ${args.join(" ")}`);
}

/** Holds that the property takes the values in `good`, and refuses those in `bad` with its name, the source and what is allowed. */
export function holds<Value>(name: string, pick: (config: Config) => Value, good: Good<Value>, bad: readonly string[]): void {
  for (const [text, value] of good) assert.deepEqual(pick(config([`--${name}=${text}`])), value, `${name}=${text}`);
  for (const text of bad) {
    const message = fault([`--${name}=${text}`]);
    assert.ok(message.startsWith(`${name} (from command line): "`), message);
    assert.match(message, /; allowed: ./u);
  }
}
