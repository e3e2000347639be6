/** The exports of the core; a test holds this list to the binary. */
export interface Core {
  readonly memory: WebAssembly.Memory;
  abiVersion(): number;
  ruleAddress(): number;
  configure(length: number): number;
  faultOffset(): number;
  outputCount(): number;
  outputNameAddress(index: number): number;
  outputNameLength(index: number): number;
  outputPrefixLength(index: number): number;
  reserve(inputBytes: number, outputBytes: number, records: number): number;
  inputAddress(): number;
  valueTableAddress(): number;
  unroutableAddress(): number;
  unroutableCount(): number;
  outputAddress(index: number): number;
  routeValues(first: number, count: number): number;
  takenCount(): number;
  outputEndsAddress(index: number): number;
  outputValueCount(index: number): number;
  outputValueBytes(index: number): number;
  openBatches(bytesMax: number): number;
  routeRecordBatch(offset: number, length: number, fetchOffset: bigint, flags: number): number;
  nextOffset(): bigint;
  tombstoneCount(): number;
  batchRecordCount(index: number): number;
  finishBatches(): number;
  batchLength(index: number): number;
  stampProducer(offset: number, producerId: bigint, producerEpoch: number, baseSequence: number, transactional: number): number;
  crc32c(offset: number, length: number): number;
}

/** Returns value and name of the exported globals whose name begins with `prefix`: the enums that the binary carries. */
export function globalsOf(exports: WebAssembly.Exports, prefix: string): [number, string][] {
  return Object.entries(exports).flatMap(([name, value]) =>
    name.startsWith(prefix) && value instanceof WebAssembly.Global
      ? [[Number(value.value), name.slice(prefix.length)] as [number, string]]
      : [],
  );
}

/** Returns a name of the core's as hosts write it: `NotADigit` is `not-a-digit`. */
export function hyphenated(name: string): string {
  return name.replaceAll(/(?<!^)[A-Z]/g, (letter) => "-" + letter).toLowerCase();
}
