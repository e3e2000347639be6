/** Checks manifests by the schemas of Kubernetes and of KEDA, and finds fields that these don't have, which a cluster would drop. */
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";

type Fields = Readonly<Record<string, unknown>>;

/** A kind of object, as far as it is needed here. */
interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly prototype: { validate(this: object): void };
}

const KINDS: readonly Kind[] = [Deployment, ScaledObject];

/** Returns what is wrong with a manifest: one line each, with the path of the field. */
export function manifestFaults(manifest: unknown): readonly string[] {
  const { apiVersion, kind } = manifest as Fields;
  const Model = KINDS.find((known) => known.apiVersion === apiVersion && known.kind === kind);
  if (Model === undefined) return [`there is no ${String(apiVersion)} ${String(kind)}`];
  const unread = new Set<string>();
  try {
    // Not by an instance, which would be a copy.
    Model.prototype.validate.call(watched(manifest as object, "", unread));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [...unread].map((path) => `${path} is no field`);
}

/**
 * Returns the object, and all in it, with a note of the fields that nobody has read. A schema's check reads each field that it knows, so the
 * others are unknown to it.
 */
function watched(value: object, path: string, unread: Set<string>): object {
  for (const key of Object.keys(value)) unread.add(`${path}/${key}`);
  const children = new Map<string, unknown>();
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const child: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== "string" || !Object.hasOwn(target, key)) return child;
      unread.delete(`${path}/${key}`);
      if (typeof child !== "object" || child === null) return child;
      if (!children.has(key)) children.set(key, watched(child, `${path}/${key}`, unread));
      return children.get(key);
    },
  });
}
