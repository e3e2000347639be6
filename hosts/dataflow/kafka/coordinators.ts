/**
 * Remembers who coordinates the transactions of a producer and the group whose positions it commits. kafkajs asks the brokers for that before each of
 * the four requests that a transaction needs, and waits for the answer each time.
 */
import { protocolType } from "../errors.ts";
import type { ClusterCalls, CoordinatorCall, CoordinatorCalls, KnownBroker, SoughtCoordinator } from "./kafkajs.ts";

/** The kind of coordinator that transactions have: `coordinator_type` of FindCoordinator. */
const OF_TRANSACTIONS = 1;

/** A coordinator as it was when the brokers named it. */
interface Remembered {
  readonly broker: KnownBroker;
  readonly failures: number;
}

/**
 * Has the clients of transactional producers ask for a coordinator only when they know none, or when the one that they know has failed a request, of
 * whatever kind, or can't be reached, since: Java's client keeps it as long. Clients without transactions, members of groups among them, ask as before.
 */
export function rememberCoordinators(clusters: Pick<ClusterCalls, "findGroupCoordinator">, calls: CoordinatorCalls): void {
  const { findGroupCoordinator } = clusters;
  const known = new WeakMap<object, Map<string, Remembered>>();
  /** How many requests have failed, by broker. */
  const failures = new WeakMap<object, number>();
  clusters.findGroupCoordinator = async function findUnlessKnown(sought) {
    const ofCluster = known.get(this) ?? new Map<string, Remembered>();
    // Only the producer asks for this kind. What another client asks for is forgotten with its map.
    if (sought.coordinatorType === OF_TRANSACTIONS) known.set(this, ofCluster);
    const key = keyOf(sought);
    const remembered = ofCluster.get(key);
    ofCluster.delete(key);
    if (remembered !== undefined && remembered.failures === (failures.get(remembered.broker) ?? 0)) {
      // Connects if need be; another object stands for a broker that has another address now.
      const broker = await this.findBroker({ nodeId: remembered.broker.nodeId }).catch(() => null);
      if (broker === remembered.broker) {
        ofCluster.set(key, remembered);
        return broker;
      }
    }
    const broker = await findGroupCoordinator.call(this, sought);
    ofCluster.set(key, { broker, failures: failures.get(broker) ?? 0 });
    return broker;
  };
  const noting = <Options>(ask: CoordinatorCall<Options>): CoordinatorCall<Options> =>
    async function noteFailure(options) {
      try {
        return await ask.call(this, options);
      } catch (error) {
        // That one comes from the coordinator, which has no time yet.
        if (protocolType(error) !== "CONCURRENT_TRANSACTIONS") failures.set(this, (failures.get(this) ?? 0) + 1);
        throw error;
      }
    };
  calls.addOffsetsToTxn = noting(calls.addOffsetsToTxn);
  calls.addPartitionsToTxn = noting(calls.addPartitionsToTxn);
  calls.endTxn = noting(calls.endTxn);
  calls.initProducerId = noting(calls.initProducerId);
  calls.txnOffsetCommit = noting(calls.txnOffsetCommit);
}

function keyOf({ groupId, coordinatorType }: SoughtCoordinator): string {
  return `${coordinatorType} ${groupId}`;
}
