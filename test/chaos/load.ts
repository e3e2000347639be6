import { asArguments, talkWith } from "./java.ts";

/** What `Load.java` is told, where it is explained. */
export interface LoadOptions {
  readonly bootstrap: string;
  readonly topic: string;
  readonly partitions: number;
  readonly perSecond: number;
  readonly records: number;
}

/** A producer that writes all the time, past the proxies. */
export interface Load extends AsyncDisposable {
  /** How many records it has sent so far. */
  sent(): Promise<number>;
  /** From now on the topic has so many partitions. */
  grow(partitions: number): Promise<void>;
  /** Ends it when it has written enough; returns how many records of each partition are acknowledged. */
  stop(): Promise<readonly number[]>;
}

/** Starts the producer. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const talk = await talkWith("Load", asArguments({ ...options }));
  return {
    sent: async () => (await talk.ask<{ readonly sent: number }>("sent")).sent,
    grow: async (partitions) => {
      await talk.ask(`partitions ${partitions}`);
    },
    stop: async () => (await talk.ask<{ readonly acknowledged: readonly number[] }>("stop")).acknowledged,
    [Symbol.asyncDispose]: async () => talk[Symbol.asyncDispose](),
  };
}
