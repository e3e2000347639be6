/**
 * Apache Kafka's own system tests of transactions, `transactions_test.py` and `group_mode_transactions_test.py`, and its `AdminFenceProducersTest`,
 * with routers in place of their copier. There, one input goes to one output; here the two outputs together must be the input, each record in the one
 * of its parity.
 *
 * Of {two partitions, nine partitions in group mode} × {hard, clean} × {brokers, clients bounce} there are four that have each pair of the three.
 * What the originals vary besides is not left open here: order is always looked at, and positions always go with the group's generation.
 */
import type { TestContext } from "node:test";
import { useBroker } from "../broker/use-broker.ts";
import { randomOf } from "../chaos/schedule.ts";
import { startStream, type StreamRun, type StreamShape } from "./stream-run.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const random = randomOf(SEED);

const ROUNDS = 3;
/** What is committed between two bounces, at least. */
const PROGRESS_RECORDS = 5000;
const FED = { records: 60_000, perSecond: 4000 } as const;
const TWO_PARTITIONS = { inputPartitions: 2, outputPartitions: 3, routers: 2, ...FED } as const;
const NINE_PARTITIONS = { inputPartitions: 9, outputPartitions: 9, routers: 3, ...FED } as const;
const HARD = "hard";
const CLEAN = "clean";
type Bounce = typeof HARD | typeof CLEAN;

const broker = await useBroker({
  nodes: 3,
  heapMb: 256,
  properties: { "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500 },
});

interface Cell {
  readonly name: string;
  readonly shape: Omit<StreamShape, "name">;
  readonly bounce: (run: StreamRun) => Promise<void>;
}

const CELLS: readonly Cell[] = [
  { name: "two partitions, brokers bounce hard", shape: TWO_PARTITIONS, bounce: async (run) => bounceBrokers(run, HARD) },
  { name: "two partitions, clients bounce in a clean way", shape: TWO_PARTITIONS, bounce: async (run) => bounceClients(run, CLEAN) },
  {
    name: "nine partitions in group mode, brokers bounce in a clean way",
    shape: NINE_PARTITIONS,
    bounce: async (run) => bounceBrokers(run, CLEAN),
  },
  { name: "nine partitions in group mode, clients bounce hard", shape: NINE_PARTITIONS, bounce: async (run) => bounceClients(run, HARD) },
  { name: "routers are fenced from outside", shape: TWO_PARTITIONS, bounce: fence },
];

for (const [index, { name, shape, bounce }] of random.shuffled(CELLS).entries()) {
  broker.test(`every record is routed exactly once: ${name} (SEED=${SEED})`, async (context: TestContext) => {
    await using run = await startStream(broker.cluster, { name: `system-${index}`, ...shape });
    await run.untilProgress(PROGRESS_RECORDS);
    await bounce(run);
    await run.untilProgress(PROGRESS_RECORDS);
    context.diagnostic(`${await run.finish()} records`);
  });
}

/** Each of the brokers, in another order each time. */
async function bounceBrokers({ admin, untilProgress }: StreamRun, how: Bounce): Promise<void> {
  const { cluster } = broker;
  for (const node of random.shuffled(cluster.nodeIds)) {
    if (how === HARD) {
      await cluster.kill(node);
      // The others have taken over when records come through that it led.
      await untilProgress(PROGRESS_RECORDS);
    }
    await cluster.restart(node);
    await admin.untilInSync();
  }
}

/** Each of the routers, and that some times over. Another one comes in the place of one that goes. */
async function bounceClients({ instances, untilProgress }: StreamRun, how: Bounce): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of random.shuffled(instances.names)) {
      await (how === HARD ? instances.kill(name) : instances.stop(name));
      await instances.untilRouting(instances.start());
    }
    await untilProgress(PROGRESS_RECORDS);
  }
}

/** Whoever raises the epoch of a producer that is alive takes its transaction from it, and that is all. */
async function fence({ admin, idPrefix, untilProgress }: StreamRun): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await admin.fence([...(await admin.transactions(idPrefix)).keys()]);
    await untilProgress(PROGRESS_RECORDS);
  }
}
