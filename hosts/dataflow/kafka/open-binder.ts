import { Router } from "../../embed.ts";
import type { Binder } from "../binder.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { KafkaMeters } from "../metrics/kafka-meters.ts";
import { DISK } from "../sources/config-disk.ts";
import { openAccess } from "./access.ts";
import { createKafkaBinder } from "./binder.ts";
import { installLane } from "./lane.ts";

/** What a binder works with, besides the configuration. */
export interface BinderGround {
  /** The core, compiled: an instance of its own stamps the batches. */
  readonly core: WebAssembly.Module;
  readonly meters: KafkaMeters;
  readonly log: Logger;
  /** The group that is read as where none is named; absent where nobody else has to know it. */
  readonly anonymousGroup?: string;
}

/**
 * Puts the lane in place of the client's codecs, in this thread, and returns the binder that the configuration asks for. Nothing is connected
 * yet. Throws `ConfigError` when what the app is to be let in with is of no use.
 */
export function openBinder(config: Config, { core, ...ground }: BinderGround): Binder {
  const access = openAccess(config.client.security, DISK);
  const stamper = new Router(core);
  installLane((batch, stamp) => {
    stamper.stampProducer(batch, stamp);
  });
  return createKafkaBinder({
    brokers: config.brokers,
    client: config.client,
    access,
    idempotent: config.enableIdempotence,
    transactions: config.transactions,
    ...config.topics,
    crc32c: (bytes) => stamper.crc32c(bytes),
    ...ground,
  });
}
