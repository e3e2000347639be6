/** What the pages point at is there: links, and files that they name. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import test from "node:test";

const ROOT = resolve(import.meta.dirname, "..");
const PAGES = globSync(["*.md", "docs/*.md", "hosts/**/README.md", "bench/README.md"], { cwd: ROOT }).toSorted();

function read(page: string): string {
  return readFileSync(resolve(ROOT, page), "utf8");
}

/** The names of a page's headings in links, by GitHub's rule. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = Array.from(read(page).matchAll(/^#+ (.+)$/gmu), ([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** The rows of the page's only table, cell by cell, without its head. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const [, , ...rows] = read(page).match(/^\|.*\|$/gmu) ?? [];
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("links lead to files and headings that exist", () => {
  const broken = PAGES.flatMap((page) =>
    Array.from(read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/gu)).flatMap(([link, path = "", anchor]) => {
      const target = path === "" ? page : resolve(ROOT, dirname(page), path);
      if (!existsSync(resolve(ROOT, target))) return [`${page}: ${link}`];
      return anchor === undefined || anchorsOf(target).has(anchor) ? [] : [`${page}: ${link}`];
    }),
  );
  assert.deepEqual(broken, []);
});

test("files of the project that a page names exist", () => {
  const missing = PAGES.flatMap((page) =>
    Array.from(read(page).matchAll(/`((?:core|hosts|test|bench|docs)\/[\w./-]+\.\w+)`/gu), ([, path = ""]) => path)
      .filter((path) => !existsSync(resolve(ROOT, path)))
      .map((path) => `${page}: ${path}`),
  );
  assert.deepEqual(missing, []);
});

test("each feature that the app has names the tests that hold it, and each that it has not has a reason", () => {
  const rows = rowsOf("docs/features.md");
  assert.ok(rows.length > 0);
  for (const [feature = "", , , , ours = "", reason = ""] of rows) {
    if (ours === "no") assert.match(reason, /\w+ \w+.*\./u, feature);
    else assert.match(reason, /`test\/[\w./-]+\.ts`/u, feature);
    assert.match(ours, /^(?:yes|no|in part)$/u, feature);
  }
});
