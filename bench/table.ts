/** Tables in Markdown. */

/** A line of a table, or its head. */
export type Cells = readonly (string | number)[];

/** Returns a table in Markdown. */
export function tableOf(head: Cells, rows: readonly Cells[]): string {
  const lineOf = (cells: Cells): string => `| ${cells.join(" | ")} |`;
  return [lineOf(head), lineOf(head.map(() => "---")), ...rows.map(lineOf)].join("\n");
}
