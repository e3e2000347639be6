import { after, before, test, type TestContext } from "node:test";
import { startCluster, type Cluster, type ClusterOptions } from "../../hosts/demo/broker/cluster.ts";
import { brokerMissing } from "./available.ts";
import { openTopics, type Topics } from "./topics.ts";

/** A broker for all tests of a file. It is there while they run. */
export interface UsedBroker {
  readonly cluster: Cluster;
  readonly topics: Topics;
  /** Declares a test that needs the broker; it is skipped, with the reason, on a machine that can't run one. */
  test(name: string, run: (context: TestContext) => Promise<void>): void;
}

/** Starts one broker, or as many as are asked for, before the first test of this file and stops them after the last one. */
export async function useBroker(options: Partial<ClusterOptions> = {}): Promise<UsedBroker> {
  const skip = (await brokerMissing()) ?? false;
  let running: { readonly cluster: Cluster; readonly topics: Topics } | null = null;
  before(async () => {
    if (skip !== false) return;
    const cluster = await startCluster({ nodes: 1, ...options });
    running = { cluster, topics: await openTopics(cluster.bootstrap) };
  });
  after(async () => {
    await running?.topics[Symbol.asyncDispose]();
    await running?.cluster.stop();
  });
  const used = (): { readonly cluster: Cluster; readonly topics: Topics } => {
    if (running === null) throw new Error("the broker runs only while tests run");
    return running;
  };
  return {
    get cluster() {
      return used().cluster;
    },
    get topics() {
      return used().topics;
    },
    test: (name, run) => {
      test(name, { skip }, run);
    },
  };
}
