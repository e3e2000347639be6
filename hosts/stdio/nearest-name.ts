/** Returns the name that is most like a misspelt one, or null when none is much like it. */
export function nearestName(misspelt: string, names: readonly string[]): string | null {
  const [nearest] = names
    .map((name) => ({ name, edits: editsBetween(misspelt, name) }))
    .toSorted((left, right) => left.edits - right.edits);
  return nearest !== undefined && nearest.edits <= Math.max(2, misspelt.length / 3) ? nearest.name : null;
}

/** Returns how many characters have to be inserted, deleted or replaced to make one text of the other (Levenshtein's distance). */
function editsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [index, character] of Array.from(left).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (character === right[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
