/** Health of one component, or of all: Boot's four. */
export type HealthStatus = "DOWN" | "OUT_OF_SERVICE" | "UP" | "UNKNOWN";

/** Whether the process works: BROKEN asks the platform for a restart. */
export type Liveness = "CORRECT" | "BROKEN";

/** Whether the app does its work right now. */
export type Readiness = "ACCEPTING_TRAFFIC" | "REFUSING_TRAFFIC";

/** Health of one part of the app, with its parts or what else is to know of it. */
export interface HealthComponent {
  readonly status: HealthStatus;
  readonly components?: HealthComponents;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Components by name. */
export type HealthComponents = Readonly<Record<string, HealthComponent>>;

/** Where the health of the connection to Kafka is told. */
export interface BinderHealth {
  /** Sets the status of one component; `binders` is the connection to Kafka. */
  setComponent(name: string, status: HealthStatus): void;
  /** Says how to find out what else is to know of the binder. */
  setBinderDetails(details: () => Readonly<Record<string, unknown>>): void;
}

/** The app's health, set by whoever knows and read by the HTTP endpoints. */
export interface Health extends BinderHealth {
  setLiveness(liveness: Liveness): void;
  setReadiness(readiness: Readiness): void;
  /** CORRECT is UP, BROKEN is DOWN. */
  livenessStatus(): HealthStatus;
  /** ACCEPTING_TRAFFIC is UP, REFUSING_TRAFFIC is OUT_OF_SERVICE. */
  readinessStatus(): HealthStatus;
  /** The worst of all components and of the two states, which Boot counts as components. */
  status(): HealthStatus;
  /** All of them, sorted by name. */
  components(): HealthComponents;
}

/** Names of the components. */
export const HEALTH_COMPONENTS = ["binders", "livenessState", "ping", "readinessState"] as const;

/** Worst first: the order of Boot's SimpleStatusAggregator. UNKNOWN comes last, so that it never hides what is known. */
const STATUS_ORDER: readonly HealthStatus[] = ["DOWN", "OUT_OF_SERVICE", "UP", "UNKNOWN"];

/** Returns the worst of the statuses, as Boot does. */
export function worstOf(statuses: readonly HealthStatus[]): HealthStatus {
  return STATUS_ORDER.find((status) => statuses.includes(status)) ?? "UNKNOWN";
}

function nothing(): Readonly<Record<string, unknown>> {
  return {};
}

/** Returns the health of an app that has just started: alive, not yet ready, nothing known of the brokers. */
export function createHealth(): Health {
  const components = new Map<string, HealthStatus>([["binders", "UNKNOWN"]]);
  let binderDetails: () => Readonly<Record<string, unknown>> = nothing;
  let liveness: Liveness = "CORRECT";
  let readiness: Readiness = "REFUSING_TRAFFIC";
  const livenessStatus = (): HealthStatus => (liveness === "CORRECT" ? "UP" : "DOWN");
  const readinessStatus = (): HealthStatus => (readiness === "ACCEPTING_TRAFFIC" ? "UP" : "OUT_OF_SERVICE");
  const describe = (name: string, status: HealthStatus): HealthComponent =>
    name === "binders" ? { status, components: { kafka: { status, details: binderDetails() } } } : { status };
  return {
    setComponent(name, status) {
      components.set(name, status);
    },
    setBinderDetails(details) {
      binderDetails = details;
    },
    setLiveness(state) {
      liveness = state;
    },
    setReadiness(state) {
      readiness = state;
    },
    livenessStatus,
    readinessStatus,
    status() {
      return worstOf([...components.values(), livenessStatus(), readinessStatus()]);
    },
    components() {
      const all: (readonly [string, HealthComponent])[] = [
        ...[...components].map(([name, status]) => [name, describe(name, status)] as const),
        ["livenessState", { status: livenessStatus() }],
        ["ping", { status: "UP" }],
        ["readinessState", { status: readinessStatus() }],
      ];
      return Object.fromEntries(all.toSorted(([left], [right]) => (left < right ? -1 : 1)));
    },
  };
}
