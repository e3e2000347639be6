/** Who may see and do what: which endpoints are exposed, what may be done with them, and who is the administrator. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Endpoint, EndpointId, Method } from "./endpoint.ts";

/** What may be done with an endpoint: Boot's levels. */
export type Access = "none" | "read-only" | "unrestricted";

/** User and password of HTTP Basic. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Which endpoints are served. Ids are in lower case; `*` stands for all. */
export interface Exposure {
  readonly include: readonly string[];
  /** Goes before `include`. */
  readonly exclude: readonly string[];
}

const LEVELS: readonly Access[] = ["none", "read-only", "unrestricted"];

/** Returns the lower of two levels. */
export function lowerAccess(left: Access, right: Access): Access {
  return LEVELS.indexOf(left) < LEVELS.indexOf(right) ? left : right;
}

/** Returns the endpoints that are exposed, each with the operations that its level allows; one that has none left is not served. */
export function accessible(
  endpoints: readonly Endpoint[],
  { include, exclude }: Exposure,
  access: Readonly<Record<EndpointId, Access>>,
): readonly Endpoint[] {
  return endpoints
    .filter(({ id }) => isNamed(include, id) && !isNamed(exclude, id))
    .map(({ id, operations }) => ({ id, operations: operations.filter(({ method }) => allows(access[id], method)) }))
    .filter(({ operations }) => operations.length > 0);
}

function isNamed(list: readonly string[], id: string): boolean {
  return list.includes("*") || list.includes(id);
}

function allows(access: Access, method: Method): boolean {
  return access === "unrestricted" || (access === "read-only" && method === "GET");
}

/** What anybody may read of the stock apps, the list of links besides. */
const OPEN: ReadonlySet<EndpointId> = new Set(["health", "info", "bindings"]);

/** Whether only the administrator may do this, where there is one: the rule of the stock apps. */
export function needsAdmin(id: EndpointId, method: Method): boolean {
  return method === "POST" || !OPEN.has(id);
}

/** Whether these are the administrator's. The time that it takes tells nothing of how much of them is right. */
export function areSame(given: Credentials, admin: Credentials): boolean {
  const isUser = areSameText(given.user, admin.user);
  const isPassword = areSameText(given.password, admin.password);
  return isUser && isPassword;
}

/** Digests have one length, whatever the texts have. */
function areSameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
