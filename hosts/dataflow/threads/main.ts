/** Where a thread that routes begins. */
import { parentPort, workerData } from "node:worker_threads";
import { openBinder } from "../kafka/open-binder.ts";
import { createKafkaMeters } from "../metrics/kafka-meters.ts";
import type { ThreadData } from "./messages.ts";
import { runThread } from "./run-thread.ts";

if (parentPort === null) throw new Error("this is not for the main thread");
const data = workerData as ThreadData;
const { config, core, anonymousGroup } = data;
runThread(parentPort, data, ({ metrics, log }) => {
  const meters = createKafkaMeters(metrics, config.client.id, () => performance.now());
  return openBinder(config, { core, meters, log, anonymousGroup });
});
