/** What is said on standard error while records are routed. */
import type { Reason, Refusal } from "./block-router.ts";
import { bytesText } from "./counts.ts";

export interface ReportOptions {
  readonly write: (text: string) => void;
  /** Whether a line of progress can be shown, and written over. */
  readonly showsProgress: boolean;
  /** Returns the time in milliseconds. */
  readonly now: () => number;
}

/** Where a record is: its input, its number from 1, and the byte that it begins at, its length field included. */
export interface Place {
  readonly input: string;
  readonly record: number;
  readonly byte: number;
}

export interface Report {
  /** Writes a line. */
  note(sentence: string): void;
  /** Says that a record was left out, or counts it when too much is said already. */
  leftOut(place: Place, refusal: Refusal): void;
  /** Counts records that were left out, too. */
  leftOutMore(records: number): void;
  /** Shows how far it is. */
  progress(bytesRead: number, bytesInAll: number | null): void;
  /** Says what was counted and takes the progress away. */
  end(): void;
}

/** Lines a second that single records may have; the rest is summed up in one. */
const LINES_PER_SECOND_MAX = 10;
/** What is done sooner has no need of a line of progress. */
const PROGRESS_AFTER_MS = 1000;
const PROGRESS_SPACING_MS = 200;
const ERASE_LINE = "\r\u001b[2K";

/** The reasons that show somewhere in the value; the others are the whole record's. */
const PLACED_REASONS: ReadonlySet<string> = new Set<Reason>(["not-a-digit", "not-a-timestamp", "no-such-time", "no-field"]);

/** Returns the place of a record and what is wrong with it, in words. */
export function refusalText({ input, record, byte }: Place, { reason, byteOffset }: Refusal): string {
  return `record ${record} of ${input}, at byte ${byte}: ${reason}${PLACED_REASONS.has(reason) ? ` at byte ${byteOffset} of it` : ""}`;
}

/** Returns a report. */
export function createReport({ write, showsProgress, now }: ReportOptions): Report {
  const startMs = now();
  let hasProgress = false;
  let progressMs = startMs + PROGRESS_AFTER_MS - PROGRESS_SPACING_MS;
  let second = Math.floor(startMs / 1000);
  let lines = 0;
  let unsaid = 0;
  let hasHinted = false;

  const note = (sentence: string): void => {
    write(`${hasProgress ? ERASE_LINE : ""}timestamp-router: ${sentence}\n`);
    hasProgress = false;
  };
  const sumUp = (): void => {
    if (unsaid > 0) note(`left out ${unsaid} more record${unsaid === 1 ? "" : "s"}`);
    unsaid = 0;
    lines = 0;
  };
  const beginSecond = (): void => {
    const current = Math.floor(now() / 1000);
    if (current !== second) sumUp();
    second = current;
  };
  return {
    note,
    leftOut(place, refusal) {
      beginSecond();
      if (lines === LINES_PER_SECOND_MAX) {
        unsaid++;
        return;
      }
      lines++;
      note(`left out ${refusalText(place, refusal)}`);
      if (refusal.hasCarriageReturn && !hasHinted) {
        hasHinted = true;
        note(String.raw`that byte is a carriage return: --format crlf reads lines that end with \r\n`);
      }
    },
    leftOutMore(records) {
      beginSecond();
      unsaid += records;
    },
    progress(bytesRead, bytesInAll) {
      if (!showsProgress || now() - progressMs < PROGRESS_SPACING_MS) return;
      progressMs = now();
      const share = bytesInAll === null ? "" : ` of ${bytesText(bytesInAll)}, ${Math.floor((100 * bytesRead) / bytesInAll)} %`;
      const rate = bytesText((1000 * bytesRead) / (now() - startMs));
      write(`${ERASE_LINE}timestamp-router: ${bytesText(bytesRead)}${share}, ${rate}/s`);
      hasProgress = true;
    },
    end() {
      sumUp();
      if (hasProgress) write(ERASE_LINE);
      hasProgress = false;
    },
  };
}
