/** Pages in a real browser: on a server of plain files, in a folder, or wherever else they are. */
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, Served } from "../embedding/browser.ts";
import { browserMissing, serve, startBrowser } from "../embedding/browser.ts";

export type Page = Awaited<ReturnType<Browser["newPage"]>>;
type PageOptions = NonNullable<Parameters<Browser["newPage"]>[0]>;
type Context = Awaited<ReturnType<Browser["newContext"]>>;

const BUILT = join(import.meta.dirname, "..", "..", "build", "page");
const FILES: Readonly<Record<string, Served>> = Object.fromEntries(
  globSync("**/*.*", { cwd: BUILT }).map((file) => [`/some/folder/${file}`, { body: { path: join(BUILT, file) } }]),
);
/** Far more than anything here takes: a test that waits in vain is to fail, not to hang. */
const WAIT_MAX_MS = 20_000;

const missing = browserMissing();
/** Of every test with a page. */
export const needsBrowser = { skip: missing ?? false };
let browser: Browser | null = null;
/** Of all pages that want nothing else: what it has loaded once is there again at once. */
let usual: Context | null = null;
let files: Awaited<ReturnType<typeof serve>> | null = null;
before(async () => {
  if (missing !== null) return;
  files = await serve(FILES, "frame-ancestors 'none'");
  browser = await startBrowser();
  usual = await browser.newContext();
});
after(async () => {
  await browser?.close();
  files?.close();
});

/** Opens the page, uses it, and closes it. Whatever the browser complains of, a breach of the page's policy among it, fails the test. */
export async function onPage(
  use: (page: Page) => Promise<void>,
  given: PageOptions & { url?: string; complaints?: RegExp } = {},
): Promise<void> {
  if (browser === null || usual === null || files === null) throw new Error("the browser runs only while tests run");
  const { url = `${files.url}/some/folder/index.html`, complaints = /^$/u, ...pageOptions } = given;
  const page = await (Object.keys(pageOptions).length === 0 ? usual.newPage() : browser.newPage(pageOptions));
  page.setDefaultTimeout(WAIT_MAX_MS);
  const heard: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !complaints.test(message.text())) heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(error.message));
  try {
    await page.goto(url);
    await page.waitForSelector("[data-ready]");
    await use(page);
    assert.deepEqual(heard, []);
  } finally {
    await page.close();
  }
}

/** Sets fields by selectors, one after the other, as somebody who types does. */
export async function fill(page: Page, fields: readonly (readonly [selector: string, value: string])[]): Promise<void> {
  await page.evaluate((entries) => {
    for (const [selector, value] of entries) {
      const field = document.querySelector<HTMLInputElement>(selector);
      if (field === null) throw new Error(`no ${selector}`);
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }, fields);
}

/** The texts of the elements that a selector finds. */
export async function texts(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allTextContents();
}
