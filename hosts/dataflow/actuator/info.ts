/** The endpoint that tells what the app is. */
import { ok, reading, type Endpoint } from "./endpoint.ts";

/** What `info` says, by contributor. */
export type Info = Readonly<Record<string, unknown>>;

/** What the app tells of itself. */
export interface AppInfo {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/** Returns what the app tells of itself, and what an operator has it tell: values by key, which may be the same. */
export function readInfo(app: AppInfo, valueByKey: Readonly<Record<string, string>>): Info {
  const info = newBranch();
  for (const [key, value] of Object.entries(app)) branchAt(info, ["app"])[key] = value;
  // The shorter first, so that a key which is a leaf and a parent at once is the parent, in any order.
  for (const [key, value] of Object.entries(valueByKey).toSorted(([left], [right]) => left.length - right.length)) {
    const path = key.split(".");
    const leaf = path.pop() ?? "";
    branchAt(info, path)[leaf] = value;
  }
  return info;
}

interface Branch {
  [name: string]: string | Branch;
}

/** Whatever a key is called, it has no meaning of its own there. */
function newBranch(): Branch {
  return Object.create(null) as Branch;
}

/** Returns the branch at the end of a path, which is made where it is missing. */
function branchAt(root: Branch, path: readonly string[]): Branch {
  let branch = root;
  for (const name of path) {
    const next = branch[name];
    branch = typeof next === "object" ? next : (branch[name] = newBranch());
  }
  return branch;
}

/** Returns the endpoint that tells it. */
export function infoEndpoint(info: Info): Endpoint {
  return { id: "info", operations: [reading(null, () => ok(info))] };
}
