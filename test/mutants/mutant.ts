/** One wrong change to a source that some test has to notice. */
export interface Mutant {
  /** What is wrong, in words. */
  readonly name: string;
  /** The file, from the top of the repository. One in `core/` means that the core is built anew. */
  readonly file: string;
  /** What is replaced; it occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Whether only the core's build with SIMD has the place: then the tests run on that one. */
  readonly isSimd?: true;
  /** Globs of the test files that may notice it, the likeliest first; they run one by one until one fails. */
  readonly tests: readonly string[];
}
