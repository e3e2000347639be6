/** Which operation answers on which path. */
import { needsAdmin } from "./access.ts";
import type { Endpoint, Method, Operation } from "./endpoint.ts";
import { linksOperation, type Paths } from "./links.ts";

/** What is served on one path. */
export interface Route {
  readonly path: string;
  /** Whether something follows the path: nothing, one segment, or several. */
  readonly variable: "none" | "one" | "many";
  readonly operations: readonly Operation[];
  /** Whether only the administrator may do this, where there is one. */
  readonly needsAdmin: (method: Method) => boolean;
}

/** Returns the routes of the endpoints, and of their list. */
export function routesOf(endpoints: readonly Endpoint[], paths: Paths, hasLinks: boolean): readonly Route[] {
  const routes = endpoints.flatMap(({ id, operations }) =>
    [...Map.groupBy(operations, ({ variable }) => variable)].map(([variable, group]) => ({
      path: `${paths.base}/${paths.byId[id]}`,
      variable: variable === null ? ("none" as const) : variable.startsWith("*") ? ("many" as const) : ("one" as const),
      operations: group,
      needsAdmin: (method: Method) => needsAdmin(id, method),
    })),
  );
  // As in Boot: the links would take the root from whatever else may be there.
  return hasLinks && paths.base !== "" ? [openRoute(paths.base, linksOperation(endpoints, paths)), ...routes] : routes;
}

/** Returns the route of one operation that everybody may use. */
export function openRoute(path: string, operation: Operation): Route {
  return { path, variable: "none", operations: [operation], needsAdmin: () => false };
}
