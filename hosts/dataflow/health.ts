/** Health of one component, or of all: Boot's four. */
export type HealthStatus = "DOWN" | "OUT_OF_SERVICE" | "UP" | "UNKNOWN";

/** Whether the process works: BROKEN asks the platform for a restart. */
export type Liveness = "CORRECT" | "BROKEN";

/** Whether the app does its work right now. */
export type Readiness = "ACCEPTING_TRAFFIC" | "REFUSING_TRAFFIC";

/** The app's health, set by whoever knows and read by the HTTP endpoints. */
export interface Health {
  /** Sets the status of one component; `binders` is the connection to Kafka. */
  setComponent(name: string, status: HealthStatus): void;
  setLiveness(liveness: Liveness): void;
  setReadiness(readiness: Readiness): void;
  /** CORRECT is UP, BROKEN is DOWN. */
  livenessStatus(): HealthStatus;
  /** ACCEPTING_TRAFFIC is UP, REFUSING_TRAFFIC is OUT_OF_SERVICE. */
  readinessStatus(): HealthStatus;
  /** The worst of all components and of the two states, which Boot counts as components. */
  status(): HealthStatus;
}

/** Worst first: the order of Boot's SimpleStatusAggregator. UNKNOWN comes last, so that it never hides what is known. */
const STATUS_ORDER: readonly HealthStatus[] = ["DOWN", "OUT_OF_SERVICE", "UP", "UNKNOWN"];

/** Returns the health of an app that has just started: alive, not yet ready, nothing known of the brokers. */
export function createHealth(): Health {
  const components = new Map<string, HealthStatus>([["binders", "UNKNOWN"]]);
  let liveness: Liveness = "CORRECT";
  let readiness: Readiness = "REFUSING_TRAFFIC";
  const livenessStatus = (): HealthStatus => (liveness === "CORRECT" ? "UP" : "DOWN");
  const readinessStatus = (): HealthStatus => (readiness === "ACCEPTING_TRAFFIC" ? "UP" : "OUT_OF_SERVICE");
  return {
    setComponent(name, status) {
      components.set(name, status);
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
      const statuses = new Set([...components.values(), livenessStatus(), readinessStatus()]);
      return STATUS_ORDER.find((status) => statuses.has(status)) ?? "UNKNOWN";
    },
  };
}
