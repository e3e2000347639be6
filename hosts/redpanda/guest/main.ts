// The inline transform of Redpanda, with the last-digit rule: the broker starts it once on each core.
import { LastDigitRule } from "./rule-last-digit.ts";
import { transform } from "./transform.ts";

/** Routes until the broker ends it. */
export function _start(): void {
  transform<LastDigitRule>();
}
