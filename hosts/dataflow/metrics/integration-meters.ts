/**
 * The meters of Spring Integration, by which Data Flow's boards know an app: messages sent into channels and handlers. In Spring a channel is
 * named after its binding; here the channels are the input, the outputs and `errorChannel`, and the one handler is the router.
 */
import { AppError } from "../errors.ts";
import type { Metrics, Timer } from "../metrics.ts";

export interface IntegrationMeters {
  /** Records of the input went through the router; those that no output takes went to the error channel. */
  received(records: number, seconds: number, unroutable: number): void;
  channel(output: string): {
    succeeded(records: number, seconds: number): void;
    failed(records: number, seconds: number, error: unknown): void;
  };
}

const ERROR_CHANNEL = "errorChannel";
const HANDLER = "router";
const SOURCE = "input";
/** What a write fails with when the session can go on with it: its meter is there from the start, so that a rate has something to begin with. */
const USUAL_FAILURE = "PRODUCE_FAILED";

/** Registers them. */
export function createIntegrationMeters(metrics: Metrics, outputs: readonly string[]): IntegrationMeters {
  const send = { name: "spring.integration.send", description: "Send processing time" };
  const timer = (type: string, name: string, exception: string): Timer =>
    metrics.timer(send, { type, name, result: exception === "none" ? "success" : "failure", exception });
  const input = timer("channel", SOURCE, "none");
  const errors = timer("channel", ERROR_CHANNEL, "none");
  const handler = timer("handler", HANDLER, "none");
  const receive = { name: "spring.integration.receive", description: "Messages received" };
  const source = metrics.counter(receive, { type: "source", name: SOURCE, result: "success", exception: "none" });
  const channelCount = outputs.length + 2;
  metrics.gauge(
    { name: "spring.integration.channels", description: "The number of message channels", across: "max" },
    {},
    () => channelCount,
  );
  metrics.gauge({ name: "spring.integration.handlers", description: "The number of message handlers", across: "max" }, {}, () => 1);
  metrics.gauge({ name: "spring.integration.sources", description: "The number of message sources", across: "max" }, {}, () => 1);
  return {
    received(records, seconds, unroutable) {
      if (records === 0) return;
      source.add(records);
      input.record(seconds / records, records);
      handler.record(seconds / records, records);
      if (unroutable > 0) errors.record(0, unroutable);
    },
    channel(output) {
      const success = timer("channel", output, "none");
      const failures = new Map([[USUAL_FAILURE, timer("channel", output, USUAL_FAILURE)]]);
      return {
        succeeded(records, seconds) {
          success.record(seconds, records);
        },
        failed(records, seconds, error) {
          const exception = nameOf(error);
          const failure = failures.get(exception) ?? timer("channel", output, exception);
          failures.set(exception, failure);
          failure.record(seconds, records);
        },
      };
    },
  };
}

function nameOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
