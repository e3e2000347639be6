/**
 * A real Kafka cluster on this machine for the demo, the tests and the benchmarks: KRaft nodes that are broker and controller in one, on free
 * ports of the loopback interface, with all of their files in one temporary folder. Linux and macOS (it needs POSIX signals).
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findJava, kafkaJars, required, type OnProgress } from "./jars.ts";
import { jvmArgs, type JvmTuning } from "./jvm.ts";
import { end, isRunning, launch, StartError, untilReady, type BrokerNode } from "./node.ts";
import { freePorts } from "./ports.ts";
import { lastLines, runProgram } from "./program.ts";
import { nodeProperties, type NodePlace, type ProxiedPorts, type SecuredListener } from "./properties.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { guardFolder } from "./watchdog.ts";

/** Many times what a start takes, for machines that do other things as well. */
const READY_TIMEOUT_MS = 120_000;
const FORMAT_TIMEOUT_MS = 60_000;
/** The last of three nodes would wait for a quorum that is gone, and the files are about to be removed anyway. */
const STOP_GRACE_MS = 2000;
const RESTART_GRACE_MS = 30_000;
/** For one node, and for each of three. */
const HEAP_MB_ALONE = 256;
const HEAP_MB_OF_THREE = 192;

/** What kind of cluster to start. */
export interface ClusterOptions {
  readonly nodes: 1 | 3;
  /** Of Kafka; the pom's by default. Tools are of the pom's version in any case. */
  readonly version?: string | undefined;
  /** The level of the feature `transaction.version`, which there is from Kafka 4.0 on; its latest one by default. */
  readonly transactionVersion?: 0 | 2 | undefined;
  /** Heap of each node: 256 by default for one node, 192 for each of three. */
  readonly heapMb?: number | undefined;
  /** `quick` by default. */
  readonly jvm?: JvmTuning | undefined;
  /** Whether there is a second way to each node, through a proxy that can be told to fail. */
  readonly proxied?: boolean | undefined;
  /** Opens a proxy of the caller's own between these ports in place of ours. The caller closes it. */
  readonly openProxy?: ((ports: ProxiedPorts) => Promise<void>) | undefined;
  /** Listeners with TLS or SASL besides the plain one, on each node. */
  readonly secured?: readonly SecuredListener[] | undefined;
  /** Users for SCRAM that are there from the beginning, as `SCRAM-SHA-256=[name=…,password=…]`. */
  readonly scramUsers?: readonly string[] | undefined;
  /** Broker properties that win over ours, the same for each node. */
  readonly properties?: Readonly<Record<string, string | number>> | undefined;
  /** Gives up the start and cleans up; it has no effect on a cluster that has started. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A running cluster. Nodes are numbered from 1. */
export interface Cluster extends AsyncDisposable {
  /** `127.0.0.1:port` of each node, with commas between. */
  readonly bootstrap: string;
  /** The same through the proxies: a client that begins there meets every node behind its proxy. Null without proxies. */
  readonly proxied: string | null;
  /** The same at a listener with TLS or SASL, by its name. */
  readonly secured: (listener: string) => string;
  readonly nodeIds: readonly number[];
  /** The proxy of a node, if it is one of ours. */
  readonly proxy: (nodeId: number) => Proxy;
  /** Ends all nodes and removes all files. A further call awaits the same end. */
  readonly stop: () => Promise<void>;
  /**
   * Ends a node with SIGKILL and awaits its end. The others notice after the session timeout, 9 s by default, and the node is not let in again
   * before; a test of restarts shortens it with the properties `broker.session.timeout.ms` and `broker.heartbeat.interval.ms`.
   */
  readonly kill: (nodeId: number) => Promise<void>;
  /** Starts a node again, after an orderly end if it is running, and awaits that it and all other running nodes know each other. */
  readonly restart: (nodeId: number) => Promise<void>;
  /** Freezes a node (SIGSTOP): its connections stay open and nothing answers. */
  readonly pause: (nodeId: number) => void;
  /** Lets a frozen node go on (SIGCONT). */
  readonly resume: (nodeId: number) => void;
  /** The path of a node's log, until `stop` removes it. */
  readonly log: (nodeId: number) => string;
  /** The process of a node, for measurements, or null while it has none. */
  readonly pid: (nodeId: number) => number | null;
}

/**
 * Starts a cluster and awaits that all nodes answer. Fetches the jars first if they are not in the cache.
 *
 * *Errors*: Java or Maven is missing; `StartError` with the last lines of the log; the signal's reason. Nothing is left running.
 */
export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const java = required(await findJava());
  const jars = await kafkaJars(options);
  try {
    return await startOnFreePorts(options, java, jars);
  } catch (error) {
    // Between the look for free ports and the start another process took one of them. It does not happen twice in a row by chance.
    if (error instanceof StartError && error.code === "PORT_TAKEN") return startOnFreePorts(options, java, jars);
    throw error;
  }
};

const startOnFreePorts = async (options: ClusterOptions, java: string, jars: string): Promise<Cluster> => {
  const folder = await mkdtemp(join(tmpdir(), "timestamp-router-kafka-"));
  const unguardFolder = guardFolder(folder);
  const nodes: BrokerNode[] = [];
  const proxies = new Map<number, Proxy>();
  const stop = async (): Promise<void> => {
    await Promise.all([
      ...nodes.map(async (node) => end(node, STOP_GRACE_MS)),
      ...[...proxies.values()].map(async (proxy) => proxy.close()),
    ]);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    unguardFolder();
  };
  try {
    const places = await findPlaces(options, folder);
    for (const { id, proxied } of places) {
      if (proxied === null) continue;
      if (options.openProxy === undefined) proxies.set(id, await openProxy(proxied));
      else await options.openProxy(proxied);
    }
    const heapMb = options.heapMb ?? (options.nodes === 1 ? HEAP_MB_ALONE : HEAP_MB_OF_THREE);
    const args = jvmArgs({ jars, heapMb, jvm: options.jvm ?? "quick" });
    nodes.push(...places.map((place) => describeNode(place, folder, java, args)));
    await Promise.all(nodes.map(async (node) => writeFile(node.propertiesFile, nodeProperties(node, places, options.properties ?? {}))));
    options.onProgress?.(`Formatting the storage of ${count(nodes)}.`);
    const { transactionVersion, scramUsers = [], signal } = options;
    await format(nodes, { java, jars, folder, transactionVersion, scramUsers, signal });
    options.onProgress?.(`Starting ${count(nodes)}.`);
    await allEnded(nodes.map(async (node) => launch(node, folder)));
    await untilReady(nodes, READY_TIMEOUT_MS, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return control({ nodes, proxies, folder, stop });
};

interface Started {
  readonly nodes: readonly BrokerNode[];
  /** By the node's number. */
  readonly proxies: ReadonlyMap<number, Proxy>;
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

const control = ({ nodes, proxies, folder, stop }: Started): Cluster => {
  let stopped: Promise<void> | null = null;
  const stopOnce = async (): Promise<void> => (stopped ??= stop());
  const proxyPorts = nodes.flatMap(({ proxied }) => (proxied === null ? [] : [proxied.proxyPort]));
  const find = (nodeId: number): BrokerNode => {
    const node = nodes.find(({ id }) => id === nodeId);
    if (node === undefined) throw new Error(`There is no node ${nodeId}; the nodes are ${nodes.map(({ id }) => id).join(", ")}.`);
    return node;
  };
  const signalTo = (nodeId: number, signal: "SIGSTOP" | "SIGCONT"): void => {
    const node = find(nodeId);
    if (!isRunning(node)) throw new Error(`Kafka node ${nodeId} is not running.`);
    node.child?.kill(signal);
  };
  return {
    bootstrap: nodes.map(({ brokerPort }) => `127.0.0.1:${brokerPort}`).join(","),
    proxied: proxyPorts.length === 0 ? null : proxyPorts.map((port) => `127.0.0.1:${port}`).join(","),
    secured: (listener) => nodes.map(({ secured }) => `127.0.0.1:${secured.find(({ name }) => name === listener)?.port}`).join(","),
    nodeIds: nodes.map(({ id }) => id),
    proxy: (nodeId) => {
      const proxy = proxies.get(nodeId);
      if (proxy === undefined) throw new Error(`There is no proxy before Kafka node ${nodeId}.`);
      return proxy;
    },
    stop: stopOnce,
    kill: async (nodeId) => end(find(nodeId), 0),
    restart: async (nodeId) => {
      if (stopped !== null) throw new Error("The cluster has been stopped.");
      const node = find(nodeId);
      await end(node, RESTART_GRACE_MS);
      await launch(node, folder);
      await untilReady(nodes.filter(isRunning), READY_TIMEOUT_MS, undefined);
    },
    pause: (nodeId) => signalTo(nodeId, "SIGSTOP"),
    resume: (nodeId) => signalTo(nodeId, "SIGCONT"),
    log: (nodeId) => find(nodeId).logFile,
    pid: (nodeId) => {
      const node = find(nodeId);
      return isRunning(node) ? (node.child?.pid ?? null) : null;
    },
    [Symbol.asyncDispose]: stopOnce,
  };
};

const PORTS_OF_A_NODE = 4;

const findPlaces = async ({ nodes, proxied, secured = [] }: ClusterOptions, folder: string): Promise<readonly NodePlace[]> => {
  const portsOfANode = PORTS_OF_A_NODE + secured.length;
  const ports = await freePorts(nodes * portsOfANode);
  return Array.from({ length: nodes }, (_, index) => {
    const [brokerPort = 0, controllerPort = 0, listenerPort = 0, proxyPort = 0, ...others] = ports.slice(index * portsOfANode);
    const id = index + 1;
    const dataFolder = join(folder, `data-${id}`);
    return {
      id,
      brokerPort,
      controllerPort,
      proxied: proxied === true ? { listenerPort, proxyPort } : null,
      secured: secured.map((listener, at) => ({ ...listener, port: others[at] ?? 0 })),
      dataFolder,
    };
  });
};

const openProxy = async ({ listenerPort, proxyPort }: ProxiedPorts): Promise<Proxy> => {
  try {
    return await startProxy({ port: proxyPort, targetPort: listenerPort });
  } catch (error) {
    throw new StartError("PORT_TAKEN", `The port ${proxyPort} for a proxy was taken: ${String(error)}`);
  }
};

const describeNode = (place: NodePlace, folder: string, java: string, args: readonly string[]): BrokerNode => {
  const propertiesFile = join(folder, `node-${place.id}.properties`);
  // Libraries for compression unpack their native code there and leave it when they are killed.
  const ownTmp = `-Djava.io.tmpdir=${folder}`;
  return {
    ...place,
    propertiesFile,
    logFile: join(folder, `node-${place.id}.log`),
    command: [java, ...args, ownTmp, "kafka.Kafka", propertiesFile],
    child: null,
  };
};

interface FormatOptions {
  readonly java: string;
  readonly jars: string;
  readonly folder: string;
  readonly transactionVersion: 0 | 2 | undefined;
  readonly scramUsers: readonly string[];
  readonly signal: AbortSignal | undefined;
}

const format = async (nodes: readonly BrokerNode[], options: FormatOptions): Promise<void> => {
  const { java, jars, folder, transactionVersion, scramUsers, signal } = options;
  const clusterId = newClusterId();
  const jvm = jvmArgs({ jars, heapMb: 64, jvm: "quick" });
  const standalone = nodes.length === 1 ? ["--standalone"] : [];
  const feature = transactionVersion === undefined ? [] : ["--feature", `transaction.version=${transactionVersion}`];
  const users = scramUsers.flatMap((user) => ["--add-scram", user]);
  await allEnded(
    nodes.map(async ({ id, propertiesFile }) => {
      const args = [
        ...jvm,
        "kafka.tools.StorageTool",
        "format",
        "-t",
        clusterId,
        "-c",
        propertiesFile,
        ...standalone,
        ...feature,
        ...users,
      ];
      const result = await runProgram({ file: java, args, cwd: folder, timeoutMs: FORMAT_TIMEOUT_MS, signal });
      if (result.exitCode === 0) return;
      const output = lastLines(result.stdout + result.stderr);
      throw new StartError("ENDED", `The storage of Kafka node ${id} could not be formatted. The end of the output:\n${output}`);
    }),
  );
};

/** Awaits all of them before it throws the first error, so that none still writes to the folder that the clean-up then removes. */
const allEnded = async (starts: readonly Promise<void>[]): Promise<void> => {
  await Promise.allSettled(starts);
  await Promise.all(starts);
};

/** A Kafka `Uuid`: 16 bytes as base64url. One that begins with a dash would be taken for an option of the command line. */
const newClusterId = (): string => {
  for (;;) {
    const id = randomBytes(16).toString("base64url");
    if (!id.startsWith("-")) return id;
  }
};

const count = (nodes: readonly unknown[]): string => (nodes.length === 1 ? "one Kafka node" : `${nodes.length} Kafka nodes`);
