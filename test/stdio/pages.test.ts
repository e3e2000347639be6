/** The pages that show the command at a prompt: what they show is what comes of it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";

const TOP = join(import.meta.dirname, "..", "..");
const PAGES = ["docs/embedding/command-line.md", "hosts/package/README.md", "README.md"]
  .map((path) => readFileSync(join(TOP, path), "utf8"))
  .join("\n");
const PLACE = mkdtempSync(join(tmpdir(), "timestamp-router-page-"));
after(() => {
  rmSync(PLACE, { recursive: true, force: true });
});

// In the place of npx: the command as it is here.
mkdirSync(join(PLACE, "bin"));
const npx = join(PLACE, "bin", "npx");
writeFileSync(
  npx,
  `#!/bin/sh\n[ "$1" = timestamp-router ] || exit 99\nshift\nexec "${process.execPath}" "${TOP}/hosts/stdio/main.ts" "$@"\n`,
);
chmodSync(npx, 0o755);

/** A line at a prompt, and what is shown below it. */
const SESSIONS = Array.from(PAGES.matchAll(/^```console\n(.*?)^```$/gms), ([, block = ""]) => block).flatMap((block) =>
  block
    .split(/^\$ /m)
    .filter((part) => part !== "")
    .map((part) => {
      // A line that ends with a backslash goes on in the next one.
      const [line = ""] = /^(?:.*\\\n)*.*\n/.exec(part) ?? [];
      return { line: line.trimEnd(), shown: part.slice(line.length) };
    }),
);

for (const { line, shown } of SESSIONS) {
  test(`a page shows what comes of: ${line}`, () => {
    const env = { ...process.env, PATH: `${join(PLACE, "bin")}${delimiter}${process.env["PATH"]}` };
    const { stdout } = spawnSync("sh", ["-c", `exec 2>&1\n${line}`], { cwd: PLACE, env, encoding: "utf8" });
    assert.equal(stdout.trimEnd(), shown.trimEnd());
  });
}

test("the pages have sessions to check", () => {
  assert.equal(SESSIONS.length, 16);
});
