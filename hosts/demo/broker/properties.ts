/** Ports of the loopback interface: of a listener, and of the proxy before it. */
export interface ProxiedPorts {
  readonly listenerPort: number;
  readonly proxyPort: number;
}

/** The place of one node: its number, its ports on the loopback interface and the folder of its log segments. */
export interface NodePlace {
  readonly id: number;
  readonly brokerPort: number;
  readonly controllerPort: number;
  /** Of a second listener for clients, to which metadata leads them through a proxy; null for none. */
  readonly proxied: ProxiedPorts | null;
  /** Listeners besides, with their ports. */
  readonly secured: readonly (SecuredListener & { readonly port: number })[];
  readonly dataFolder: string;
}

/** A listener with TLS or SASL. Certificates and users are properties of its own. */
export interface SecuredListener {
  /** In capital letters. */
  readonly name: string;
  readonly protocol: "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** Without the prefix of the listener. */
  readonly properties: Readonly<Record<string, string | number>>;
}

/** A listener of a node: the name by which the properties speak of it, its port and its security protocol. */
interface Listener {
  readonly name: string;
  readonly port: number;
  /** Where clients are told to find it. */
  readonly advertisedPort: number;
  readonly protocol: "PLAINTEXT" | SecuredListener["protocol"];
}

/** The text of a node's `server.properties`. `overrides` win over all others. */
export const nodeProperties = (
  place: NodePlace,
  all: readonly NodePlace[],
  overrides: Readonly<Record<string, string | number>>,
): string => {
  const properties = {
    ...listenerProperties(place),
    ...quorumProperties(all),
    ...replicationProperties(all.length),
    ...SMALL_AND_PROMPT,
    "node.id": place.id,
    "log.dirs": place.dataFolder,
    ...overrides,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
};

const listenerProperties = ({ brokerPort, controllerPort, proxied, secured }: NodePlace): Record<string, string | number> => {
  const forClients: readonly Listener[] = [
    { name: "PLAINTEXT", port: brokerPort, advertisedPort: brokerPort, protocol: "PLAINTEXT" },
    ...(proxied === null
      ? []
      : [{ name: "PROXIED", port: proxied.listenerPort, advertisedPort: proxied.proxyPort, protocol: "PLAINTEXT" } as const]),
    ...secured.map(({ name, port, protocol }) => ({ name, port, advertisedPort: port, protocol })),
  ];
  const forController: Listener = { name: "CONTROLLER", port: controllerPort, advertisedPort: controllerPort, protocol: "PLAINTEXT" };
  const every = [...forClients, forController];
  return {
    listeners: every.map(({ name, port }) => address(name, port)).join(","),
    "advertised.listeners": forClients.map(({ name, advertisedPort }) => address(name, advertisedPort)).join(","),
    "listener.security.protocol.map": every.map(({ name, protocol }) => `${name}:${protocol}`).join(","),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    ...Object.fromEntries(
      secured.flatMap(({ name, properties }) =>
        Object.entries(properties).map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value]),
      ),
    ),
  };
};

const address = (name: string, port: number): string => `${name}://127.0.0.1:${port}`;

/** One node forms its quorum when it is formatted (`--standalone`); several need to be told of each other. */
const quorumProperties = (all: readonly NodePlace[]): Record<string, string> => {
  const voters = all.map(({ id, controllerPort }) => ({ id, at: `127.0.0.1:${controllerPort}` }));
  return {
    "process.roles": "broker,controller",
    ...(voters.length === 1
      ? { "controller.quorum.bootstrap.servers": voters.map(({ at }) => at).join(",") }
      : { "controller.quorum.voters": voters.map(({ id, at }) => `${id}@${at}`).join(",") }),
  };
};

/** Three nodes survive the loss of one; a single node must be content with itself. */
const replicationProperties = (nodeCount: number): Record<string, number> => {
  const inSyncMin = nodeCount > 1 ? 2 : 1;
  return {
    "default.replication.factor": nodeCount,
    "min.insync.replicas": inSyncMin,
    "offsets.topic.replication.factor": nodeCount,
    "transaction.state.log.replication.factor": nodeCount,
    "transaction.state.log.min.isr": inSyncMin,
    "share.coordinator.state.topic.replication.factor": nodeCount,
    "share.coordinator.state.topic.min.isr": inSyncMin,
  };
};

const SMALL_AND_PROMPT = {
  // 128 MiB of heap by default, more than the rest of the broker needs.
  "log.cleaner.dedupe.buffer.size": 4_194_304,
  "num.network.threads": 2,
  "num.io.threads": 4,
  // 50 by default, each with files of its own.
  "offsets.topic.num.partitions": 4,
  "transaction.state.log.num.partitions": 4,
  // Else the first member of each group waits for three seconds.
  "group.initial.rebalance.delay.ms": 0,
  // A topic with a mistyped name is an error, and a leader moves only when a test moves it.
  "auto.create.topics.enable": false,
  "auto.leader.rebalance.enable": false,
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
  // Records with old timestamps, of which tests have many, are not to be deleted.
  "log.retention.hours": -1,
} as const;
