/** The broker in memory, asked by single requests. */
import type { Clock } from "../../hosts/dataflow/clock.ts";
import { systemClock } from "../../hosts/dataflow/clock.ts";
import { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { SimulatedNode } from "../simulation/simulated-kafka.ts";
import type { Coordinator, CoordinatorNode } from "./coordinator.ts";

/** So many times faster than ours is the broker's time. */
const HASTE = 100;
const PARTITIONS = 2;

/** Returns a broker of its own, with its topic. */
export async function memoryCoordinator(): Promise<Coordinator> {
  const clock: Clock = { ...systemClock, delay: async (ms, signal) => systemClock.delay(ms / HASTE, signal) };
  const broker = new MemoryBroker({ clock, markerMs: () => HASTE });
  const [topic, group] = ["topic", "group"];
  await broker.binder(clock).provision([{ name: topic, partitions: PARTITIONS }]);
  const network = { send: async <Answer>(_point: string, request: () => Answer): Promise<Answer> => Promise.resolve(request()) };
  let members = 0;
  return {
    node: new SimulatedNode(network, broker) as unknown as CoordinatorNode,
    topic,
    group,
    name: "id",
    patienceMs: 2000,
    join: async () => {
      members++;
      broker.group(group).leave(members - 1, clock.now());
      const { generation } = await broker.group(group).join(members, { partitions: [], instance: null }, clock);
      return { group, memberId: String(members), generation };
    },
    committed: async () => {
      if (!broker.group(group).isStable({ topic, partition: 0 })) throw Object.assign(new Error(), { type: "UNSTABLE_OFFSET_COMMIT" });
      return Promise.resolve(broker.committedOffset(group, topic, 0) ?? -1n);
    },
    ends: async (partition) => {
      const { lastStableOffset: stable, endOffset: end } = broker.log(topic, partition);
      return Promise.resolve({ stable, end });
    },
  };
}
