import { PROPERTIES } from "./schema.ts";

/** Types whose name or description says enough of what may be written. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(["boolean", "text", "topic"]);

/** Returns the Markdown table of all properties. */
export function propertiesTable(): string {
  const rows = Object.values(PROPERTIES).map(({ name, type, default: text, defaultMeaning, allowed, description }) => {
    const meaning = PLAIN_TYPES.has(type) ? description : `${description} Allowed: ${allowed}.`;
    return row(`\`${name}\``, defaultMeaning ?? `\`${text}\``, meaning);
  });
  return [row("property", "default", "meaning"), row("---", "---", "---"), ...rows, ""].join("\n");
}

/** One row; a bar would end its cell. */
function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

if (import.meta.main) process.stdout.write(propertiesTable());
