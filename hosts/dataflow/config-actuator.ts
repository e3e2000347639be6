import { lowerAccess, type Access, type Credentials, type Exposure } from "./actuator/access.ts";
import { ENDPOINT_IDS, type EndpointId } from "./actuator/endpoint.ts";
import type { HealthOptions, Show } from "./actuator/health.ts";
import { quoted } from "./config-error.ts";
import { HEALTH_COMPONENTS, type HealthStatus } from "./health.ts";
import { propertyFault, type Properties } from "./properties.ts";
import { canonicalName } from "./property-name.ts";
import type { Property } from "./property.ts";
import { PROPERTIES } from "./schema.ts";
import { isSecret, MASK } from "./secrets.ts";

/** The HTTP endpoints: which there are, where, and who may use them. */
export interface ActuatorConfig {
  readonly actuator: {
    /** `shared` is the app's own port, `none` has no endpoints. */
    readonly port: number | "none" | "shared";
    /** Of a port of their own; null for all interfaces. */
    readonly address: string | null;
    /** Without a `/` at its end; empty for the root. */
    readonly basePath: string;
    /** The last part of each endpoint's path. */
    readonly paths: Readonly<Record<EndpointId, string>>;
    readonly exposure: Exposure;
    readonly access: Readonly<Record<EndpointId, Access>>;
    readonly hasLinks: boolean;
    /** Whether the page is served beside the endpoints. */
    readonly hasPage: boolean;
    /** Null where everybody may do everything. */
    readonly admin: Credentials | null;
    readonly hasShutdownPath: boolean;
    readonly hasProbePaths: boolean;
    readonly health: HealthOptions;
    readonly showValues: Show;
    /** What an operator has the endpoint info tell: values by key, the parts of a key with dots between. */
    readonly info: Readonly<Record<string, string>>;
  };
}

/** Reads how the endpoints are served. */
export function readActuator(properties: Properties): ActuatorConfig {
  const ownPort = properties.readIfSet(PROPERTIES.managementPort)?.value ?? null;
  const port = placeOf(ownPort, properties.read(PROPERTIES.serverPort));
  const before = port === "shared" ? "" : properties.read(PROPERTIES.managementBasePath);
  return {
    actuator: {
      port,
      address: readAddress(properties, port),
      basePath: before + properties.read(PROPERTIES.endpointsBasePath),
      paths: byId((id) => readOf(properties, PROPERTIES.endpointPath, id) ?? id),
      exposure: { include: properties.read(PROPERTIES.exposureInclude), exclude: properties.read(PROPERTIES.exposureExclude) },
      access: byId((id) => readAccess(properties, id)),
      hasLinks: properties.read(PROPERTIES.hasLinks),
      hasPage: properties.read(PROPERTIES.hasPage),
      admin: readAdmin(properties),
      hasShutdownPath: properties.read(PROPERTIES.hasShutdownPath),
      hasProbePaths: properties.read(PROPERTIES.hasProbePaths) && properties.read(PROPERTIES.hasProbes),
      health: readHealth(properties),
      showValues: properties.read(PROPERTIES.showValues),
      info: properties.read(PROPERTIES.hasInfoEnv) ? readInfo(properties) : {},
    },
  };
}

/** As in Boot, an address that can't be listened on is a mistake: somebody relies on the endpoints' being nowhere else. */
function readAddress(properties: Properties, port: ActuatorConfig["actuator"]["port"]): string | null {
  const set = properties.readIfSet(PROPERTIES.managementAddress);
  if (set === null || set.value === "") return null;
  if (port !== "shared") return set.value;
  const cure = `set ${PROPERTIES.managementPort.name}, or ${PROPERTIES.serverAddress.name} for all of the HTTP side`;
  throw propertyFault(set.name, set.found, `the endpoints have no port of their own; ${cure}`);
}

/** Of two equal ports there is one; 0 twice are two free ones. */
function placeOf(ownPort: number | null, serverPort: number): ActuatorConfig["actuator"]["port"] {
  if (ownPort === null || (ownPort === serverPort && ownPort !== 0)) return "shared";
  return ownPort === -1 ? "none" : ownPort;
}

function byId<Value>(read: (id: EndpointId) => Value): Readonly<Record<EndpointId, Value>> {
  return Object.fromEntries(ENDPOINT_IDS.map((id) => [id, read(id)])) as Record<EndpointId, Value>;
}

/** The value of a property with a `<…>` in its name, or null where none is set. */
function readOf<Value>(properties: Properties, property: Property<Value>, key: string): Value | null {
  return properties.readIfSet(property, property.name.replace(/<\w+>/u, key))?.value ?? null;
}

function readAccess(properties: Properties, id: EndpointId): Access {
  const isEnabled = readOf(properties, PROPERTIES.endpointEnabled, id);
  const older = isEnabled === null ? null : isEnabled ? "unrestricted" : "none";
  const general = properties.readIfSet(PROPERTIES.defaultAccess)?.value ?? (id === "shutdown" ? "none" : "unrestricted");
  return lowerAccess(readOf(properties, PROPERTIES.endpointAccess, id) ?? older ?? general, properties.read(PROPERTIES.accessMax));
}

/** Half of the credentials would leave open what somebody meant to close. */
function readAdmin(properties: Properties): Credentials | null {
  const { adminUser, adminPassword } = PROPERTIES;
  const user = properties.readIfSet(adminUser);
  const password = properties.readIfSet(adminPassword);
  if (user === null && password === null) return null;
  if (user === null || user.value === "") throw propertyFault(adminUser.name, user?.found, `is missing, and ${adminPassword.name} is set`);
  if (password === null || password.value === "")
    throw propertyFault(adminPassword.name, password?.found, `is missing, and ${adminUser.name} is set`);
  if (user.value.includes(":")) throw propertyFault(adminUser.name, user.found, "has a colon in it, which HTTP Basic can't carry");
  return properties.read(PROPERTIES.hasSecurity) ? { user: user.value, password: password.value } : null;
}

/** By the last part of its property's name. */
const STATUSES: readonly (readonly [key: string, status: HealthStatus])[] = [
  ["down", "DOWN"],
  ["out-of-service", "OUT_OF_SERVICE"],
  ["up", "UP"],
  ["unknown", "UNKNOWN"],
];

/** Those parts. */
export const STATUS_KEYS: readonly string[] = STATUSES.map(([key]) => key);

function readHealth(properties: Properties): HealthOptions {
  const showDetails = properties.read(PROPERTIES.showDetails);
  const hasProbes = properties.read(PROPERTIES.hasProbes);
  const hasBinders = properties.read(PROPERTIES.hasBinderHealth);
  const components = HEALTH_COMPONENTS.filter((name) => (name === "binders" ? hasBinders : name === "ping" || hasProbes));
  const mapped = STATUSES.flatMap(([key, status]) => {
    const httpStatus = readOf(properties, PROPERTIES.healthHttpStatus, key);
    return httpStatus === null ? [] : [[status, httpStatus] as const];
  });
  return {
    showComponents: properties.readIfSet(PROPERTIES.showComponents)?.value ?? showDetails,
    showDetails,
    httpMapping: Object.fromEntries(mapped),
    components,
    groups: readGroups(properties, hasProbes),
  };
}

/** Returns the components of each group, sorted by the groups' names: those for probes, and those that an operator has made. */
function readGroups(properties: Properties, hasProbes: boolean): HealthOptions["groups"] {
  const { groupInclude, groupExclude } = PROPERTIES;
  const keys = properties.keysUnder("management.endpoint.health.group");
  // A list may be given element by element.
  const member = /[._](?:include|exclude)(?:\[\d+\]|_\d+)?$/iu;
  const own = keys.filter(({ key }) => member.test(key)).map(({ key }) => key.replace(member, ""));
  // Spellings of one name are one group: that of the source that wins.
  const nameByCanonical = new Map(
    [...own.toReversed(), ...(hasProbes ? Object.keys(PROBE_GROUPS) : [])].map((name) => [canonicalName(name), name]),
  );
  return Object.fromEntries(
    [...nameByCanonical.values()].toSorted().map((name) => {
      const exclude = membersOf(properties, groupExclude, name) ?? [];
      const include = membersOf(properties, groupInclude, name) ?? PROBE_GROUPS[name] ?? HEALTH_COMPONENTS;
      return [name, include.filter((component) => !exclude.includes(component))];
    }),
  );
}

/** The groups for probes, and what they have by themselves. */
const PROBE_GROUPS: Readonly<Record<string, readonly string[]>> = { liveness: ["livenessState"], readiness: ["readinessState"] };

/** As in Boot, a component that there is not is a mistake: somebody relies on what the group does not look at. */
function membersOf(properties: Properties, property: typeof PROPERTIES.groupInclude, group: string): readonly string[] | null {
  const set = properties.readIfSet(property, property.name.replace("<group>", group));
  if (set === null) return null;
  if (set.value.includes("*")) return HEALTH_COMPONENTS;
  const unknown = set.value.find((id) => !HEALTH_COMPONENTS.some((name) => name.toLowerCase() === id));
  if (unknown !== undefined) {
    throw propertyFault(set.name, set.found, `${quoted(unknown)} is no component; allowed: ${HEALTH_COMPONENTS.join(", ")}, or *`);
  }
  return HEALTH_COMPONENTS.filter((name) => set.value.includes(name.toLowerCase()));
}

/** Anybody may read it, and a variable such as INFO_API_TOKEN is in it, too. */
function readInfo(properties: Properties): Readonly<Record<string, string>> {
  const keys = new Set(properties.keysUnder("info").map(({ key }) => key));
  return Object.fromEntries(
    [...keys].map((key) => {
      const name = PROPERTIES.infoValue.name.replace("<key>", key);
      const set = properties.readIfSet(PROPERTIES.infoValue, name);
      return [key, set !== null && (set.found.isSecret || isSecret(name)) ? MASK : (set?.value ?? "")];
    }),
  );
}
