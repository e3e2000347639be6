/** A thread that routes as the app's threads do, over a broker in its own memory: each partition of the input has the same records. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../../../hosts/dataflow/clock.ts";
import { MemoryBroker } from "../../../../hosts/dataflow/memory-binder.ts";
import type { ThreadData } from "../../../../hosts/dataflow/threads/messages.ts";
import { runThread } from "../../../../hosts/dataflow/threads/run-thread.ts";
import { plainBytes } from "../fetched.ts";

/** What the thread is to do besides. */
export type Ending = "as it is told" | "by an error that nobody catches" | "by exhaustion of its memory" | "by an unroutable record";

export interface MemoryThreadData extends ThreadData {
  readonly ending: Ending;
}

const { ending, ...data } = workerData as MemoryThreadData;
if (parentPort === null) throw new Error("this is not for the main thread");
const broker = new MemoryBroker();
const binder = broker.binder(systemClock);
await binder.provision([{ name: "input", partitions: 2 }]);
for (const partition of [0, 1]) broker.append("input", partition, plainBytes(0n, ["2", "4", "5"]));
if (ending === "by an unroutable record") broker.append("input", 0, plainBytes(0n, ["no digit"]));
runThread(parentPort, data, () => binder);
parentPort.on("message", () => {
  if (ending === "by an error that nobody catches") throw new Error("broken");
  if (ending !== "by exhaustion of its memory") return;
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index + 0.5));
});
