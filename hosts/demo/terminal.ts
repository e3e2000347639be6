/** What the demo shows: the lines of the two log sinks, the router's own, and its remarks. */
import { styleText } from "node:util";
import { oneLine } from "../dataflow/one-line.ts";
import { EVEN, SINKS, type Sink } from "./stream.ts";

export interface TerminalOptions {
  readonly write: (text: string) => void;
  /** Returns the width of the terminal, on which a line can be written over and coloured, or null when the output is none. */
  readonly columns: () => number | null;
  /** Returns the time in milliseconds since 1970. */
  readonly now: () => number;
  readonly pid: number;
}

export interface Terminal {
  /** Writes a whole line, line end included. */
  readonly line: (line: string) => void;
  /** Writes a remark of the demo. */
  readonly note: (sentence: string) => void;
  /** Shows how far something is that takes time. On a terminal the next line takes its place. */
  readonly progress: (sentence: string) => void;
  /** Writes the line of a log sink for a record; above the rate that a person can read, it counts them. */
  readonly logged: (sink: Sink, text: string) => void;
  /** Writes what is still counted. */
  readonly flush: () => void;
}

/** Lines of each log that are shown in a second. */
const LINES_PER_SECOND = 5;
/** Between two lines of one kind of progress (by the first word) where they can't be written over. */
const PROGRESS_SPACING_MS = 2000;
const ERASE_LINE = "\r\u001b[2K";

/** Returns a terminal. */
export function createTerminal({ write, columns, now, pid }: TerminalOptions): Terminal {
  const logged = new Map<Sink, number>();
  const shown = new Map<Sink, number>();
  let second = 0;
  let hidden = 0;
  let hasProgress = false;
  const progressAtMs = new Map<string, number>();

  const line = (text: string): void => {
    write(hasProgress ? ERASE_LINE + text : text);
    hasProgress = false;
  };
  const note = (sentence: string): void => {
    line(`demo: ${oneLine(sentence)}\n`);
  };
  const flush = (): void => {
    if (hidden > 0) {
      const totals = SINKS.map((sink) => `${logged.get(sink) ?? 0} ${sink.output}`).join(" and ");
      note(`${hidden} more not shown; ${totals} so far`);
    }
    hidden = 0;
    shown.clear();
  };
  return {
    line,
    note,
    progress(sentence) {
      const width = columns();
      const kind = sentence.split(" ", 1).join("");
      if (width !== null) {
        // A line that wraps can't be written over.
        write(ERASE_LINE + `demo: ${oneLine(sentence)}`.slice(0, width - 1));
        hasProgress = true;
      } else if (now() - (progressAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) >= PROGRESS_SPACING_MS) {
        progressAtMs.set(kind, now());
        note(sentence);
      }
    },
    logged(sink, text) {
      const nowMs = now();
      const thisSecond = Math.floor(nowMs / 1000);
      if (thisSecond !== second) flush();
      second = thisSecond;
      logged.set(sink, (logged.get(sink) ?? 0) + 1);
      const count = (shown.get(sink) ?? 0) + 1;
      if (count > LINES_PER_SECOND) {
        hidden++;
        return;
      }
      shown.set(sink, count);
      line(logSinkLine(sink, columns() === null ? oneLine(text) : colored(sink, oneLine(text)), nowMs, pid));
    },
    flush,
  };
}

/**
 * Returns the line that a log sink of Spring's writes for a record: Boot's layout, with the thread that the Kafka binder reads in. The
 * application is named as in the stream, since the two logs come together here.
 */
function logSinkLine({ label }: Sink, text: string, nowMs: number, pid: number): string {
  return `${new Date(nowMs).toISOString()}  INFO ${pid} --- [${label}] [container-0-C-1] ${"log-sink".padEnd(40)} : ${text}\n`;
}

/** Colours a text unless the environment says NO_COLOR. */
function colored(sink: Sink, text: string): string {
  return styleText(sink === EVEN ? "cyan" : "yellow", text);
}
