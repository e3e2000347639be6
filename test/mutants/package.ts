import type { Mutant } from "./mutant.ts";

const API = ["test/package/api.test.ts"];
const TARBALL = ["test/package/tarball.test.ts"];
const VALUES = ["test/core/packed-values.test.ts"];
const MEMORY = ["test/core/memory.test.ts"];

/** Mistakes that the npm package, and the ways into the core that it added, could have made. */
export const PACKAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "package: prefixes come in the order in which they were given",
    file: "hosts/rule.ts",
    find: "[...others, ...prefixes]",
    replace: "set",
    tests: API,
  },
  {
    name: "package: a value with a line end begins another line of the rule",
    file: "hosts/rule.ts",
    find: ` || text.includes("\\n")`,
    replace: "",
    tests: API,
  },
  {
    name: "package: a property's name may have an equals sign",
    file: "hosts/rule.ts",
    find: String.raw`[^=\n]+`,
    replace: String.raw`[^\n]+`,
    tests: API,
  },
  {
    name: "package: a number may stand for any text",
    file: "hosts/rule.ts",
    find: ` && key === "timestamp.divide"`,
    replace: "",
    tests: API,
  },
  {
    name: "package: a table is no list",
    file: "hosts/rule.ts",
    find: `(key === "outputs" || key === "table")`,
    replace: `key === "outputs"`,
    tests: API,
  },
  {
    name: "package: a property that is undefined is set",
    file: "hosts/rule.ts",
    find: "value !== undefined",
    replace: "value !== null",
    tests: API,
  },
  {
    name: "package: the byte offset of a fault is taken for one of characters",
    file: "hosts/rule.ts",
    find: "const at = Math.max(0, Math.min(byteOffset, bytes.length));",
    replace: "const at = Math.max(0, Math.min(new TextEncoder().encode(ruleText.slice(0, byteOffset)).length, bytes.length));",
    tests: API,
  },
  {
    name: "package: a fault in properties has an offset into a text that nobody wrote",
    file: "hosts/package/core.ts",
    find: "throw error.inProperty(placeInRule(text, error.ruleOffset).property);",
    replace: "throw error;",
    tests: API,
  },
  {
    name: "package: the inlined core is not decoded to the end",
    file: "hosts/package/index.ts",
    find: "atob(CORE_BASE64)",
    replace: "atob(CORE_BASE64.slice(4))",
    tests: API,
  },
  {
    name: "package: the core is left out of the tarball",
    file: "hosts/package/pack.ts",
    find: `["core.wasm", `,
    replace: "[",
    tests: TARBALL,
  },
  {
    name: "package: the manifest has the types where they are not",
    file: "hosts/package/pack.ts",
    find: "types: `./${path}.d.ts`",
    replace: "types: `./types/${path}.d.ts`",
    tests: TARBALL,
  },
  {
    name: "package: it depends on Node.js",
    file: "hosts/package/index.ts",
    find: "Uint8Array.from(atob(CORE_BASE64), (character) => character.charCodeAt(0))",
    replace: `(globalThis as unknown as { Buffer: { from(text: string, as: string): Uint8Array<ArrayBuffer> } }).Buffer.from(CORE_BASE64, "base64")`,
    tests: TARBALL,
  },
  {
    name: "values: falling ends become a null value",
    file: "hosts/embed.ts",
    find: "!(end >= start && end <= bytes.length)",
    replace: "end > bytes.length",
    tests: VALUES,
  },
  {
    name: "values: a packed value may reach into what an earlier call left",
    file: "hosts/embed.ts",
    find: "!(end >= start && end <= bytes.length)",
    replace: "end < start",
    tests: VALUES,
  },
  {
    name: "values: an end that is no number is taken for 0",
    file: "hosts/embed.ts",
    find: "!(end >= start && end <= bytes.length)",
    replace: "end < start || end > bytes.length",
    tests: VALUES,
  },
  {
    name: "embed: values overwrite the records of a RecordBatch",
    file: "hosts/embed.ts",
    find: `if (this.#hasOpenRecords()) throw new RouterError("NotFinished", null);\n    this.#open = false;`,
    replace: "this.#open = false;",
    tests: MEMORY,
  },
  {
    name: "embed: values leave the outputs open, as far as the host knows",
    file: "hosts/embed.ts",
    find: `throw new RouterError("NotFinished", null);\n    this.#open = false;`,
    replace: `throw new RouterError("NotFinished", null);`,
    tests: MEMORY,
  },
  {
    name: "embed: 2^32 bytes are none",
    file: "hosts/embed.ts",
    find: `if (!(Math.max(inputBytes, outputBytes, records) <= U32_MAX)) throw new RouterError("OutOfRange", null);`,
    replace: "",
    tests: MEMORY,
  },
  {
    name: "values: what is no value is taken for an empty one",
    file: "hosts/value.ts",
    find: "!ArrayBuffer.isView(value) || value.BYTES_PER_ELEMENT !== 1",
    replace: "typeof value !== 'object'",
    tests: VALUES,
  },
  {
    name: "values: bytes of another realm are refused",
    file: "hosts/value.ts",
    find: "!ArrayBuffer.isView(value) || value.BYTES_PER_ELEMENT !== 1",
    replace: "!(value instanceof Uint8Array)",
    tests: VALUES,
  },
  {
    name: "embed: any module is taken for a core of this version",
    file: "hosts/embed.ts",
    find: ` || core.abiVersion() !== ABI_VERSION`,
    replace: " && core.abiVersion() === ABI_VERSION",
    tests: VALUES,
  },
];
