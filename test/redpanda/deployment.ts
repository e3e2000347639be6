/** What the broker checks when a transform is deployed: the module's declarations, its environment and its topics. */
import { isUtf8 } from "node:buffer";
import { bytesOf } from "../bytes.ts";
import type { Declarations } from "./declarations.ts";
import { InvalidModule, readDeclarations } from "./declarations.ts";

/** What a transform is deployed as. */
export interface Deployment {
  readonly name: string;
  readonly inputTopic: string;
  /** The first one is the default. */
  readonly outputTopics: readonly string[];
  /** The user's variables; the topics' names are added to them. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A deploy request that the broker answers with HTTP 400; the message is the broker's reply or, where it replies in general, its log. */
export class DeployRefused extends Error {
  override readonly name = "DeployRefused";
}

/** `data_transforms_binary_max_size`. */
const BINARY_BYTES_MAX = 10 * 1024 * 1024;

// The replies of `src/v/redpanda/admin/server.cc:1212-1230`.
const MISSING_ABI =
  "Invalid WebAssembly - the binary is missing required transform functions. " +
  "Check the broker support for the version of the Data Transforms SDK being used.";
const UNSUPPORTED_SCHEMA_REGISTRY =
  "Invalid WebAssembly - the binary is using an unsupported Schema Registry client. " +
  "Does the broker support this version of the Data Transforms Schema Registry SDK?";
const MISSING_WASI = "invalid WebAssembly - missing required WASI functions";
const INVALID = "invalid WebAssembly module";

const VOID_FUNCTION = " -> ";

/** Returns what a module declares, or throws `DeployRefused` (`src/v/wasm/wasmtime.cc:1678`). The other imports are not looked at. */
export function validateModule(bytes: Uint8Array): Declarations {
  if (bytes.length > BINARY_BYTES_MAX) throw new DeployRefused(`the module has ${bytes.length} bytes, more than ${BINARY_BYTES_MAX}`);
  const declarations = declarationsOf(bytes);
  const { imports, exports } = declarations;
  const hasStart = exports.some(
    ({ name, declaration }) => name === "_start" && "type" in declaration && declaration.type === VOID_FUNCTION,
  );
  const hasMemory = exports.some(({ name, declaration }) => name === "memory" && declaration.kind === "memory");
  if (!hasStart || !hasMemory) throw new DeployRefused(MISSING_WASI);
  const voids = imports.filter(({ declaration }) => "type" in declaration && declaration.type === VOID_FUNCTION);
  const ofRegistry = imports.filter(({ module, name }) => module === "redpanda_schema_registry" && name.startsWith("check_abi_version_"));
  if (ofRegistry.some((one) => one.name !== "check_abi_version_0" || !voids.includes(one)))
    throw new DeployRefused(UNSUPPORTED_SCHEMA_REGISTRY);
  const hasAbi = voids.some(({ module, name }) => module === "redpanda_transform" && /^check_abi_version_[12]$/.test(name));
  if (!hasAbi) throw new DeployRefused(MISSING_ABI);
  return declarations;
}

function declarationsOf(bytes: Uint8Array): Declarations {
  try {
    return readDeclarations(bytes);
  } catch (error) {
    if (error instanceof InvalidModule) throw new DeployRefused(INVALID, { cause: error });
    throw error;
  }
}

const VARIABLES_MAX = 128;
const KEY_BYTES_MAX = 128;
const VALUE_BYTES_MAX = 2048;
const NAME_BYTES_MAX = 128;
const OUTPUT_TOPICS_MAX = 8;

/** Throws `DeployRefused` for what can be wrong with a deployment apart from the module (`src/v/cluster/plugin_frontend.cc:263-579`). */
export function validateDeployment({ name, inputTopic, outputTopics, environment }: Deployment): void {
  const variables = Object.entries(environment);
  demand(variables.length <= VARIABLES_MAX, `contained too many environment variables ${variables.length} > ${VARIABLES_MAX}`);
  for (const [key, value] of variables) validateVariable(key, value);
  demand(name !== "", "attempted to deploy a transform without a name");
  const nameBytes = bytesOf(name).length;
  demand(nameBytes <= NAME_BYTES_MAX, `attempted to deploy a transform with too large of a name ${nameBytes} > ${NAME_BYTES_MAX}`);
  demand(isPlain(name), "attempted to deploy a transform with an invalid name");
  demand(outputTopics.length > 0, "without any output topics");
  demand(outputTopics.length <= OUTPUT_TOPICS_MAX, `with too many output topics: ${outputTopics.length} > ${OUTPUT_TOPICS_MAX}`);
  demand(new Set(outputTopics).size === outputTopics.length, "with duplicate output topics");
  demand(!outputTopics.includes(inputTopic), "that would cause a cycle");
}

function validateVariable(key: string, value: string): void {
  const [keyBytes, valueBytes] = [bytesOf(key).length, bytesOf(value).length];
  demand(key !== "", "had an empty environment variable key");
  demand(keyBytes <= KEY_BYTES_MAX, `had too large of an environment variable key ${keyBytes}`);
  demand(isPlain(key), "had an environment variable key with invalid characters");
  demand(!key.includes("="), `contained invalid environment variable key ${key}`);
  demand(!key.startsWith("REDPANDA_"), `contained reserved environment variable key ${key}`);
  demand(value !== "", `had an empty environment variable value for key ${key}`);
  demand(valueBytes <= VALUE_BYTES_MAX, `had too large of an environment variable value ${valueBytes} > ${VALUE_BYTES_MAX}`);
  demand(isPlain(value), "had an environment variable value with invalid characters");
}

/** Returns whether a text has no control characters, and would be UTF-8 as it is. */
function isPlain(text: string): boolean {
  return text.isWellFormed() && isUtf8(bytesOf(text)) && !bytesOf(text).some((byte) => byte < 0x20 || byte === 0x7f);
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new DeployRefused(message);
}

/**
 * Returns the variables that the guest sees (`src/v/wasm/wasmtime.cc:465`). The broker's are in the order of a hash table; here the last
 * one comes first, so that a guest that counts on the order of deployment is found out.
 */
export function environmentOf({ inputTopic, outputTopics, environment }: Deployment): ReadonlyMap<string, string> {
  const topics = outputTopics.map((topic, index): [string, string] => [`REDPANDA_OUTPUT_TOPIC_${index}`, topic]);
  return new Map([...Object.entries(environment), ["REDPANDA_INPUT_TOPIC", inputTopic] as const, ...topics].toReversed());
}
