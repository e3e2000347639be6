/** What can go wrong around a router's transactions. */
import { setTimeout } from "node:timers/promises";
import { between, coordinatorOf, inSeconds, killNode, told, type Fault, type Scene, type TransactionSettings } from "./faults.ts";

const TRANSACTIONS_TOPIC = "__transaction_state";
/** Longer than its timeout, a transaction is aborted by its coordinator, which looks once a second. */
const PAST_TIMEOUT_MS = { min: 1500, max: 4000 };
const OPEN_STATE = "Ongoing";

/** Those that may occur again and again where delivery is exactly once. */
export const TRANSACTION_FAULTS: readonly Fault[] = [
  { name: "the transactions' coordinator moves", make: moveTransactionCoordinator },
  { name: "the transactions' coordinator is killed", make: killTransactionCoordinator },
  { name: "the routers are fenced from outside", make: fenceRouters },
  { name: "a router is frozen until its transaction has timed out", make: freezePastTimeout, isLong: true },
];

async function moveTransactionCoordinator(scene: Scene): Promise<string> {
  const { partition } = await anyTransactionCoordinator(scene);
  return told(`${TRANSACTIONS_TOPIC}-${partition}`, await scene.admin.moveLeader(TRANSACTIONS_TOPIC, partition));
}

async function killTransactionCoordinator(scene: Scene): Promise<string> {
  return killNode(scene, (await anyTransactionCoordinator(scene)).broker);
}

/** An operator who cleans up does this with the ids of routers that are gone; here they are not. */
async function fenceRouters({ admin, transactions }: Scene): Promise<string> {
  const states = await admin.transactions(settings(transactions).idPrefix);
  await admin.fence([...states.keys()]);
  const open = [...states.values()].filter((state) => state === OPEN_STATE).length;
  return `${states.size} ids, ${open} of them with an open transaction`;
}

async function freezePastTimeout({ instances, random, transactions }: Scene): Promise<string> {
  const [name] = random.shuffled(instances.names);
  if (name === undefined) return "there was none";
  const timeMs = settings(transactions).timeoutMs + between(random, PAST_TIMEOUT_MS);
  instances.pause(name);
  await setTimeout(timeMs);
  instances.resume(name);
  return `${name} for ${inSeconds(timeMs)}`;
}

/** Of an id that has a transaction open, if there is one. */
async function anyTransactionCoordinator({ admin, random, transactions }: Scene): Promise<{ partition: number; broker: number }> {
  const states = await admin.transactions(settings(transactions).idPrefix);
  const ids = random.shuffled([...states.keys()]);
  const id = ids.find((candidate) => states.get(candidate) === OPEN_STATE) ?? ids[0];
  if (id === undefined) throw new Error("no router has a transactional id");
  return coordinatorOf(admin, TRANSACTIONS_TOPIC, id);
}

function settings(transactions: TransactionSettings | null): TransactionSettings {
  if (transactions === null) throw new Error("this fault is for routers with transactions");
  return transactions;
}
