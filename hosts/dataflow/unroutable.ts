/** What becomes of records that no output takes, where that is not another topic. */
import { AppError } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Reason } from "../embed.ts";

/** `router.unroutable`. */
export type UnroutablePolicy = "log" | "drop" | "stop";

/** An input record that goes to no output. */
export interface UnroutableRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: Reason;
}

/** Lines a second that single records may have; the rest of the second is summed up in one. */
const LINES_PER_SECOND_MAX = 10;
const LOGGER = "router.unroutable";

/** Returns what to call with each unroutable record. With policy `stop` it throws, naming the record. */
export function createUnroutableHandler(policy: UnroutablePolicy, log: Logger, now: () => number): (record: UnroutableRecord) => void {
  if (policy === "drop") return () => {};
  if (policy === "stop") return stop;
  let secondBegan = -Infinity;
  let lines = 0;
  let unsaid = 0;
  return ({ topic, partition, offset, reason }) => {
    const at = now();
    if (at - secondBegan >= 1000) {
      if (unsaid > 0) log.warn(LOGGER, `${unsaid} more records were unroutable`);
      secondBegan = at;
      lines = 0;
      unsaid = 0;
    }
    if (lines === LINES_PER_SECOND_MAX) {
      unsaid++;
      return;
    }
    lines++;
    log.warn(LOGGER, `Left out ${topic}-${partition} offset ${offset}: ${reason}`);
  };
}

function stop({ topic, partition, offset, reason }: UnroutableRecord): never {
  const place = `${topic}-${partition} offset ${offset}`;
  throw new AppError(
    "RECORD_UNROUTABLE",
    false,
    `the record at ${place} is unroutable (${reason}), and router.unroutable=stop says to stop`,
  );
}
