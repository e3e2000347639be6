import assert from "node:assert/strict";
import { test } from "node:test";
import { openInBrowser } from "../../hosts/demo/page.ts";

/** Why an address can't be opened by a program. */
async function failureOf(url: string, opener: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  openInBrowser(url, resolve, opener);
  return promise;
}

test("a program for opening pages that is missing is told", async () => {
  assert.match(await failureOf("http://127.0.0.1/", "no-such-program"), /^no-such-program: .*ENOENT/u);
});

test("a program that can't open the page is told with its exit code", async () => {
  assert.match(await failureOf("--no-such-option", process.execPath), / ended with exit code 9$/u);
});
