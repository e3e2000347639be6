import { address, anyText, basePath, boolean, ids, integer, line, pathBelow, words } from "./property-kinds.ts";

const web = "management.endpoints.web";
const healthEndpoint = "management.endpoint.health";
const security = "spring.cloud.streamapp.security";

const SHOW = { never: "never", "when-authorized": "when-authorized", when_authorized: "when-authorized", always: "always" } as const;
const ACCESS = { none: "none", "read-only": "read-only", read_only: "read-only", unrestricted: "unrestricted" } as const;

/** The HTTP endpoints: which there are, where, and who may use them. */
export const ACTUATOR_PROPERTIES = {
  managementPort: integer(
    {
      name: "management.server.port",
      default: null,
      defaultMeaning: "`server.port`",
      description: "Port of the endpoints alone; 0 takes a free one, -1 has no endpoints.",
    },
    { min: -1, max: 65_535 },
  ),
  managementAddress: address({
    name: "management.server.address",
    default: "",
    defaultMeaning: "all interfaces",
    description: "Address that the endpoints listen on; it needs a port of their own, as in Boot.",
  }),
  managementBasePath: basePath({
    name: "management.server.base-path",
    default: "",
    description: "Path before `management.endpoints.web.base-path`, where the endpoints have a port of their own.",
  }),
  endpointsBasePath: basePath({ name: `${web}.base-path`, default: "/actuator", description: "Path that the endpoints are below." }),
  endpointPath: pathBelow({
    name: `${web}.path-mapping.<id>`,
    default: null,
    defaultMeaning: "the id",
    description: "Path of one endpoint below the base path.",
  }),
  exposureInclude: ids(
    {
      name: `${web}.exposure.include`,
      default: "health,info,bindings",
      description: "Endpoints that are served, of bindings, env, health, info, loggers, metrics, prometheus and shutdown.",
    },
    "endpoint ids",
  ),
  exposureExclude: ids(
    { name: `${web}.exposure.exclude`, default: "", description: "Endpoints that are not served, whatever is included." },
    "endpoint ids",
  ),
  hasLinks: boolean({ name: `${web}.discovery.enabled`, default: "true", description: "Whether the base path lists the endpoints." }),
  hasPage: boolean({
    name: "router.page.enabled",
    default: "false",
    description: "Whether the page is served, at `page/` below the path of the endpoints and where they are.",
  }),
  endpointAccess: words(
    {
      name: "management.endpoint.<id>.access",
      default: null,
      defaultMeaning: "`management.endpoints.access.default`",
      description: "What may be done with one endpoint.",
    },
    "none, read-only or unrestricted",
    ACCESS,
  ),
  defaultAccess: words(
    {
      name: "management.endpoints.access.default",
      default: null,
      defaultMeaning: "`none` for shutdown, `unrestricted` for others",
      description: "What may be done with the endpoints.",
    },
    "none, read-only or unrestricted",
    ACCESS,
  ),
  accessMax: words(
    { name: "management.endpoints.access.max-permitted", default: "unrestricted", description: "Most that may be done with any endpoint." },
    "none, read-only or unrestricted",
    ACCESS,
  ),
  endpointEnabled: boolean({
    name: "management.endpoint.<id>.enabled",
    default: null,
    defaultMeaning: "`management.endpoint.<id>.access`",
    description: "Older form of `access`: `true` is unrestricted, `false` is none.",
  }),
  adminUser: line({
    name: `${security}.admin-user`,
    default: null,
    defaultMeaning: "none: everybody may do everything that is served",
    description: "User who alone may POST, and see other endpoints than health, info and bindings.",
  }),
  adminPassword: line({
    name: `${security}.admin-password`,
    default: null,
    defaultMeaning: "none",
    description: "The user's password. It comes over plain HTTP, so the network has to be trusted.",
  }),
  hasSecurity: boolean({ name: `${security}.enabled`, default: "true", description: "Whether user and password count." }),
  hasShutdownPath: boolean({
    name: "endpoints.shutdown.enabled",
    default: "false",
    description:
      "Whether `POST /shutdown`, without credentials, ends the app as SIGTERM does. Data Flow's local deployer sets it and waits for the end.",
  }),
  showDetails: words(
    { name: `${healthEndpoint}.show-details`, default: "never", description: "Who sees the details of the health." },
    "never, when-authorized or always",
    SHOW,
  ),
  showComponents: words(
    {
      name: `${healthEndpoint}.show-components`,
      default: null,
      defaultMeaning: "as `show-details`",
      description: "Who sees the components of the health.",
    },
    "never, when-authorized or always",
    SHOW,
  ),
  hasProbes: boolean({
    name: `${healthEndpoint}.probes.enabled`,
    default: "true",
    description: "Whether the health has the two states and their groups, liveness and readiness.",
  }),
  hasProbePaths: boolean({
    name: `${healthEndpoint}.probes.add-additional-paths`,
    default: "false",
    description: "Whether `server.port` serves the groups as `/livez` and `/readyz`, too.",
  }),
  groupInclude: ids(
    {
      name: `${healthEndpoint}.group.<group>.include`,
      default: null,
      defaultMeaning: "`livenessState` of the group liveness, `readinessState` of readiness",
      description: "Components of a group of the health: binders, livenessState, ping and readinessState.",
    },
    "components",
  ),
  groupExclude: ids(
    { name: `${healthEndpoint}.group.<group>.exclude`, default: "", description: "Components that the group does not have." },
    "components",
  ),
  healthHttpStatus: integer(
    {
      name: `${healthEndpoint}.status.http-mapping.<status>`,
      default: null,
      defaultMeaning: "503 of a group or component that is down or out-of-service, else 200",
      description: "HTTP status for a status of the health. `down=503` restores Boot's answer while Kafka is away.",
    },
    { min: 200, max: 599 },
  ),
  hasBinderHealth: boolean({
    name: "management.health.binders.enabled",
    default: "true",
    description: "Whether the health has the connection to Kafka in it.",
  }),
  showValues: words(
    {
      name: "management.endpoint.env.show-values",
      default: "never",
      description: "Who sees the values of properties; those of secrets nobody does.",
    },
    "never, when-authorized or always",
    SHOW,
  ),
  hasInfoEnv: boolean({
    name: "management.info.env.enabled",
    default: "true",
    description: "Whether the properties below `info.` are told by the endpoint info.",
  }),
  infoValue: anyText({
    name: "info.<key>",
    default: null,
    defaultMeaning: "none",
    description: "Something for the endpoint info to tell; secrets are masked.",
  }),
} as const;
