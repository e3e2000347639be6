/** The endpoint of the app's health: the whole, its groups for probes, and its components one by one. */
import { worstOf, type Health, type HealthComponent, type HealthComponents, type HealthStatus } from "../health.ts";
import { ACTUATOR_TYPES, NOT_FOUND, reading, type Answer, type Endpoint, type Operation, type OperationRequest } from "./endpoint.ts";

/** Who sees something. */
export type Show = "never" | "when-authorized" | "always";

/** How health is shown. */
export interface HealthOptions {
  readonly showComponents: Show;
  readonly showDetails: Show;
  /** HTTP status by health, where an operator has set it. */
  readonly httpMapping: Readonly<Partial<Record<HealthStatus, number>>>;
  /** The components that there are. */
  readonly components: readonly string[];
  /** The components of each group. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** Returns the endpoint of the health. */
export function healthEndpoint(health: Health, options: HealthOptions): Endpoint {
  return {
    id: "health",
    operations: [
      reading(null, (request) => wholeAnswer(health, options, request)),
      reading("*path", (request) => {
        const [first = "", ...rest] = request.selector.split("/");
        if (Object.hasOwn(options.groups, first)) return groupAnswer(componentsOf(health, options.groups[first]), rest, options, request);
        const path = [first, ...rest];
        const components = componentsOf(health, options.components);
        return isShown(options.showComponents, request) ? componentAnswer(components, path, options, request) : NOT_FOUND;
      }),
    ],
  };
}

/** Returns the operation that tells the health of one group, for the paths outside of the endpoint. */
export function groupOperation(health: Health, options: HealthOptions, group: string): Operation {
  return reading(null, (request) => groupAnswer(componentsOf(health, options.groups[group]), [], options, request));
}

function componentsOf(health: Health, names: readonly string[] = []): HealthComponents {
  return Object.fromEntries(Object.entries(health.components()).filter(([name]) => names.includes(name)));
}

function statusOf(components: HealthComponents): HealthStatus {
  return worstOf(Object.values(components).map(({ status }) => status));
}

/**
 * Boot answers 503 for any DOWN. Data Flow uses this endpoint as liveness probe, though, and a broker that is away is no reason to restart the
 * pod, so only a broken process answers 503; the body tells the whole story.
 */
function wholeAnswer(health: Health, options: HealthOptions, request: OperationRequest): Answer {
  const components = componentsOf(health, options.components);
  const status = statusOf(components);
  const httpStatus = options.httpMapping[status] ?? (health.livenessStatus() === "UP" ? 200 : 503);
  const groups = Object.keys(options.groups);
  return { status: httpStatus, json: { ...shown({ status, components }, options, request), ...(groups.length === 0 ? {} : { groups }) } };
}

function groupAnswer(components: HealthComponents, path: readonly string[], options: HealthOptions, request: OperationRequest): Answer {
  if (path.length === 0) return statusAnswer({ status: statusOf(components), components }, options, request);
  return isShown(options.showComponents, request) ? componentAnswer(components, path, options, request) : NOT_FOUND;
}

function componentAnswer(components: HealthComponents, path: readonly string[], options: HealthOptions, request: OperationRequest): Answer {
  const [name = "", ...rest] = path;
  const component = Object.hasOwn(components, name) ? components[name] : undefined;
  if (component === undefined) return NOT_FOUND;
  return rest.length === 0
    ? statusAnswer(component, options, request)
    : componentAnswer(component.components ?? {}, rest, options, request);
}

/** With Boot's status of HTTP. */
function statusAnswer(component: HealthComponent, options: HealthOptions, request: OperationRequest): Answer {
  const { status } = component;
  const usual = status === "DOWN" || status === "OUT_OF_SERVICE" ? 503 : 200;
  return { status: options.httpMapping[status] ?? usual, json: shown(component, options, request) };
}

/** Returns what may be shown of a component. In the older of Boot's two formats its parts are called details. */
function shown({ status, components, details }: HealthComponent, options: HealthOptions, request: OperationRequest): object {
  const parts = components !== undefined && isShown(options.showComponents, request) ? components : null;
  const isOlder = request.type === ACTUATOR_TYPES[1];
  return {
    status,
    ...(parts === null
      ? {}
      : {
          [isOlder ? "details" : "components"]: Object.fromEntries(
            Object.entries(parts).map(([name, part]) => [name, shown(part, options, request)]),
          ),
        }),
    ...(details !== undefined && isShown(options.showDetails, request) ? { details } : {}),
  };
}

function isShown(show: Show, { isAdmin }: OperationRequest): boolean {
  return show === "always" || (show === "when-authorized" && isAdmin);
}
