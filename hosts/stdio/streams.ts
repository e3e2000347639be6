/** Files and standard streams, by their descriptors: blocks go from and to the guest's memory without a copy in between. */
import type { BigIntStats } from "node:fs";
import { close, constants, fstat, ftruncate, open, read, stat, write } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { StreamError, UsageError, shown } from "./errors.ts";

const closeFile = promisify(close);
const statDescriptor = promisify(fstat);
const statPath = promisify(stat);
const truncate = promisify(ftruncate);
const openFile = promisify(open) as (path: string, flags: number, mode?: number) => Promise<number>;
const readBytes = promisify(read) as (
  descriptor: number,
  bytes: Uint8Array,
  at: number,
  length: number,
  position: null,
) => Promise<{ readonly bytesRead: number }>;
const writeBytes = promisify(write) as (
  descriptor: number,
  bytes: Uint8Array,
  at: number,
  length: number,
) => Promise<{ readonly bytesWritten: number }>;

/** Of `stat`: an inode may need all of 64 bits. */
const EXACT = { bigint: true } as const;
const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Between two tries on a descriptor that someone has set to non-blocking. */
export const RETRY_MS = 5;

/** Something that is read. */
export interface Input {
  /** For people. */
  readonly name: string;
  /** Bytes of a regular file; null when that is not known. */
  readonly size: number | null;
  readonly identity: Identity;
  open(): Promise<InputStream>;
}

/** An input that is open. */
export interface InputStream {
  /** Reads as much as there is, up to what there is room for; waits for a byte at least. Returns how many bytes there are, 0 at the end. */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** Something that is written. */
export interface Output {
  readonly name: string;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** What makes two names the same file. */
interface Identity {
  readonly key: string;
  /** Whether it matters who else has it: anything may write to a terminal or to the null device, and a socket is read from its other end. */
  readonly isExclusive: boolean;
}

function identityOf(stats: BigIntStats): Identity {
  return { key: `${stats.dev}:${stats.ino}`, isExclusive: !stats.isCharacterDevice() && !stats.isSocket() };
}

/** Finds an input, without opening it. Throws `StreamError`. */
export async function findInput(path: string): Promise<Input> {
  const isStandard = path === "-";
  const name = isStandard ? "standard input" : shown(path);
  const readable = async <Result>(deed: () => Promise<Result>): Promise<Result> => orStreamError("read", name, deed);
  const stats = await readable(async () => (isStandard ? statDescriptor(STANDARD_INPUT, EXACT) : statPath(path, EXACT)));
  return {
    name,
    size: stats.isFile() ? Number(stats.size) : null,
    identity: identityOf(stats),
    open: async () => {
      const descriptor = isStandard ? STANDARD_INPUT : await readable(async () => openFile(path, constants.O_RDONLY));
      return {
        read: async (into) =>
          readable(async () => {
            const { bytesRead } = await untilReady(async () => readBytes(descriptor, into, 0, into.length, null));
            return bytesRead;
          }),
        close: async () => {
          if (!isStandard) await closeFile(descriptor);
        },
      };
    },
  };
}

/**
 * Opens outputs and empties them, in the order of the paths; null stands for one that is not wanted. Throws `UsageError`, before anything is
 * emptied, when two of them are one file, or one is an input.
 */
export async function openOutputs(paths: readonly (string | null)[], inputs: readonly Input[]): Promise<readonly (Output | null)[]> {
  const taken = new Map(inputs.filter(({ identity }) => identity.isExclusive).map(({ name, identity }) => [identity.key, name]));
  const opened: { readonly output: Output; readonly empty: () => Promise<void> }[] = [];
  const outputs: (Output | null)[] = [];
  for (const path of paths) {
    if (path === null) {
      outputs.push(null);
      continue;
    }
    const one = await openOutput(path);
    const before = taken.get(one.key);
    if (before !== undefined) throw new UsageError(`${one.output.name} is written to, and is the same file as ${before}`);
    if (one.isExclusive) taken.set(one.key, one.output.name);
    opened.push(one);
    outputs.push(one.output);
  }
  for (const { empty } of opened) await empty();
  return outputs;
}

async function openOutput(path: string): Promise<Identity & { readonly output: Output; readonly empty: () => Promise<void> }> {
  const isStandard = path === "-";
  const name = isStandard ? "standard output" : shown(path);
  const writable = async <Result>(deed: () => Promise<Result>): Promise<Result> => orStreamError("write", name, deed);
  // Not emptied yet: it may turn out to be an input.
  const descriptor = isStandard
    ? STANDARD_OUTPUT
    : await writable(async () => openFile(path, constants.O_WRONLY | constants.O_CREAT, 0o666));
  const stats = await writable(async () => statDescriptor(descriptor, EXACT));
  return {
    ...identityOf(stats),
    // Twice the standard output is a mistake on a terminal, too: the order of the records would be lost.
    ...(isStandard ? { isExclusive: true } : {}),
    empty: async () => {
      if (!isStandard && stats.isFile()) await writable(async () => truncate(descriptor));
    },
    output: {
      name,
      write: async (bytes) =>
        writable(async () => {
          for (let at = 0; at < bytes.length;) {
            const from = at;
            const { bytesWritten } = await untilReady(async () => writeBytes(descriptor, bytes, from, bytes.length - from));
            at += bytesWritten;
          }
        }),
      close: async () => {
        if (!isStandard) await writable(async () => closeFile(descriptor));
      },
    },
  };
}

async function orStreamError<Result>(deed: string, name: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw new StreamError(deed, name, error);
  }
}

/** Tries until it works on a descriptor that whoever shares it has set to non-blocking. */
async function untilReady<Result>(run: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await delay(RETRY_MS);
    }
  }
}
