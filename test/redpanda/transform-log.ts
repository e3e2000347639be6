/** What a guest's writes to standard output and error become: events of the topic `_redpanda.transform_logs`. */
import { isUtf8 } from "node:buffer";

/** The OpenTelemetry severities of the two streams (`src/v/transform/logging/event.cc:105`). */
export type Severity = "info" | "warn";
const SEVERITY_NUMBERS: Readonly<Record<Severity, number>> = { info: 9, warn: 13 };

export interface LogEvent {
  readonly severity: Severity;
  readonly message: string;
}

/** `data_transforms_logging_line_max_bytes`. */
const LINE_BYTES_MAX = 1024;

/** The log of one transform. */
export class TransformLog {
  readonly events: LogEvent[] = [];
  droppedCount = 0;

  /**
   * Takes what one `fd_write` wrote. It is cut to 1,024 bytes; then the whole of it is dropped when it is no UTF-8, also by the cut, or has
   * a control character other than newline and tab (`src/v/transform/logging/log_manager.cc:35` and `:332-346`).
   */
  write(severity: Severity, bytes: Uint8Array): void {
    const line = bytes.subarray(0, LINE_BYTES_MAX);
    if (isUtf8(line) && !line.some(isForbidden)) this.events.push({ severity, message: Buffer.from(line).toString() });
    else this.droppedCount++;
  }
}

function isForbidden(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte === 0x7f;
}

/** Returns the value of an event's record (`src/v/transform/logging/event.cc:82`). */
export function logRecordValue({ severity, message }: LogEvent, name: string, nodeId: number, timeNs: bigint): string {
  const attributes = [
    { key: "transform_name", value: { stringValue: name } },
    { key: "node", value: { intValue: nodeId } },
  ];
  const [body, rest] = [{ stringValue: message }, { severityNumber: SEVERITY_NUMBERS[severity], attributes }];
  // The time is beyond what a number of JavaScript holds exactly.
  return `{"body":${JSON.stringify(body)},"timeUnixNano":${timeNs},${JSON.stringify(rest).slice(1)}`;
}
