/** Deploys the transform by the broker's Admin API, where there is no rpk: `npm run deploy:redpanda -- --help`. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

const USAGE = `npm run deploy:redpanda -- --admin <URL> [options]

  --admin <URL>          Admin API of any broker, such as http://localhost:9644; with http://<user>:<password>@... it logs in
  --name <name>          name of the transform (timestamp-router)
  --input <topic>        topic to read (timeDest)
  --output <topic>       topic of an output, once for each in their order, and one more, if wanted, for dead letters (evenDest, oddDest)
  --var <name>=<value>   environment variable of the transform, any number of times
  --from <start|end>     where the first deployment begins (the records that come from now on)
  --compression <codec>  none, gzip, snappy, lz4 or zstd (none)

With --var ROUTER_RULE=timestamp it is build/redpanda-timestamp.wasm that is deployed, else build/redpanda.wasm, which is smaller.
The topics must exist. All options are to be given again when it is deployed anew; input and outputs can't change then.
`;

const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"];
/** A broker that compiles the module for the first time takes a while; one that does not answer at all is to be noticed. */
const ANSWER_MS_MAX = 30_000;

/** What the broker is told of a transform. */
export interface Deployment {
  readonly name: string;
  readonly input: string;
  readonly outputs: readonly string[];
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** Where the first deployment begins; null is now. */
  readonly from: "start" | "end" | null;
  readonly compression: string;
}

/** A command line that can't be followed. */
class UsageError extends Error {}

/**
 * Returns the body of the request: what to deploy, and right behind it the module.
 *
 *     { "name": …, "input_topic": …, "output_topics": […], "environment": [{ "key": …, "value": … }], "compression": …, "offset"?: … }
 *     u8[] module
 */
export function deploymentBody(deployment: Deployment, module: Uint8Array): Buffer<ArrayBuffer> {
  const { name, input, outputs, variables, from, compression } = deployment;
  const head = {
    name,
    input_topic: input,
    output_topics: outputs,
    environment: variables.map(([key, value]) => ({ key, value })),
    compression,
    // The broker reads the distance as a number of records from there.
    ...(from === null ? {} : { offset: { format: `from_${from}`, value: 0 } }),
  };
  return Buffer.concat([Buffer.from(JSON.stringify(head)), module]);
}

/** Sends a module to the broker. Throws with the broker's own words when it refuses. */
export async function deploy(admin: URL, deployment: Deployment, module: Uint8Array): Promise<void> {
  const headers: Record<string, string> = { "content-type": "application/octet-stream" };
  if (admin.username !== "") {
    const login = `${decodeURIComponent(admin.username)}:${decodeURIComponent(admin.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(login).toString("base64")}`;
  }
  // `fetch` takes no login in the address.
  const response = await fetch(new URL("/v1/transform/deploy", admin.origin), {
    method: "POST",
    headers,
    body: deploymentBody(deployment, module),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`the broker refuses, ${response.status}: ${messageOf(answer)}`);
}

/** Returns the message in a broker's answer, which is `{"message": …, "code": …}` as a rule. */
function messageOf(answer: string): string {
  try {
    const { message } = JSON.parse(answer) as { message?: unknown };
    return typeof message === "string" ? message : answer;
  } catch {
    return answer;
  }
}

/** Returns what a command line asks for, or null for its usage. */
function readCommandLine(words: readonly string[]): { readonly admin: URL; readonly deployment: Deployment } | null {
  const { values } = parseOptions(words);
  if (values.help === true) return null;
  if (values.admin === undefined || !/^https?:/iu.test(values.admin) || !URL.canParse(values.admin))
    throw new UsageError("--admin needs a URL, such as http://localhost:9644");
  const { from = null, compression = "none" } = values;
  if (from !== null && from !== "start" && from !== "end") throw new UsageError(`--from is start or end, not ${from}`);
  if (!CODECS.includes(compression)) throw new UsageError(`--compression is one of ${CODECS.join(", ")}, not ${compression}`);
  const variables = (values.var ?? []).map((word) => {
    const equals = word.indexOf("=");
    if (equals < 1) throw new UsageError(`--var is <name>=<value>, not ${word}`);
    return [word.slice(0, equals), word.slice(equals + 1)] as const;
  });
  const { name = "timestamp-router", input = "timeDest", output: outputs = ["evenDest", "oddDest"] } = values;
  return { admin: new URL(values.admin), deployment: { name, input, outputs, variables, from, compression } };
}

function parseOptions(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        admin: { type: "string" },
        name: { type: "string" },
        input: { type: "string" },
        output: { type: "string", multiple: true },
        var: { type: "string", multiple: true },
        from: { type: "string" },
        compression: { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Returns the smallest module that has the rule of a deployment. */
function moduleOf({ variables }: Deployment): URL {
  const isTimestamp = variables.some(([name, value]) => name === "ROUTER_RULE" && value === "timestamp");
  return new URL(`../../build/redpanda${isTimestamp ? "-timestamp" : ""}.wasm`, import.meta.url);
}

/** Follows a command line; returns the exit status. */
async function main(words: readonly string[]): Promise<number> {
  try {
    const asked = readCommandLine(words);
    if (asked === null) {
      process.stdout.write(USAGE);
      return 0;
    }
    const { admin, deployment } = asked;
    await deploy(admin, deployment, await readFile(moduleOf(deployment)));
    process.stdout.write(`${deployment.name} is deployed: ${deployment.input} to ${deployment.outputs.join(", ")}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${USAGE}`);
    else process.stderr.write(`not deployed: ${reasonOf(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Returns why a request failed: `fetch` says "fetch failed", and what is wrong in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
