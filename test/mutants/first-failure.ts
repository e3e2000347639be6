/** A reporter of the test runner that ends the process at the first test that fails, for one is enough to know that a mutant was noticed. */
import { writeSync } from "node:fs";
import type { TestEvent } from "node:test/reporters";

export default async function firstFailure(events: AsyncIterable<TestEvent>): Promise<void> {
  for await (const { type, data } of events) {
    if (type !== "test:fail") continue;
    writeSync(process.stdout.fd, `${data.name}: ${String(data.details.error)}\n`);
    process.exit(1);
  }
}
