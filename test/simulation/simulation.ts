/** One run of the whole app in a world that a seed decides: brokers, records, instances that come and go, and faults. */
import type { BindingCommand } from "../../hosts/dataflow/bindings.ts";
import { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { batchOf, type Sketch } from "../batches.ts";
import { encodeBatch } from "../record-batch.ts";
import { CommittedReader } from "./committed-reader.ts";
import { Faults, drawRates, type Rates } from "./faults.ts";
import { createFaultyBinder } from "./faulty-binder.ts";
import { startInstance, type Instance } from "./instance.ts";
import { Ledger } from "./ledger.ts";
import { Random } from "./random.ts";
import { JITTER_MS_MAX, Life, Scheduler } from "./scheduler.ts";
import { drawSettings, type Settings } from "./settings.ts";
import { takeTimeFrom } from "./virtual-timers.ts";

/** What came of a simulation. */
export interface Outcome {
  /** The promise that was not kept, or null. */
  readonly broken: string | null;
  /** What happened, a line each: the same for the same seed. */
  readonly trace: readonly string[];
  readonly faults: number;
  readonly duplicates: number;
  readonly records: number;
}

/** What a simulation is to have; the seed decides the rest. */
export interface World {
  /** Instances at the same time, at most. */
  readonly instancesMax: number;
  /** Whether instances are killed, and records deleted before they were read. */
  readonly hasLosses: boolean;
  /** Whether instances stand still, for longer than their group and their transactions wait for them. */
  readonly hasFreezes?: boolean;
  /** Whether somebody pauses, resumes, stops and starts the input. */
  readonly hasOperator?: boolean;
  /** Null leaves them to the seed. */
  readonly rates: Rates | null;
  /** Whether the app delivers exactly once, by kafkajs's own producer over a network that fails. */
  readonly isExactlyOnce?: boolean;
}

/** Records are written, instances come and go, and faults happen, until then. */
const TROUBLE_MS = 8000;
/** From then on the app has this long to come to rest: longer than all that waits for a time. */
const RECOVERY_MS = 180_000;
/** Longest that a partition takes to hear of the end of a transaction. */
const MARKER_MS_MAX = 50;
const FREEZE_MS_MAX = 40_000;
/** The last duplicates arrive, and the last silent members are thrown out. */
const CALM_MS = 20_000;
const STOP_MS = 10_000;

/** Runs the simulation of a seed to its end. */
export async function simulate(seed: number, world: World): Promise<Outcome> {
  return new Simulation(seed, world).run();
}

class Simulation {
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  readonly #world: World;
  readonly #settings: Settings;
  readonly #broker: MemoryBroker;
  readonly #ledger: Ledger;
  /** Of a world in which records are delivered exactly once. */
  #reader: CommittedReader | null = null;
  readonly #running = new Set<Instance>();
  #instanceCount = 0;
  #records = 0;
  #broken: string | null = null;

  constructor(seed: number, world: World) {
    this.#random = new Random(seed);
    this.#world = world;
    this.#scheduler = new Scheduler(this.#random);
    const { isExactlyOnce = false } = world;
    this.#faults = new Faults(this.#random, this.#scheduler, world.rates ?? drawRates(this.#random, isExactlyOnce));
    this.#settings = drawSettings(this.#random, isExactlyOnce);
    this.#ledger = new Ledger(this.#settings);
    this.#broker = new MemoryBroker({
      clock: new Life(this.#scheduler).clock,
      markerMs: () => this.#random.between(0, MARKER_MS_MAX),
    });
    if (isExactlyOnce) takeTimeFrom(this.#scheduler, this.#random);
  }

  async run(): Promise<Outcome> {
    await this.#prepare();
    await this.#until(TROUBLE_MS, () => false);
    this.#faults.cease();
    this.#scheduler.note("no more faults");
    if (this.#active.length === 0) this.#start();
    for (const instance of this.#active) for (const command of ["STARTED", "RESUMED"] as const) this.#operate(instance, command);
    const isAtRest = await this.#until(
      RECOVERY_MS,
      () => this.#ledger.isAllCommitted && this.#reader?.isAtEnd !== false && [...this.#running].every(({ life }) => life.frozenMs === 0),
    );
    if (!isAtRest) this.#break(`not all is committed ${RECOVERY_MS / 1000} s after the last fault`);
    await this.#until(CALM_MS, () => this.#faults.count === 0);
    for (const instance of this.#active) this.#stop(instance);
    const haveStopped = await this.#until(STOP_MS, () => this.#running.size === 0);
    if (!haveStopped) this.#break("not all instances have stopped");
    const haveEnded = await this.#until(RECOVERY_MS, () => this.#reader?.isAtEnd !== false);
    if (!haveEnded) this.#break("a transaction is open that nobody ends");
    if (this.#ledger.missing !== null) this.#break(`${this.#ledger.missing} is committed, but the record has not arrived`);
    const { trace } = this.#scheduler;
    const { duplicates } = this.#ledger;
    if (this.#isCalm && duplicates > 0) this.#break(`${duplicates} records are there twice without any fault`);
    return { broken: this.#broken, trace, faults: this.#faults.count, duplicates, records: this.#records };
  }

  /** Whether nothing has happened that would explain why a record is there twice. */
  get #isCalm(): boolean {
    return this.#faults.count === 0 && this.#world.instancesMax === 1;
  }

  /** Instances that run and are not being stopped. */
  get #active(): Instance[] {
    return [...this.#running].filter(({ isStopping }) => !isStopping);
  }

  /** Plans what will happen. */
  async #prepare(): Promise<void> {
    const random = this.#random;
    const { inputPartitions, targetPartitions } = this.#settings;
    await this.#broker
      .binder(new Life(this.#scheduler).clock)
      .provision([...new Map([...targetPartitions, ["input", inputPartitions]])].map(([name, partitions]) => ({ name, partitions })));
    if (this.#settings.isExactlyOnce) {
      this.#reader = new CommittedReader({
        broker: this.#broker,
        settings: this.#settings,
        ledger: this.#ledger,
        scheduler: this.#scheduler,
      });
    }
    const times = (countMax: number, run: () => void): void => {
      for (let left = random.between(0, countMax); left > 0; left--)
        this.#scheduler.after(random.between(0, TROUBLE_MS - JITTER_MS_MAX), run);
    };
    this.#start();
    times(12, () => {
      this.#write();
    });
    times(this.#world.instancesMax, () => {
      this.#start();
    });
    times(2, () => {
      const instance = random.pick([null, ...this.#active]);
      if (instance !== null) this.#stop(instance);
    });
    if (this.#world.hasOperator === true) {
      times(8, () => {
        const instance = random.pick([null, ...this.#active]);
        if (instance !== null) this.#operate(instance, random.pick(["PAUSED", "RESUMED", "STOPPED", "STARTED"]));
      });
    }
    if (this.#world.rates === null && random.chance(0.2)) {
      times(1, () => {
        this.#faults.takeDown(random.between(100, 6000));
      });
    }
    if (this.#world.hasFreezes === true) {
      times(3, () => {
        this.#freeze(random.pick([null, ...this.#active]));
      });
    }
    if (!this.#world.hasLosses) return;
    times(2, () => {
      this.#kill(random.pick([null, ...this.#running]));
    });
    if (!random.chance(0.2)) return;
    times(2, () => {
      this.#delete();
    });
  }

  /** Lets time pass until the condition holds, a promise is broken, or it is too late. */
  async #until(forMs: number, holds: () => boolean): Promise<boolean> {
    const isOver = (): boolean => {
      this.#reader?.read();
      return this.#broken !== null || this.#ledger.broken !== null || holds();
    };
    const isHeld = await this.#scheduler.run(this.#scheduler.nowMs + forMs, isOver);
    if (this.#ledger.broken !== null) this.#break(this.#ledger.broken);
    return isHeld;
  }

  #break(what: string): void {
    this.#broken ??= what;
  }

  #write(): void {
    const random = this.#random;
    const partition = random.between(0, this.#settings.inputPartitions - 1);
    const first = this.#ledger.nextOffset(partition);
    const sketches = Array.from({ length: random.between(1, 5) }, (_, index): Sketch => {
      const last = random.pick(["0", "1", "2", "7", "8", "9", "x", ""]);
      const value = last === "" ? null : `${partition}/${first + index}:${"-".repeat(random.between(0, 40))}${last}`;
      return { value, key: random.pick([null, "k"]), timestampDelta: BigInt(index), headers: random.chance(0.2) ? [["h", "v"]] : [] };
    });
    const batch = batchOf(sketches, { baseTimestamp: 1_700_000_000_000n });
    this.#ledger.written(partition, batch);
    this.#records += sketches.length;
    this.#scheduler.note(`${sketches.length} records are written to input-${partition}`);
    this.#broker.append("input", partition, encodeBatch(batch));
  }

  /** Deletes what is there of an input partition, read or not. */
  #delete(): void {
    const partition = this.#random.between(0, this.#settings.inputPartitions - 1);
    const log = this.#broker.logs("input")[partition];
    if (log === undefined) return;
    log.deleteBefore(log.endOffset);
    this.#faults.add(`all before ${log.startOffset} of input-${partition} is deleted`);
    this.#ledger.deleted(partition, log.startOffset);
  }

  #start(): void {
    if (this.#active.length >= this.#world.instancesMax) return;
    const name = `app ${++this.#instanceCount}`;
    const life = new Life(this.#scheduler);
    const binder = createFaultyBinder({
      scheduler: this.#scheduler,
      random: this.#random,
      faults: this.#faults,
      broker: this.#broker,
      life,
      transactionalId: this.#settings.isExactlyOnce ? name : null,
      transactionTimeoutMs: this.#settings.config.transactions?.timeoutMs ?? 0,
      append: (topic, partition, batch) => {
        this.#append(name, topic, partition, batch);
      },
      onCommitted: (positions) => {
        for (const { partition, offset } of positions) {
          this.#scheduler.note(`${name} commits ${offset} of input-${partition}`);
          this.#ledger.committed(partition, offset);
        }
      },
    });
    const instance = startInstance({ name, life, binder, config: this.#settings.config, scheduler: this.#scheduler });
    instance.app.ended.catch((error: unknown) => {
      this.#break(`${name} ended: ${String(error)}`);
    });
    this.#running.add(instance);
  }

  #append(name: string, topic: string, partition: number, batch: Uint8Array): void {
    this.#scheduler.note(`${name} appends to ${topic}-${partition}`);
    try {
      this.#ledger.appended(topic, partition, batch);
      this.#broker.append(topic, partition, batch);
    } catch (error) {
      this.#break(`${name} writes what is no batch: ${String(error)}`);
    }
  }

  /** Stops an instance; perhaps another one takes its place. */
  #stop(instance: Instance): void {
    const { name, app } = instance;
    this.#scheduler.note(`${name} is stopped`);
    instance.isStopping = true;
    const stopped = async (): Promise<void> => {
      const isFinished = await app.stop();
      if (!isFinished && this.#isCalm) this.#break(`${name} did not finish in time without any fault`);
      this.#running.delete(instance);
      if (this.#scheduler.nowMs < TROUBLE_MS && this.#random.chance(0.5)) this.#start();
    };
    stopped().catch(() => {
      // Its end has been noticed.
    });
  }

  #operate({ name, app }: Instance, command: BindingCommand): void {
    this.#scheduler.note(`${name} is told ${command}`);
    app.control("input", command).catch((error: unknown) => {
      this.#break(`${name} fails at ${command}: ${String(error)}`);
    });
  }

  #freeze(instance: Instance | null): void {
    if (instance === null) return;
    const forMs = this.#random.between(1, FREEZE_MS_MAX);
    this.#faults.add(`${instance.name} stands still for ${forMs} ms`);
    instance.life.freeze(forMs);
  }

  #kill(instance: Instance | null): void {
    if (instance === null) return;
    this.#faults.add(`${instance.name} is killed`);
    this.#running.delete(instance);
    instance.life.kill();
  }
}
