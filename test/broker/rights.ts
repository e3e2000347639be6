/** What the app may do at a broker, and what becomes of it when it may not. */
import { Kafka, logLevel } from "kafkajs";
import type { Stream } from "./stream.ts";

/** One right: `Write on topic x`. */
export interface Right {
  readonly operation: "Read" | "Write" | "Create" | "Alter" | "Describe" | "DescribeConfigs" | "IdempotentWrite";
  readonly resource: "topic" | "group" | "cluster" | "transactional-id";
  readonly name: string;
}

/** Numbers of the protocol (AclOperation, ResourceType). */
const OPERATIONS = { Read: 3, Write: 4, Create: 5, Alter: 7, Describe: 8, DescribeConfigs: 10, IdempotentWrite: 12 } as const;
const RESOURCES = { topic: 2, group: 3, cluster: 4, "transactional-id": 5 } as const;
const LITERAL = 3;
const PREFIXED = 4;
const ALLOW = 3;

/**
 * What an app needs that makes no topics: the table of docs/security.md. To read and to write both mean that one may look, too; the group of Kafka's
 * protocol is named, and the topics of dead letters are written like outputs.
 */
export function neededRights({ input, even, odd, group }: Stream, deadLetters: readonly string[] = []): readonly Right[] {
  return [
    { operation: "Read", resource: "topic", name: input },
    ...[even, odd, ...deadLetters].map((name) => ({ operation: "Write", resource: "topic", name }) as const),
    { operation: "Read", resource: "group", name: group },
  ];
}

/** What it needs besides to deliver exactly once, on all ids that begin with the prefix. */
export function transactionRights(prefix: string): readonly Right[] {
  return [{ operation: "Write", resource: "transactional-id", name: prefix }];
}

/** What it needs besides to make the topics that are missing. */
export function creatingRights({ input, even, odd }: Stream): readonly Right[] {
  return [input, even, odd].map((name) => ({ operation: "Create", resource: "topic", name }));
}

/** A right that is missing, another one in its place if need be, and what the app says then. */
export interface Missing {
  readonly what: string;
  readonly lacks: (right: Right, stream: Stream) => boolean;
  readonly instead?: Right["operation"];
  /** Properties that make it a right that is needed. */
  readonly told?: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

/** Each of the needed rights, with the error of docs/security.md. */
export const MISSING: readonly Missing[] = [
  {
    what: "read-none",
    lacks: ({ name }, { input }) => name === input,
    says: /^no right to see or to create the topics read-none: grant Create on them; if they are there, grant Read on an input/u,
  },
  {
    what: "read-describe",
    lacks: ({ name }, { input }) => name === input,
    instead: "Describe",
    says: /^no right to read read-describe: grant Read and Describe on the topic/u,
  },
  {
    what: "write-none",
    lacks: ({ name }, { odd }) => name === odd,
    says: /^no right to see or to create the topics write-none-odd: .*grant Read on an input, Write on others/u,
  },
  {
    what: "write-describe",
    lacks: ({ name }, { odd }) => name === odd,
    instead: "Describe",
    says: /^could not write to write-describe-odd-0 \(grant Write and Describe on the topic\).*the records come from write-describe-0/u,
  },
  {
    what: "write-nothing",
    lacks: ({ operation }) => operation === "Write",
    instead: "Describe",
    says: /^no right to write at all: grant Write on the outputs' topics, and before Kafka 2\.8 IdempotentWrite on the cluster/u,
  },
  {
    what: "group-none",
    lacks: ({ resource }) => resource === "group",
    says: /^no right to use the group group-none-group: grant Read on the group/u,
  },
  {
    what: "group-describe",
    lacks: ({ resource }) => resource === "group",
    instead: "Describe",
    says: /^no right to use the group group-describe-group: grant Read on the group/u,
  },
  {
    what: "transactions-none",
    lacks: () => false,
    told: { "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix": "nobody-" },
    says: /^the brokers refuse transactions as nobody-[-0-9a-f]{36}: grant Write and Describe on the transactional ids with this prefix/u,
  },
];

/** Gives rights to a user, as somebody who may do everything. */
export async function grant(bootstrap: string, user: string, rights: readonly Right[]): Promise<void> {
  const admin = new Kafka({ clientId: "test", brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const acl = rights.map(({ operation, resource, name }) => ({
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: resource === "transactional-id" ? PREFIXED : LITERAL,
    principal: `User:${user}`,
    host: "*",
    operation: OPERATIONS[operation],
    permissionType: ALLOW,
  }));
  await admin.createAcls({ acl });
  await admin.disconnect();
}
