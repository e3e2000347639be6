/** What is compiled of the sources, and so anew for a mutant of them. */

export interface Binary {
  /** A mutant of a file below one of these means that it is built anew, */
  readonly sources: readonly string[];
  /** if some of the mutant's tests are below this. */
  readonly tests: string;
  /** Whether it is for mutants that only the core's build with SIMD has. */
  readonly isSimd?: true;
  /** Its modules: the compiler's arguments for each. */
  readonly modules: readonly (readonly string[])[];
  /** The component is made of the module. */
  readonly isComponent: boolean;
  /** A program of the copy that makes the rest. */
  readonly script?: string;
}

/** The arguments for one module. */
function moduleOf(entry: string, target: string, name = target): readonly string[] {
  return [entry, "--target", target, "-o", `build/${name}.wasm`];
}

/** Of two that have a source in common, the first one whose tests notice the mutant is built anew. */
export const BINARIES: readonly Binary[] = [
  {
    sources: ["hosts/component/", "core/"],
    tests: "test/component/",
    modules: [
      [...moduleOf("hosts/component/guest/main.ts", "component", "component-core"), "--transform", "./hosts/component/export-names.ts"],
    ],
    isComponent: true,
  },
  { sources: ["core/"], tests: "test/", modules: [moduleOf("core/index.ts", "core")], isComponent: false },
  { sources: ["core/"], tests: "test/", isSimd: true, modules: [moduleOf("core/index.ts", "core-simd", "core.simd")], isComponent: false },
  { sources: ["hosts/browser/"], tests: "test/browser/", modules: [], isComponent: false, script: "hosts/browser/build.ts" },
  {
    sources: ["hosts/stdio/guest/"],
    tests: "test/stdio/",
    modules: [moduleOf("hosts/stdio/guest/main.ts", "stdio")],
    isComponent: false,
  },
  {
    sources: ["hosts/redpanda/guest/"],
    tests: "test/redpanda/",
    modules: [
      moduleOf("hosts/redpanda/guest/main.ts", "redpanda"),
      moduleOf("hosts/redpanda/guest/main-timestamp.ts", "redpanda", "redpanda-timestamp"),
    ],
    isComponent: false,
  },
];
