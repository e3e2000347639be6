/** The page of links: what there is to find, for programs that look. */
import { ok, reading, type Endpoint, type EndpointId, type Operation } from "./endpoint.ts";

/** Where endpoints are served. */
export interface Paths {
  /** Path of the links, without a `/` at its end; empty for the root, where Boot has no links. */
  readonly base: string;
  /** The last part of each endpoint's path. */
  readonly byId: Readonly<Record<EndpointId, string>>;
}

/** Returns the operation that lists the endpoints. */
export function linksOperation(endpoints: readonly Endpoint[], { base, byId }: Paths): Operation {
  const links = endpoints.flatMap(({ id, operations }) => {
    const variables = new Set(operations.map(({ variable }) => variable));
    return [...variables].map((variable) => ({
      // Boot has the variable's name in the link's, without what says that it takes several segments.
      name: variable === null ? id : `${id}-${variable.replace("*", "")}`,
      path: `${base}/${byId[id]}${variable === null ? "" : `/{${variable}}`}`,
      templated: variable !== null,
    }));
  });
  return reading(null, ({ origin }) =>
    ok({
      _links: Object.fromEntries([
        ["self", { href: origin + base, templated: false }],
        ...links.map(({ name, path, templated }) => [name, { href: origin + path, templated }]),
      ]),
    }),
  );
}
