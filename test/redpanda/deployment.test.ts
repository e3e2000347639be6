/** The broker's checks at deploy time, each with the message of its source. */
import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf, joined } from "../bytes.ts";
import type { ModuleSketch } from "./assembler.ts";
import { assemble, functionType, i32, nameBytes, section, vector } from "./assembler.ts";
import { InvalidModule } from "./declarations.ts";
import type { Deployment } from "./deployment.ts";
import { DeployRefused, environmentOf, validateDeployment, validateModule } from "./deployment.ts";
import { leb } from "./memory-cap.ts";

/** Returns why a module is refused: the broker's reply and, where that says no more than "invalid", its parser's message. */
function refusal(wasm: Uint8Array): string {
  try {
    validateModule(wasm);
  } catch (error) {
    assert.ok(error instanceof DeployRefused, String(error));
    return error.cause instanceof InvalidModule ? `${error.message}: ${error.cause.message}` : error.message;
  }
  return "accepted";
}

const MISSING_WASI = "invalid WebAssembly - missing required WASI functions";
const MISSING_ABI =
  "Invalid WebAssembly - the binary is missing required transform functions. Check the broker support for the version of the Data Transforms SDK being used.";
const UNSUPPORTED_REGISTRY =
  "Invalid WebAssembly - the binary is using an unsupported Schema Registry client. Does the broker support this version of the Data Transforms Schema Registry SDK?";
const ABI = "redpanda_transform.check_abi_version_2";

test("a module with _start, memory and an ABI check of either version is accepted, whatever else it imports", () => {
  for (const imports of [[ABI], ["redpanda_transform.check_abi_version_1"], [ABI, "env.abort: i32 i32 i32 i32 -> "]]) {
    assert.equal(refusal(assemble({ imports })), "accepted");
  }
  assert.equal(refusal(assemble({ imports: [ABI, "redpanda_schema_registry.check_abi_version_0"] })), "accepted");
});

/** The broker's own invalid modules (`tests/docker/ducktape-deps/tinygo-wasi-transforms`), and what its test `test_validation` waits for. */
const BROKER_FIXTURES: readonly (readonly [name: string, base64: string, expected: RegExp])[] = [
  ["garbage", "AGFzbQEAAAABBwFgAn9/63noHo07OzANmns7oZTsdHHpORQ=", /invalid WebAssembly module/],
  ["add_two", "AGFzbQEAAAABBwFgAn9/AX8DAgEABwoBBmFkZFR3bwAACgkBBwAgACABagsACgRuYW1lAgMBAAA=", /missing required WASI functions/],
  [
    "wasi",
    "AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAsACgRuYW1lAgMBAAA=",
    /Check the broker support for the version of the Data Transforms SDK being used\.$/,
  ],
];
for (const [name, base64, expected] of BROKER_FIXTURES) {
  test(`the broker's fixture ${name} is refused as the broker's own test expects`, () => {
    assert.match(refusal(Buffer.from(base64, "base64")), expected);
  });
}

const VALID_EXPORTS: ModuleSketch["exports"] = [
  ["memory", 2, 0],
  ["_start", 0, 1],
];
/** What is wrong, the module, the reply; the lines are of `src/v/wasm/wasmtime.cc`. */
const REFUSED: readonly (readonly [what: string, sketch: ModuleSketch, reply: string])[] = [
  // 1707
  ["exports no _start", { exports: [["memory", 2, 0]] }, MISSING_WASI],
  ["has a _start with a parameter", { startType: "i32 -> " }, MISSING_WASI],
  ["has a _start with a result", { startType: " -> i32", body: [i32(0)] }, MISSING_WASI],
  [
    "calls its memory _start",
    {
      exports: [
        ["_start", 2, 0],
        ["memory", 2, 0],
      ],
    },
    MISSING_WASI,
  ],
  // 1713
  ["exports no memory", { exports: [["_start", 0, 1]] }, MISSING_WASI],
  [
    "exports its memory as mem",
    {
      exports: [
        ["_start", 0, 1],
        ["mem", 2, 0],
      ],
    },
    MISSING_WASI,
  ],
  [
    "exports a function called memory",
    {
      exports: [
        ["_start", 0, 1],
        ["memory", 0, 1],
      ],
    },
    MISSING_WASI,
  ],
  // 1732
  ["imports no ABI check", { imports: ["wasi_snapshot_preview1.sched_yield"] }, MISSING_ABI],
  ["imports the ABI check of a later version", { imports: ["redpanda_transform.check_abi_version_3: -> "] }, MISSING_ABI],
  ["imports the ABI check of another module", { imports: ["redpanda.check_abi_version_2: -> "] }, MISSING_ABI],
  ["imports an ABI check with a result", { imports: ["redpanda_transform.check_abi_version_2: -> i32"] }, MISSING_ABI],
  [
    "is of the obsolete ABI, which had read_record and no check",
    {
      imports: ["redpanda_transform.read_record: i32 i32 i32 -> i32", "redpanda_transform.write_record"],
      exports: [
        ["memory", 2, 0],
        ["_start", 0, 2],
        ["redpanda_transform_on_record_written", 0, 2],
      ],
    },
    MISSING_ABI,
  ],
  // 1724
  ["imports a later schema registry", { imports: [ABI, "redpanda_schema_registry.check_abi_version_1: -> "] }, UNSUPPORTED_REGISTRY],
  [
    "imports a schema registry check with a parameter",
    { imports: [ABI, "redpanda_schema_registry.check_abi_version_0: i32 -> "] },
    UNSUPPORTED_REGISTRY,
  ],
];
for (const [what, sketch, reply] of REFUSED) {
  test(`a module that ${what} is refused`, () => {
    assert.equal(refusal(assemble(sketch)), reply);
  });
}

const global = (code: number, ...begin: number[]): Uint8Array => section(6, vector([Uint8Array.of(code, 0, ...begin, 0x0b)]));
const types = (...type: string[]): Uint8Array => section(1, vector(type.map(functionType)));
const importing = (kind: number, ...rest: number[]): Uint8Array =>
  section(2, vector([joined([nameBytes("a"), nameBytes("b"), Uint8Array.of(kind, ...rest)])]));
/** What a module has, the section, the section that it stands before, the message; the lines are of `src/v/wasm/parser/parser.cc`. */
const UNPARSED: readonly (readonly [has: string, bytes: Uint8Array, before: number, message: string])[] = [
  // parse_one_section
  ["an unknown section", section(13, Uint8Array.of(0)), 5, "invalid section with id 13"],
  ["a section behind a later one", section(3, Uint8Array.of(0)), 7, "invalid section with id 3"],
  ["a section that is cut off", Uint8Array.of(0, 0xff, 0xff, 0x03), 11, "Invalid skip(n). Expected:65535, but skipped:3"],
  ["a length of more than 32 bits", Uint8Array.of(0, 0x80, 0x80, 0x80, 0x80, 0x80, 0), 5, "invalid leb128"],
  // parse_signature
  ["a type of a recursion group", section(1, Uint8Array.of(1, 0x4e)), 1, "function type magic mismatch: 78"],
  ["a function type with a vector", types("v128 -> "), 1, "unknown valtype: 123"],
  ["a function type with 129 parameters", types("i32 ".repeat(129) + "-> "), 1, "too many types to function: 129"],
  ["a function type with 65 results", types("-> " + "i32 ".repeat(65)), 1, "too many types to function: 65"],
  ["21,846 function types", section(1, leb(21_846)), 1, "too large of type section: 21846, max: 21845"],
  // parse_name, parse_one_import: 428 to 467
  ["an import with a name of 513 bytes", section(2, joined([leb(1), leb(513)])), 2, "name too long: 513"],
  ["an import whose name is no UTF-8", section(2, Uint8Array.of(1, 1, 0xff)), 2, "Cannot decode string as UTF8"],
  ["an import of a tag", importing(4), 2, "unknown import type: 4"],
  ["an import of a function of no type", importing(0, 9), 2, "unknown import function signature out of range - 9 ∉ [0, 2)"],
  ["a table of integers", importing(1, 0x7f, 0, 0), 2, "invalid reftype: 127"],
  // 475
  ["a function of no type", section(3, Uint8Array.of(1, 9)), 3, "unknown function signature out of range - 9 ∉ [0, 2)"],
  // skip_global_constexpr
  ["a global that is a vector", global(0x7b, 0x41, 0), 7, "unknown valtype: 123"],
  ["a global that begins as ref.func", global(0x70, 0xd2, 0), 7, "unimplemented global opcode: 210"],
  ["a global that begins as a sum", global(0x7f, 0x41, 1, 0x41, 1, 0x6a), 7, "expected end of global initalizer, got: 65"],
  // 533 to 566
  [
    "an export of a function that is not there",
    section(7, Uint8Array.of(1, 1, 0x61, 0, 7)),
    7,
    "unknown function export out of range - 7 ∉ [0, 2)",
  ],
  [
    "an export of a table that is not there",
    section(7, Uint8Array.of(1, 1, 0x61, 1, 0)),
    7,
    "unknown function export out of range - 0 ∉ [0, 0)",
  ],
  [
    "an export of a memory that is not there",
    section(7, Uint8Array.of(1, 1, 0x61, 2, 1)),
    7,
    "unknown memory export out of range - 1 ∉ [0, 1)",
  ],
  [
    "an export of a global that is not there",
    section(7, Uint8Array.of(1, 1, 0x61, 3, 0)),
    7,
    "unknown global export out of range - 0 ∉ [0, 0)",
  ],
  ["an export of a tag", section(7, Uint8Array.of(1, 1, 0x61, 4, 0)), 7, "unknown export type: 4"],
];
for (const [has, bytes, before, message] of UNPARSED) {
  test(`a module with ${has} is refused`, () => {
    assert.equal(refusal(assemble({ before: { [before]: bytes } })), `invalid WebAssembly module: ${message}`);
  });
}

test("a module with wrong first bytes, of another version, or of more than 10 MiB is refused", () => {
  assert.equal(refusal(bytesOf("\0wsm\x01\0\0\0")), "invalid WebAssembly module: magic bytes incorrect: 0 119 115 109");
  assert.equal(refusal(bytesOf("\0asm\x02\0\0\0")), "invalid WebAssembly module: unsupported wasm version");
  assert.equal(refusal(bytesOf("\0asm")), "invalid WebAssembly module: Invalid skip(n). Expected:4, but skipped:0");
  assert.match(refusal(new Uint8Array(10 * 1024 * 1024 + 1)), /^the module has 10485761 bytes, more than 10485760$/);
});

test("custom sections may stand anywhere, and v128 may be used inside a function", () => {
  const custom = section(0, nameBytes("name"));
  const drop = Uint8Array.of(0x1a);
  const vectorZero = joined([Uint8Array.of(0xfd, 0x0c), new Uint8Array(16)]);
  assert.equal(refusal(assemble({ before: { 1: custom, 3: custom, 11: custom }, body: [vectorZero, drop] })), "accepted");
  assert.equal(refusal(assemble({ exports: VALID_EXPORTS, before: { 7: global(0x6f, 0xd0, 0x6f) } })), "accepted");
});

const DEPLOYMENT: Deployment = { name: "router", inputTopic: "in", outputTopics: ["even", "odd"], environment: {} };
const variables = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`K${index}`, "v"]));
const topics = (count: number): string[] => Array.from({ length: count }, (_, index) => `out-${index}`);

test("a deployment at the limits is accepted: 8 topics, 128 variables, keys of 128 bytes, values of 2,048, a name of 128", () => {
  const environment = { ...variables(127), ["k".repeat(128)]: "é".repeat(1024) };
  validateDeployment({ name: "n".repeat(128), inputTopic: "in", outputTopics: topics(8), environment });
});

/** The messages are of the broker's log (`src/v/cluster/plugin_frontend.cc:272-578`). */
const REFUSED_DEPLOYMENTS: readonly (readonly [what: string, change: Partial<Deployment>, message: RegExp])[] = [
  ["129 variables", { environment: variables(129) }, /too many environment variables 129 > 128/],
  ["a variable without a key", { environment: { "": "v" } }, /had an empty environment variable key/],
  ["a key of 129 bytes", { environment: { ["k".repeat(129)]: "v" } }, /had too large of an environment variable key 129/],
  ["a key with a newline", { environment: { "a\nb": "v" } }, /environment variable key with invalid characters/],
  ["a key with an equals sign", { environment: { "a=b": "v" } }, /contained invalid environment variable key a=b/],
  ["a key of the broker's", { environment: { REDPANDA_X: "v" } }, /contained reserved environment variable key REDPANDA_X/],
  ["an empty value", { environment: { K: "" } }, /had an empty environment variable value for key K/],
  ["a value of 2,049 bytes", { environment: { K: "v".repeat(2049) } }, /too large of an environment variable value 2049 > 2048/],
  ["a value with a tab", { environment: { K: "a\tb" } }, /environment variable value with invalid characters/],
  ["no name", { name: "" }, /attempted to deploy a transform without a name/],
  ["a name of 129 bytes", { name: "n".repeat(129) }, /with too large of a name 129 > 128/],
  ["a name with a control character", { name: "a\x7f" }, /with an invalid name/],
  ["no output topic", { outputTopics: [] }, /without any output topics/],
  ["9 output topics", { outputTopics: topics(9) }, /with too many output topics: 9 > 8/],
  ["the same output topic twice", { outputTopics: ["a", "a"] }, /with duplicate output topics/],
  ["its input topic as an output", { outputTopics: ["a", "in"] }, /that would cause a cycle/],
];
for (const [what, change, message] of REFUSED_DEPLOYMENTS) {
  test(`a deployment with ${what} is refused`, () => {
    assert.throws(() => validateDeployment({ ...DEPLOYMENT, ...change }), { name: "DeployRefused", message });
  });
}

test("a guest sees the topics in the order deployed, beside the user's variables, and nothing of the broker's", () => {
  const environment = environmentOf({ ...DEPLOYMENT, environment: { ROUTER_RULE: "last-digit" } });
  assert.deepEqual(Object.fromEntries(environment), {
    REDPANDA_INPUT_TOPIC: "in",
    REDPANDA_OUTPUT_TOPIC_0: "even",
    REDPANDA_OUTPUT_TOPIC_1: "odd",
    ROUTER_RULE: "last-digit",
  });
});
