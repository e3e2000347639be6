/** The time as a source would write it, in the format that the rule reads. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY_MS = 86_400_000;

/** Returns a time in a format of the timestamp rule, in UTC. */
export function formatTime(format: string, time: Date): string {
  const ms = time.getTime();
  switch (format) {
    case "iso-8601":
      return time.toISOString().replace(".000Z", "Z");
    case "epoch-seconds":
      return String(Math.floor(ms / 1000));
    case "epoch-millis":
      return String(ms);
    case "epoch-micros":
      return `${ms}000`;
    case "epoch-nanos":
      return `${ms}000000`;
    default:
      return format.replaceAll(
        /'((?:[^']|'')*)'|([A-Za-z])\2*/gu,
        (found: string, quoted: string | undefined, letter: string | undefined) =>
          letter === undefined ? quoted?.replaceAll("''", "'") || "'" : part(letter, found.length, time),
      );
  }
}

/** Returns one run of a letter of a pattern; a letter that is none stays as it is. */
function part(letter: string, length: number, time: Date): string {
  const day = time.getUTCDay();
  const month = time.getUTCMonth();
  switch (letter) {
    case "u":
    case "y":
      return length === 2 ? digits(time.getUTCFullYear() % 100, 2) : digits(time.getUTCFullYear(), length);
    case "M":
      return length < 3 ? digits(month + 1, length) : named(MONTHS, month, length, time, { month: "long" });
    case "E":
      return named(DAYS, day, length, time, { weekday: "long" });
    case "d":
      return digits(time.getUTCDate(), length);
    case "D":
      return digits(Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / DAY_MS) + 1, length);
    case "H":
      return digits(time.getUTCHours(), length);
    case "h":
      return digits(time.getUTCHours() % 12 || 12, length);
    case "m":
      return digits(time.getUTCMinutes(), length);
    case "s":
      return digits(time.getUTCSeconds(), length);
    case "S":
      return digits(time.getUTCMilliseconds(), 3).padEnd(length, "0").slice(0, length);
    case "a":
      return time.getUTCHours() < 12 ? "AM" : "PM";
    case "X":
      return "Z";
    case "x":
      return { 1: "+00", 2: "+0000", 3: "+00:00" }[length] ?? "+0000";
    case "Z":
      return "+0000";
    default:
      return letter.repeat(length);
  }
}

function digits(number: number, length: number): string {
  return String(number).padStart(length, "0");
}

function named(short: readonly string[], index: number, length: number, time: Date, long: Intl.DateTimeFormatOptions): string {
  return length === 4 ? new Intl.DateTimeFormat("en", { timeZone: "UTC", ...long }).format(time) : (short[index] ?? "");
}
