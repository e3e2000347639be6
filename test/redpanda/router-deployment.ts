/** The router as it is deployed for a rule: a variable for each line, a topic for each output, and one more for the unroutable records. */
import type { Deployment } from "./deployment.ts";

/** What a rule's text has for a key, or undefined. */
function valueOf(rule: string, key: string): string | undefined {
  return rule
    .split("\n")
    .find((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}

/** Returns the outputs of a rule's text. */
export function outputsOf(rule: string): readonly string[] {
  return (valueOf(rule, "outputs") ?? "even,odd").split(",");
}

/** Whether unroutable records are to become dead letters, which takes a topic: when the rule says so, or nothing. */
export function hasDeadLetters(rule: string): boolean {
  return (valueOf(rule, "unroutable") ?? "dlq") === "dlq";
}

/** Returns the variable of a key: upper case, and underscores for dots and hyphens. */
function variableOf(key: string): string {
  return `ROUTER_${key.toUpperCase().replaceAll(/[.-]/g, "_")}`;
}

/** The topic of the output at an index; its name says nothing of the output, for it is the order that counts. */
export function topicOf(index: number): string {
  return `topic-${index}`;
}

/** Returns the deployment of a rule's text. */
export function deploymentOf(rule: string, environment: Readonly<Record<string, string>> = {}): Deployment {
  const outputs = outputsOf(rule);
  const topics = Array.from({ length: outputs.length + (hasDeadLetters(rule) ? 1 : 0) }, (_, index) => topicOf(index));
  const lines = rule.split("\n").filter((line) => line.includes("="));
  const variables = lines.map((line) => [variableOf(line.slice(0, line.indexOf("="))), line.slice(line.indexOf("=") + 1)]);
  return { name: "router", inputTopic: "in", outputTopics: topics, environment: { ...Object.fromEntries(variables), ...environment } };
}
