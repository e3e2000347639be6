/** Records as the command reads and writes them. */

/** How records follow each other. */
export type Format = "lines" | "crlf" | "nul" | "length";

const ENDS: Readonly<Record<Exclude<Format, "length">, string>> = { lines: "\n", crlf: "\r\n", nul: "\0" };

/** Returns records in a framing. Only lengths can say null. */
export function framed(format: Format, records: readonly (Uint8Array | null)[]): Buffer {
  if (format !== "length") return Buffer.concat(records.flatMap((record) => [record ?? Buffer.alloc(0), Buffer.from(ENDS[format])]));
  return Buffer.concat(
    records.flatMap((record) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(record === null ? -1 : record.length);
      return [length, record ?? Buffer.alloc(0)];
    }),
  );
}

/** Returns the records in what was written. */
export function unframed(format: Format, bytes: Buffer): readonly Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const isLength = format === "length";
    const begin = isLength ? at + 4 : at;
    const found = isLength ? begin + bytes.readUInt32BE(at) : bytes.indexOf(ENDS[format], at, "latin1");
    if (found === -1 || found > bytes.length) throw new Error(`what was written ends in the middle of a record, at byte ${at}`);
    records.push(bytes.subarray(begin, found));
    at = isLength ? found : found + ENDS[format].length;
  }
  return records;
}
