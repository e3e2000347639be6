// The inline transform of Redpanda, with the last-digit rule and the timestamp rule: the broker starts it once on each core.
import { beginTimestampRule } from "../../../core/timestamp-rule.ts";
import { TimestampRule } from "./rule-timestamp.ts";
import { transform } from "./transform.ts";

/** Routes until the broker ends it. */
export function _start(): void {
  beginTimestampRule();
  transform<TimestampRule>();
}
