/** The kinds of properties that `schema.ts` has: how each is read, and what may be written. */
import { z } from "zod";
import type { BrokerAddress } from "./brokers.ts";
import { formatDuration } from "./duration.ts";
import { property, type About, type Property, type Reading } from "./property.ts";
import { readPem } from "./pem.ts";
import {
  OUTPUTS_MAX,
  OUTPUT_NAME_LENGTH_MAX,
  readBrokers,
  readDataSize,
  readDurationMs,
  readerOfWords,
  readOutputNames,
  readTopic,
  readTopics,
} from "./property-values.ts";

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A schema whose issue, if any, is the reader's fault. */
function readBy<Value>(read: (text: string) => Reading<Value>) {
  return z.string().transform((text, context): Value => {
    const reading = read(text);
    if ("value" in reading) return reading.value;
    context.issues.push({ code: "custom", message: reading.fault, input: text });
    return z.NEVER;
  });
}

function within({ min, max }: Bounds) {
  return z.int("is too large").min(min, "is too small").max(max, "is too large");
}

/** A whole number in decimal digits. */
export function integer(about: About, bounds: Bounds): Property<number> {
  const digits = z
    .string()
    .trim()
    .regex(/^[+-]?\d+$/u, "is not a whole number");
  return property(about, {
    type: "integer",
    allowed: `a whole number from ${bounds.min} to ${bounds.max}`,
    emptyIsDefault: true,
    schema: digits.transform(Number).pipe(within(bounds)),
  });
}

/** A number of bytes, with or without a unit. */
export function dataSize(about: About, bounds: Bounds): Property<number> {
  return property(about, {
    type: "data size",
    unit: "bytes",
    allowed: `${bounds.min} to ${bounds.max} bytes, as a plain number or with B, KB, MB or GB behind it`,
    emptyIsDefault: true,
    schema: readBy(readDataSize).pipe(within(bounds)),
  });
}

/** A time in milliseconds, with or without a unit. */
export function duration(about: About, bounds: Bounds): Property<number> {
  return property(about, {
    type: "duration",
    unit: "ms",
    allowed: `${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}, as 500ms, 10s, 1m, PT10S or a plain number of milliseconds`,
    emptyIsDefault: true,
    schema: readBy(readDurationMs).pipe(within(bounds)),
  });
}

/** One of some words, each with its value; an empty value means the default unless it is one of the words. */
export function words<const Value extends string | boolean>(
  about: About,
  allowed: string,
  valueByWord: Readonly<Record<string, Value>>,
): Property<Value> {
  const read = readerOfWords(new Map(Object.entries(valueByWord)), "is none of the words for it");
  return property(about, {
    type: "word",
    words: Object.keys(valueByWord).filter((word) => word !== ""),
    allowed,
    emptyIsDefault: !Object.hasOwn(valueByWord, ""),
    schema: readBy(read),
  });
}

/** Yes or no, in Spring's words. */
export function boolean(about: About): Property<boolean> {
  // The words of Spring's StringToBooleanConverter.
  const valueByWord = { true: true, on: true, yes: true, 1: true, false: false, off: false, no: false, 0: false };
  return { ...words<boolean>(about, "true or false (also on/off, yes/no, 1/0)", valueByWord), type: "boolean" };
}

/** A line of text that is used as it is, the spaces at its ends included. */
export function line(about: About): Property<string> {
  return property(about, {
    type: "text",
    allowed: "up to 255 characters on one line",
    emptyIsDefault: false,
    schema: z
      .string()
      .max(255, "is too long")
      .refine((text) => !/\p{Cc}/u.test(text), "has a control character in it"),
  });
}

/** Any text, also of several lines. */
export function anyText(about: About): Property<string> {
  return property(about, { type: "text", allowed: "any text", emptyIsDefault: false, schema: z.string() });
}

/** A password, or a text that has one; an empty one is none. */
export function secretText(about: About): Property<string> {
  return { ...anyText(about), emptyIsDefault: true };
}

/** Text that the core reads and judges. Only what would change its meaning on the way there is refused here. */
export function ruleText(about: About, allowed: string): Property<string> {
  return property(about, {
    type: "text",
    allowed,
    emptyIsDefault: false,
    schema: z
      .string()
      .refine((text) => !text.includes("\n"), String.raw`has a line end in it, which is written as the two characters \n`)
      .refine((text) => text.isWellFormed(), String.raw`has half a character in it; bytes that are no text are written as \xHH`),
  });
}

/** The name of one topic. */
export function topic(about: About): Property<string> {
  return property(about, {
    type: "topic",
    allowed: "1 to 249 of the characters A-Z a-z 0-9 . _ - (not . or .. alone)",
    emptyIsDefault: false,
    schema: readBy(readTopic),
  });
}

/** A comma list of topics. */
export function topics(about: About): Property<readonly string[]> {
  return property(about, {
    type: "topics",
    allowed: "a comma list of topics, each 1 to 249 of the characters A-Z a-z 0-9 . _ - (not . or .. alone)",
    emptyIsDefault: false,
    schema: readBy(readTopics),
  });
}

/** A comma list of broker addresses. */
export function brokers(about: About): Property<readonly BrokerAddress[]> {
  return property(about, {
    type: "list",
    allowed: "a comma list of host, host:port or [IPv6]:port, each with or without a protocol such as PLAINTEXT:// before it",
    emptyIsDefault: false,
    schema: readBy(readBrokers),
  });
}

/** The names of the outputs. */
export function outputNames(about: About): Property<readonly string[]> {
  return property(about, {
    type: "list",
    allowed: `2 to ${OUTPUTS_MAX} different names, each 1 to ${OUTPUT_NAME_LENGTH_MAX} of the characters A-Z a-z 0-9 . _ -`,
    emptyIsDefault: true,
    schema: readBy(readOutputNames),
  });
}

/** A number of replicas, or -1. */
export function replicas(about: About): Property<number> {
  return property(about, {
    type: "integer",
    allowed: "-1 or a whole number from 1 to 32767",
    emptyIsDefault: true,
    schema: z
      .string()
      .trim()
      .regex(/^(?:-1|\+?0*[1-9]\d*)$/u, "is no number of replicas")
      .transform(Number)
      .pipe(within({ min: -1, max: 32_767 })),
  });
}

/** A host or an address to listen on. */
export function address(about: About): Property<string> {
  return property(about, {
    type: "text",
    allowed: "a host name or an IP address",
    emptyIsDefault: true,
    schema: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9.:_%-]{0,255}$/u, "is no address"),
  });
}

/** A word for what becomes of unroutable records, or an output's name, which only the whole configuration can judge. */
export function policy(about: About): Property<string> {
  return property(about, {
    type: "policy",
    words: ["dlq", "drop", "log", "stop"],
    allowed: "dlq, drop, log, stop or the name of an output",
    emptyIsDefault: true,
    schema: z.string().trim(),
  });
}

/** A comma list of ids, or `*`; as in Boot, neither case nor `-` and `.` count. `what` is said of them in error messages. */
export function ids(about: About, what: string): Property<readonly string[]> {
  return property(about, {
    type: "list",
    allowed: `a comma list of ${what}, or *`,
    emptyIsDefault: false,
    schema: z
      .string()
      .regex(/^[A-Za-z0-9.,* -]*$/u, "is no list of ids")
      .transform((text) =>
        text
          .split(",")
          .map((id) => id.trim().toLowerCase().replaceAll(/[-.]/gu, ""))
          .filter((id) => id !== ""),
      ),
  });
}

/** A path of HTTP, without a `/` at its end; the root is empty. */
export function basePath(about: About): Property<string> {
  return property(about, {
    type: "text",
    allowed: "a path that begins with /, of the characters A-Z a-z 0-9 / . _ ~ -",
    emptyIsDefault: false,
    schema: z
      .string()
      .trim()
      .regex(/^(?:\/[A-Za-z0-9._~-]+)*\/?$/u, "is no path that begins with /")
      .transform((text) => text.replace(/\/$/u, "")),
  });
}

/** A path of HTTP below another one. */
export function pathBelow(about: About): Property<string> {
  return property(about, {
    type: "text",
    allowed: "a path of the characters A-Z a-z 0-9 / . _ ~ -",
    emptyIsDefault: true,
    schema: z
      .string()
      .trim()
      .regex(/^\/?[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*$/u, "is no path")
      .transform((text) => text.replace(/^\//u, "")),
  });
}

/** A file on the machine's disk, as a path or in Spring's form with `file:` before it. */
export function resource(about: About): Property<string> {
  return property(about, {
    type: "resource",
    allowed: "the path of a file, with or without file: before it",
    emptyIsDefault: true,
    schema: z
      .string()
      .trim()
      .max(4096, "is too long")
      .refine((text) => !/^(?!file:)[a-z]{2,}:/iu.test(text), "is no file on the disk")
      .transform((text) => text.replace(/^file:(?:\/\/(?=\/))?/iu, "")),
  });
}

/** Certificates or a key in the form of PEM: one after the other, on many lines or on one. */
export function pemText(about: About): Property<string> {
  return property(about, {
    type: "text",
    allowed: "PEM: -----BEGIN …-----, base64, -----END …-----, once or more often",
    emptyIsDefault: true,
    schema: readBy((text) => {
      const pem = readPem(text);
      // Nothing of the text: it may be a key under the wrong name.
      return pem === "" ? { fault: "has nothing that is PEM" } : { value: pem };
    }),
  });
}
