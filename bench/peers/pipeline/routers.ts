/** The routers that this machine has. Each peer is a program with the same arguments; `README.md` says what they are to do. */
import { execFile } from "node:child_process";
import { access, mkdir, readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { cached } from "../../../hosts/demo/broker/cache.ts";
import { findJava, findJavac, jarsOf, kafkaJars, required } from "../../../hosts/demo/broker/jars.ts";
import type { Delivery, Router, Stream } from "../../pipeline-router.ts";
import { OURS } from "./ours.ts";

const run = promisify(execFile);
const SOURCES = import.meta.dirname;
const BENCH = join(SOURCES, "..", "..");
const BUILD = join(BENCH, "build");
const ROOT = join(BENCH, "..");
const PYTHON_PACKAGES = ["kafka-python==3.0.12", "confluent-kafka==2.16.1"] as const;
const JVM = ["-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"] as const;
const JAVA_SETTINGS = "heap of 512 MB, serial collector, linger 20 ms, batches of 256 KiB, polls of 10,000";
const LIBRARY_SETTINGS = "linger 20 ms, idempotent, batches up to 1 MB, positions committed each second";

/** What there is to measure, ours first, and what is missing, as sentences. */
export interface Routers {
  readonly routers: readonly Router[];
  readonly missing: readonly string[];
}

type Words = readonly [string, ...string[]];

function peer(words: Words, delivery: Delivery, about: Omit<Router, "delivery" | "command">): Router {
  const command = ({ bootstrap, input, even, odd, group }: Stream): Words => {
    return [...words, bootstrap, input, even, odd, group, delivery.replaceAll(" ", "-")];
  };
  return { ...about, delivery, command };
}

function both(words: Words, about: Omit<Router, "delivery" | "command">): readonly Router[] {
  return [peer(words, "at least once", about), peer(words, "exactly once", about)];
}

async function firstLine(...[file, ...args]: Words): Promise<string> {
  const { stdout, stderr } = await run(file, args);
  return (stdout === "" ? stderr : stdout).split("\n")[0] ?? "";
}

async function franzGo(): Promise<readonly Router[]> {
  const folder = join(SOURCES, "franz-go");
  const program = join(BUILD, "franz-go");
  await run("go", ["build", "-o", program, "."], { cwd: folder });
  const version = /franz-go (v\S+)/.exec(await readFile(join(folder, "go.mod"), "utf8"))?.[1];
  const settings = "GOMAXPROCS=1, linger 20 ms, fetches of 4 MiB a partition, batches up to 1 MB; transactions of 100 ms";
  return both(["env", "GOMAXPROCS=1", program], {
    name: "franz-go",
    version: `franz-go ${version}, ${await firstLine("go", "version")}`,
    settings,
  });
}

interface JavaProgram {
  readonly words: Words;
  readonly version: string;
}

/** Compiles a Java program. The version names its main jars, given by their names without a version, and Java. */
async function javaProgram(source: string, jars: string, mainJars: Readonly<Record<string, string>>): Promise<JavaProgram> {
  const java = required(await findJava());
  const className = basename(source, ".java");
  const classes = join(BUILD, className);
  await run(required(await findJavac()), ["-proc:none", "-cp", `${jars}/*`, "-d", classes, join(SOURCES, source)]);
  const files = (await readdir(jars)).join("\n");
  const versions = Object.entries(mainJars).map(([jar, name]) => `${name} ${new RegExp(`^${jar}-(\\d.*)\\.jar$`, "mu").exec(files)?.[1]}`);
  return {
    words: [java, ...JVM, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", `${classes}:${jars}/*`, className],
    version: [...versions, await firstLine(java, "-version")].join(", "),
  };
}

async function javaClients(): Promise<readonly Router[]> {
  const { words, version } = await javaProgram("JavaClients.java", await kafkaJars(), { "kafka-clients": "Kafka's clients" });
  const settings = `${JAVA_SETTINGS}, positions committed each second; transactions of 100 ms`;
  return both(words, { name: "Java clients", version, settings });
}

async function kafkaStreams(): Promise<readonly Router[]> {
  const jars = await jarsOf("bench-kafka-streams", join(SOURCES, "kafka-streams/pom.xml"));
  const { words, version } = await javaProgram("kafka-streams/KafkaStreamsRouter.java", jars, { "kafka-streams": "Kafka Streams" });
  const settings = `${JAVA_SETTINGS}, one thread, positions committed each second; exactly_once_v2, transactions of 100 ms`;
  return both(words, { name: "Kafka Streams", version, settings });
}

async function springCloudStream(): Promise<readonly Router[]> {
  const jars = await jarsOf("bench-spring-cloud-stream", join(SOURCES, "spring-cloud-stream/pom.xml"));
  const { words, version } = await javaProgram("spring-cloud-stream/SpringCloudStreamRouter.java", jars, {
    "spring-cloud-stream": "Spring Cloud Stream",
    "spring-boot": "Spring Boot",
    "kafka-clients": "Kafka's clients",
  });
  const settings = `${JAVA_SETTINGS}, batch mode, native encoding, flushed and committed each poll; transaction-id-prefix, a transaction a poll`;
  return both(words, { name: "Spring Cloud Stream", version, settings });
}

async function librdkafka(): Promise<readonly Router[]> {
  const program = join(BUILD, "librdkafka");
  await run("cc", ["-O3", "-march=native", "-o", program, join(SOURCES, "librdkafka.c"), "-lrdkafka"]);
  const version = `librdkafka ${await firstLine("pkg-config", "--modversion", "rdkafka")}, ${await firstLine("cc", "--version")}`;
  return [peer([program], "at least once", { name: "librdkafka", version, settings: LIBRARY_SETTINGS })];
}

async function python(): Promise<readonly Router[]> {
  const version = await firstLine("python3", "--version");
  const name = `bench-${PYTHON_PACKAGES.join("-").replaceAll("==", "-")}-${process.platform}-${process.arch}-${version.replaceAll(" ", "-")}`;
  const packages = await cached(name, async (folder) => {
    await run("python3", ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder, ...PYTHON_PACKAGES]);
  });
  const program = (file: string): Words => ["env", `PYTHONPATH=${packages}`, "python3", join(SOURCES, file)];
  const [sample, confluent] = PYTHON_PACKAGES.map((one) => `${one.replace("==", " ")}, ${version}`) as [string, string];
  const settings = "a record at a time, linger 20 ms, positions committed by itself, acknowledged or not";
  return [
    peer(program("confluent_python.py"), "at least once", {
      name: "confluent-kafka-python",
      version: confluent,
      settings: LIBRARY_SETTINGS,
    }),
    peer(program("kafka_python.py"), "at least once", { name: "the Python sample, kafka-python", version: sample, settings, isSlow: true }),
  ];
}

async function kafkajs(): Promise<readonly Router[]> {
  const { version } = JSON.parse(await readFile(join(ROOT, "node_modules/kafkajs/package.json"), "utf8")) as { readonly version: string };
  const about = {
    name: "kafkajs",
    version: `kafkajs ${version}, Node.js ${process.version}`,
    settings: "sends of 500 records, one at a time for each partition, retries after 2 ms; transactions of 100 ms",
    isSlow: true,
  } as const;
  return both([process.execPath, "--disable-warning=TimeoutNegativeWarning", join(SOURCES, "kafkajs.ts")], about);
}

async function platformatic(): Promise<readonly Router[]> {
  const folder = join(BENCH, "node_modules/@platformatic/kafka");
  await access(folder);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { readonly version: string };
  const about = {
    name: "@platformatic/kafka",
    version: `@platformatic/kafka ${version}, Node.js ${process.version}`,
    settings: "sends of 500 records of one partition, 8 at a time",
    isSlow: true,
  } as const;
  return [peer([process.execPath, join(SOURCES, "platformatic.js")], "at least once", about)];
}

const PEERS: Readonly<Record<string, () => Promise<readonly Router[]>>> = {
  kafkajs,
  "franz-go": franzGo,
  "Kafka's Java clients": javaClients,
  "Kafka Streams": kafkaStreams,
  "Spring Cloud Stream": springCloudStream,
  librdkafka,
  "Python's clients": python,
  "@platformatic/kafka": platformatic,
};

/** Makes ready what can be run here. */
export async function findRouters(): Promise<Routers> {
  await mkdir(BUILD, { recursive: true });
  const routers = [...OURS];
  const missing: string[] = [];
  for (const [name, find] of Object.entries(PEERS)) {
    try {
      routers.push(...(await find()));
    } catch (error) {
      const why = String((error as { readonly stderr?: string }).stderr || error)
        .trim()
        .split("\n")[0];
      missing.push(`${name} can't be run: ${why}`);
    }
  }
  return { routers, missing };
}
