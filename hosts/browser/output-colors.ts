/** Colours of the outputs: those of the style sheet, by index. A colour never says anything alone; the name stands beside it. */

/** Returns the class of an output's colour; without an output, that of what can't be routed. */
export function colorOf(outputs: readonly string[], output: string | null): string {
  return output === null ? "color-none" : `color-${outputs.indexOf(output)}`;
}
