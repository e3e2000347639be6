import { areKafkaJarsCached, findJavac, findMaven } from "../../hosts/demo/broker/jars.ts";

/**
 * What is missing on this machine for tests against a real broker, as a reason to skip them, or null when all is there.
 *
 * *Errors*: with `CI=true` a missing tool is an error, so that a build cannot pass by skipping its broker tests.
 */
export const brokerMissing = async (): Promise<string | null> => {
  const reason = (await findJavac()).missing ?? ((await areKafkaJarsCached()) ? null : (await findMaven()).missing);
  if (reason !== null && process.env["CI"] === "true") throw new Error(`Broker tests must run when CI=true. ${reason}`);
  return reason;
};
