/** The app's HTTP side: its endpoints on the app's port or on one of their own, and what Data Flow's platforms expect beside them. */
import type { Config } from "../config.ts";
import type { Health } from "../health.ts";
import type { LogLevels } from "../log-levels.ts";
import { accessible } from "./access.ts";
import { bindingsEndpoint, type Bindings } from "./bindings.ts";
import type { Endpoint } from "./endpoint.ts";
import { envEndpoint, type EnvOptions } from "./env.ts";
import { groupOperation, healthEndpoint } from "./health.ts";
import { infoEndpoint, type Info } from "./info.ts";
import { loggersEndpoint } from "./loggers.ts";
import { metricsEndpoint, prometheusEndpoint, type ReadMetrics } from "./metrics.ts";
import { pageRoutes, readPage, type PageFile } from "./page.ts";
import { openRoute, routesOf, type Route } from "./routes.ts";
import { startServer, type RequestTimeouts, type Server } from "./server.ts";
import { shutdownEndpoint, shutdownOperation } from "./shutdown.ts";

export interface ActuatorOptions {
  readonly config: Pick<Config, "actuator" | "server">;
  readonly health: Health;
  readonly info: Info;
  readonly levels: LogLevels;
  readonly metrics: ReadMetrics;
  readonly environment: Omit<EnvOptions, "showValues">;
  readonly bindings: Bindings;
  /** Ends the app as SIGTERM does. */
  readonly shutDown: () => void;
  /** Takes what should not have happened. */
  readonly onError: (error: unknown) => void;
  readonly timeouts?: RequestTimeouts;
}

/** The HTTP side, served. */
export interface Actuator {
  /** The app's port. */
  readonly port: number;
  /** The port of the endpoints, which may be the same, or null where there are none. */
  readonly managementPort: number | null;
  /** Stops to accept, and resolves when the running requests are answered. */
  close(): Promise<void>;
}

/** Starts to serve. Throws `ListenError` when a port or an address can't be had, and when there is to be a page and it has not been built. */
export async function startActuator(options: ActuatorOptions): Promise<Actuator> {
  const { actuator, server: place } = options.config;
  const shared = {
    admin: actuator.admin,
    onError: options.onError,
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  };
  const endpoints = endpointRoutes(options, actuator.hasPage ? await readPage() : []);
  const main = await startServer({
    ...shared,
    ...place,
    properties: "server",
    routes: actuator.port === "shared" ? [...platformRoutes(options), ...endpoints] : platformRoutes(options),
  });
  if (typeof actuator.port === "string") return { ...main, managementPort: actuator.port === "shared" ? main.port : null };
  const { port, address } = actuator;
  const management = await startServer({ ...shared, port, address, properties: "management.server", routes: endpoints }).catch(
    async (error: unknown) => {
      await main.close();
      throw error;
    },
  );
  return { port: main.port, managementPort: management.port, close: async () => closeAll([main, management]) };
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(async (server) => server.close()));
}

/** What platforms ask of the app's own port, whatever the port of the endpoints is. */
function platformRoutes({ config: { actuator }, health, shutDown }: ActuatorOptions): readonly Route[] {
  const probes = { liveness: "/livez", readiness: "/readyz" } as const;
  return [
    ...(actuator.hasShutdownPath ? [openRoute("/shutdown", shutdownOperation(shutDown))] : []),
    ...(actuator.hasProbePaths
      ? (["liveness", "readiness"] as const).map((group) => openRoute(probes[group], groupOperation(health, actuator.health, group)))
      : []),
  ];
}

function endpointRoutes(options: ActuatorOptions, page: readonly PageFile[]): readonly Route[] {
  const { actuator } = options.config;
  const endpoints: readonly Endpoint[] = [
    bindingsEndpoint(options.bindings),
    envEndpoint({ ...options.environment, showValues: actuator.showValues }),
    healthEndpoint(options.health, actuator.health),
    infoEndpoint(options.info),
    loggersEndpoint(options.levels),
    metricsEndpoint(options.metrics),
    prometheusEndpoint(options.metrics),
    shutdownEndpoint(options.shutDown),
  ];
  const served = accessible(endpoints, actuator.exposure, actuator.access);
  const paths = { base: actuator.basePath, byId: actuator.paths };
  return [...routesOf(served, paths, actuator.hasLinks), ...(page.length === 0 ? [] : pageRoutes(page, served, paths))];
}
