/**
 * A Skipper server and a Data Flow server of our own, on free ports of the loopback interface, with databases in memory and all files in one
 * temporary folder. Skipper's local deployer starts the apps; they are in Skipper's process group and end with it.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findJava, required } from "../../hosts/demo/broker/jars.ts";
import { freePorts } from "../../hosts/demo/broker/ports.ts";
import { lastLines } from "../../hosts/demo/broker/program.ts";
import { guardFolder, guardGroup } from "../../hosts/demo/broker/watchdog.ts";
import { makeDocker } from "./docker.ts";
import { jarsOf } from "./maven.ts";

/** A start takes half a minute on two processors with nothing else to do. */
const READY_TIMEOUT_MS = 240_000;
const READY_POLL_MS = 200;
const ANSWER_TIMEOUT_MS = 5000;
const JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.awt.headless=true"];

export interface Servers {
  /** Address of the Data Flow server. */
  readonly url: string;
  /** For whatever else a test writes; it is removed with the servers' own files. */
  readonly folder: string;
  /** Command lines of the container engine so far, each as its arguments. */
  dockerLines(): Promise<readonly (readonly string[])[]>;
  /** Ends the servers and all apps and removes the files. */
  stop(): Promise<void>;
  /** Does the same but for the files; returns where they are. */
  stopAndKeepFiles(): Promise<string>;
}

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly logFile: string;
  readonly release: () => void;
}

/** Starts the servers one after the other and awaits that they answer. */
export async function startServers(bootstrap: string): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), "timestamp-router-dataflow-"));
  const releaseFolder = guardFolder(folder);
  const servers: Server[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(servers.map(endGroup));
  };
  const stop = async (): Promise<void> => {
    await end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    releaseFolder();
  };
  const docker = await makeDocker(folder);
  try {
    const [skipperPort = 0, dataFlowPort = 0] = await freePorts(2);
    const skipper = `http://127.0.0.1:${skipperPort}/api`;
    const url = `http://127.0.0.1:${dataFlowPort}`;
    const apps = join(folder, "apps");
    await mkdir(apps);
    const skipperJar = join(await jarsOf("skipper-server"), "spring-cloud-skipper-server-2.8.0.jar");
    servers.push(
      await start("skipper", { folder, docker: docker.folder, jar: skipperJar, heapMb: 256 }, skipperProperties(skipperPort, apps)),
    );
    await untilReady(servers, `${skipper}/about`);
    const dataFlowJar = join(await jarsOf("dataflow-server"), "dataflow-server-2.11.5.jar");
    const settings = { folder, docker: docker.folder, jar: dataFlowJar, heapMb: 384 };
    servers.push(await start("dataflow", settings, dataFlowProperties(dataFlowPort, skipper, bootstrap)));
    await untilReady(servers, `${url}/about`);
    return {
      url,
      folder,
      dockerLines: async () => docker.lines(),
      stop,
      stopAndKeepFiles: async () => {
        await end();
        // The folder's own name is on the watchdog's list.
        const kept = `${folder}-kept`;
        await rename(folder, kept);
        releaseFolder();
        return kept;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const skipperProperties = (port: number, apps: string): Readonly<Record<string, string | number>> => {
  const account = "spring.cloud.skipper.server.platform.local.accounts.default";
  return {
    "server.port": port,
    "server.address": "127.0.0.1",
    "spring.datasource.url": "jdbc:h2:mem:skipper;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE",
    // The deployer looks for the apps there.
    [`${account}.hostname`]: "127.0.0.1",
    [`${account}.workingDirectoriesRoot`]: apps,
    [`${account}.deleteFilesOnExit`]: "false",
  };
};

const dataFlowProperties = (port: number, skipper: string, bootstrap: string): Readonly<Record<string, string | number>> => {
  const ofEachApp = "spring.cloud.dataflow.applicationProperties.stream";
  return {
    "server.port": port,
    "server.address": "127.0.0.1",
    // By default there is a database that listens on a port of its own.
    "spring.datasource.url": "jdbc:h2:mem:dataflow;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE",
    "spring.datasource.driver-class-name": "org.h2.Driver",
    "spring.datasource.username": "sa",
    "spring.cloud.skipper.client.serverUri": skipper,
    // As Data Flow's own compose file for Kafka tells the apps where it is.
    [`${ofEachApp}.spring.cloud.stream.kafka.binder.brokers`]: `PLAINTEXT://${bootstrap}`,
    [`${ofEachApp}.server.address`]: "127.0.0.1",
  };
};

interface ServerSettings {
  readonly folder: string;
  /** Folder with the container engine. */
  readonly docker: string;
  readonly jar: string;
  readonly heapMb: number;
}

const start = async (name: string, settings: ServerSettings, properties: Readonly<Record<string, string | number>>): Promise<Server> => {
  const { folder, docker, jar, heapMb } = settings;
  const logFile = join(folder, `${name}.log`);
  const log = await open(logFile, "a");
  try {
    const args = Object.entries(properties).map(([property, value]) => `--${property}=${value}`);
    const child = spawn(required(await findJava()), [`-Xmx${heapMb}m`, ...JVM, `-Djava.io.tmpdir=${folder}`, "-jar", jar, ...args], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      // The apps get this PATH: the Node.js that runs the tests runs the app, and `docker` is ours.
      env: { PATH: [docker, dirname(process.execPath), process.env["PATH"]].join(delimiter), LANG: "C.UTF-8" },
    });
    const release = guardGroup(child);
    await once(child, "spawn");
    return { name, child, logFile, release };
  } finally {
    await log.close();
  }
};

/** Awaits a good answer. */
const untilReady = async (servers: readonly Server[], url: string): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    for (const { name, child, logFile } of servers) {
      if (child.exitCode === null && child.signalCode === null) continue;
      assert.fail(`${name} ended while starting. The end of its log:\n${lastLines(await readFile(logFile, "utf8"), 40)}`);
    }
    const isReady = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    assert.ok(performance.now() < deadline, `${url} does not answer after ${READY_TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
};

/** Ends a server and whatever it started. */
const endGroup = async ({ child, release }: Server): Promise<void> => {
  const ended = child.exitCode !== null || child.signalCode !== null ? null : once(child, "exit");
  try {
    process.kill(-(child.pid ?? Number.NaN), "SIGKILL");
  } catch {
    // None of the group is left.
  }
  await ended;
  release();
};
