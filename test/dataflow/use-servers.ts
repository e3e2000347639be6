import { after, before, test } from "node:test";
import { startCluster, type Cluster } from "../../hosts/demo/broker/cluster.ts";
import { findMaven } from "../../hosts/demo/broker/jars.ts";
import { brokerMissing } from "../broker/available.ts";
import { openTopics, type Topics } from "../broker/topics.ts";
import { DataFlow } from "./data-flow.ts";
import { areAllJarsCached, jarsOf } from "./maven.ts";
import { startServers, type Servers } from "./servers.ts";

/** All that a recipe needs, while the tests of a file run. */
export interface Platform {
  readonly cluster: Cluster;
  readonly topics: Topics;
  readonly servers: Servers;
  readonly dataFlow: DataFlow;
  /** The jars of the time source and the log sink. */
  readonly streamApps: string;
  /** Declares a step of the recipe. After one that failed the others fail at once: each begins where the one before ended. */
  step(name: string, run: () => Promise<void>): void;
}

type Running = Omit<Platform, "step">;

/** Starts a broker and Data Flow before the first test of this file, and stops all after the last one. */
export async function useServers(): Promise<Platform> {
  const skip = (await missing()) ?? false;
  let running: Running | null = null;
  let failed: string | null = null;
  before(async () => {
    if (skip === false) running = await start();
  });
  after(async () => {
    if (running === null) return;
    if (failed === null) await running.servers.stop();
    else console.log(`The logs of the servers and the apps are in ${await running.servers.stopAndKeepFiles()}`);
    await running.topics[Symbol.asyncDispose]();
    await running.cluster.stop();
  });
  const used = (): Running => {
    if (running === null) throw new Error("the servers run only while tests run");
    return running;
  };
  return {
    get cluster() {
      return used().cluster;
    },
    get topics() {
      return used().topics;
    },
    get servers() {
      return used().servers;
    },
    get dataFlow() {
      return used().dataFlow;
    },
    get streamApps() {
      return used().streamApps;
    },
    step: (name, run) => {
      test(name, { skip }, async () => {
        if (failed !== null) throw new Error(`not tried, since an earlier step failed: ${failed}`);
        try {
          await run();
        } catch (error) {
          failed = name;
          throw error;
        }
      });
    },
  };
}

async function start(): Promise<Running> {
  const streamApps = await jarsOf("stream-apps");
  const cluster = await startCluster({ nodes: 1 });
  try {
    const servers = await startServers(cluster.bootstrap);
    return { cluster, topics: await openTopics(cluster.bootstrap), servers, dataFlow: new DataFlow(servers.url), streamApps };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/**
 * What this machine lacks, as a reason to skip, or null.
 *
 * *Errors*: with `CI=true` what is missing is an error, so that a build cannot pass by skipping.
 */
async function missing(): Promise<string | null> {
  const reason = (await brokerMissing()) ?? ((await areAllJarsCached()) ? null : (await findMaven()).missing);
  if (reason !== null && process.env["CI"] === "true") throw new Error(`The recipe must run when CI=true. ${reason}`);
  return reason;
}
