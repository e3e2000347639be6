/** Where the program's own files are, seen from its source. The npm package has a `program-files.js` of its own, written by `pack.ts`. */

/** The module that does the work. */
export const GUEST: URL = new URL("../../build/stdio.wasm", import.meta.url);

/** The manifest that has the version. */
export const MANIFEST: URL = new URL("../../package.json", import.meta.url);
