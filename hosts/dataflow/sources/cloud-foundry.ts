import type { Env } from "./environment-variables.ts";
import { flatten, parseObject } from "./application-json.ts";
import { namedSource, type PropertyEntry, type PropertySource } from "./property-source.ts";

const APPLICATION = "VCAP_APPLICATION";
const SERVICES = "VCAP_SERVICES";

/** Returns the source with what Cloud Foundry says of the app and of the services bound to it; elsewhere it is empty. */
export function vcapSource(env: Env): PropertySource {
  const application = env[APPLICATION];
  const services = env[SERVICES];
  return namedSource({ name: "VCAP", bootName: "vcap" }, [
    ...(isSet(application) ? flatten(APPLICATION, parseObject(APPLICATION, application), "vcap.application.") : []),
    ...(isSet(services) ? servicesOf(parseObject(SERVICES, services)) : []),
  ]);
}

/**
 * Returns the source with the port that Cloud Foundry routes requests to, since the deployer takes `server.port` out there. A `PORT` elsewhere
 * may mean anything.
 */
export function cloudFoundryPortSource(env: Env): PropertySource {
  const port = isSet(env[APPLICATION]) ? env["PORT"] : undefined;
  const entries = port === undefined ? [] : [{ name: "server.port", value: port, origin: 'System Environment Property "PORT"' }];
  return namedSource({ name: "PORT", bootName: "cloudFoundryPort" }, entries);
}

/** `{"<offering>": [{"name": "<instance>", …}]}` by the instances' names. */
function servicesOf(root: object): readonly PropertyEntry[] {
  const instances = Object.values(root).flatMap((list: unknown): readonly unknown[] => (Array.isArray(list) ? list : []));
  return instances.flatMap((instance) => {
    if (typeof instance !== "object" || instance === null) return [];
    const { name, label } = instance as { readonly name?: unknown; readonly label?: unknown };
    const known = [name, label].find((candidate) => typeof candidate === "string");
    return known === undefined ? [] : flatten(SERVICES, instance, `vcap.services.${known}.`);
  });
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}
