/** A browser, and a server of the few files that its pages need. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

export type { Browser } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Why there is no browser here, or null. With `CI=true` that is an error, so that a build cannot pass by skipping. */
export function browserMissing(): string | null {
  if (existsSync(CHROMIUM)) return null;
  const reason = `A browser is missing: install chromium, so that there is ${CHROMIUM}.`;
  if (process.env["CI"] === "true") throw new Error(`Tests in a browser must run when CI=true. ${reason}`);
  return reason;
}

/** Starts the browser. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM });
}

/** A file that is served: a path on this machine, or text; with a policy of its own where it must differ. */
export interface Served {
  readonly body: { readonly path: string } | { readonly text: string };
  readonly policy?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
};

/** Serves files by their paths, all of them under a content security policy. Returns the address of the server, and what ends it. */
export async function serve(files: Readonly<Record<string, Served>>, policy: string): Promise<{ url: string; close: () => void }> {
  const server = createServer(({ url = "/" }, response) => {
    const file = files[url];
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[url.slice(url.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-security-policy": file.policy ?? policy });
    response.end("path" in file.body ? readFileSync(file.body.path) : file.body.text);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
