/** The page beside the endpoints: files that anybody may read, and `router.json`, by which the page finds the endpoints. */
import { readFile, readdir } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answer, Endpoint } from "./endpoint.ts";
import type { Paths } from "./links.ts";
import { openRoute, type Route } from "./routes.ts";

/** A file of the page, by its path below the page's. */
export interface PageFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const FOLDER = new URL("../../../build/page/", import.meta.url);
const ROUTER_FILE = "router.json";
const INDEX = "index.html";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What the page's own policy can't say, since it is in the page. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Reads the page, which is small enough to stay in memory. Throws when it has not been built. */
export async function readPage(folder: URL = FOLDER): Promise<readonly PageFile[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const root = fileURLToPath(folder);
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
    return await Promise.all(
      paths.map(async (path) => ({ path: path.slice(root.length).replace(/^\/+/u, ""), bytes: new Uint8Array(await readFile(path)) })),
    );
  } catch (cause) {
    throw new Error("router.page.enabled: the page has not been built; npm run build:page does that", { cause });
  }
}

/** Returns the routes of the page, at `page/` below the path of the endpoints. They are given as they are served. */
export function pageRoutes(files: readonly PageFile[], endpoints: readonly Endpoint[], { base, byId }: Paths): readonly Route[] {
  const routerFile = {
    path: ROUTER_FILE,
    // Relative, so that they hold behind a proxy that puts something before all paths.
    bytes: Buffer.from(JSON.stringify({ endpoints: Object.fromEntries(endpoints.map(({ id }) => [id, `../${byId[id]}`])) })),
  };
  const served = [...files.filter(({ path }) => path !== ROUTER_FILE), routerFile];
  return [
    // The addresses in the page are relative, too.
    fileRoute(`${base}/page`, { status: 308, bytes: new Uint8Array(), headers: { Location: "page/" } }),
    ...served.map((file) => fileRoute(`${base}/page/${file.path === INDEX ? "" : file.path}`, answerOf(file))),
  ];
}

function fileRoute(path: string, answer: Answer): Route {
  return openRoute(path, { method: "GET", variable: null, produces: [], takesBody: false, answer: () => answer });
}

function answerOf({ path, bytes }: PageFile): Answer {
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  return { status: 200, bytes, headers: { "Content-Type": type, "Cache-Control": "no-cache", ...SECURITY_HEADERS } };
}
