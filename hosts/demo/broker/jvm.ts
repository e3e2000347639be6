import { join } from "node:path";

/**
 * How a JVM is tuned. `quick` starts soon and stays small, for tests and the demo; `server` compiles fully and collects concurrently, for
 * benchmarks.
 */
export type JvmTuning = "quick" | "server";

/** A JVM to start with the jars on its class path. */
export interface JvmOptions {
  readonly jars: string;
  readonly heapMb: number;
  readonly jvm: JvmTuning;
  /** Folders to search before the jars. */
  readonly classes?: string | undefined;
}

/** The arguments of `java` in front of the class name. */
export const jvmArgs = ({ jars, heapMb, jvm, classes }: JvmOptions): readonly string[] => [
  `-Xmx${heapMb}m`,
  ...(jvm === "quick" ? ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"] : [`-Xms${heapMb}m`, "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"]),
  // Without this a JVM that is killed leaves its counters in the temporary folder.
  "-XX:-UsePerfData",
  "-Djava.awt.headless=true",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
  "-cp",
  [...(classes === undefined ? [] : [classes]), join(jars, "*")].join(":"),
];
