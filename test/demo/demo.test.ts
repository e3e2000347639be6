import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { assertBothLogs, EVEN_LINE, ODD_LINE, outputOf, RIGHT_LINE, runDemoProcess } from "./demo-process.ts";

suite("the demo without Kafka", { concurrency: 2 }, () => {
  test("both logs get their records, and the exit code is 0", async () => {
    const result = await runDemoProcess({ args: ["--embedded", "--every", "20ms", "--seconds", "1"] });
    assertBothLogs(result);
    const sinkLines = result.lines.filter((line) => line.includes("log-sink"));
    assert.deepEqual(
      sinkLines.filter((line) => !EVEN_LINE.test(line) && !ODD_LINE.test(line)),
      [],
    );
    const [, even, odd, sent] = RIGHT_LINE.exec(result.lines.at(-1) ?? "")?.map(Number) ?? [];
    assert.equal((even ?? 0) + (odd ?? 0), sent, result.stdout);
    assert.ok((sent ?? 0) > sinkLines.length, "not every record is shown at that rate");
  });

  test("a second is too short for both logs, so the run goes on until both have a record", async () => {
    const result = await runDemoProcess({ args: ["--embedded", "--seconds", "0.1"] });
    assert.equal(result.exitCode, 0, outputOf(result));
    assert.match(result.lines.at(-1) ?? "", RIGHT_LINE);
  });

  test("an interval by which one log stays empty is a failure that says so", async () => {
    const result = await runDemoProcess({ args: ["--embedded", "--every", "2s", "--seconds", "0.1"] });
    assert.equal(result.exitCode, 1, outputOf(result));
    assert.match(
      result.lines.at(-1) ?? "",
      /^demo: FAILED .*Logger received no record, since with this --every all timestamps are of one parity$/,
    );
  });

  test("SIGINT ends it in good order, and the exit code is 0", async () => {
    const result = await runDemoProcess({
      args: ["--embedded", "--every", "20ms"],
      interruptWhen: (stdout) => stdout.includes(": Even timestamp: ") && stdout.includes(": Odd timestamp:"),
    });
    assert.equal(result.exitCode, 0, outputOf(result));
    assert.match(result.lines.at(-1) ?? "", RIGHT_LINE);
  });

  test("SIGINT before both logs have a record is a failure that says so", async () => {
    const result = await runDemoProcess({ args: ["--embedded", "--every", "59s"], interruptWhen: (stdout) => stdout.includes("log-sink") });
    assert.equal(result.exitCode, 1, outputOf(result));
    assert.match(result.lines.at(-1) ?? "", /Logger received no record, since the demo ended before its first one was due$/);
  });
});

suite("the demo that can't begin as asked", { concurrency: 2 }, () => {
  test("a wrong option is a line, the usage and exit code 2", async () => {
    const result = await runDemoProcess({ args: ["--nope"] });
    assert.equal(result.exitCode, 2);
    assert.equal(result.stdout, "");
    assert.match(result.stderr, /^demo: Unknown option '--nope'\nUsage: npm run demo/);
  });

  test("--help is the usage", async () => {
    const result = await runDemoProcess({ args: ["--help"] });
    assert.equal(result.exitCode, 0);
    assert.match(result.stdout, /^Usage: npm run demo/);
  });

  test("without Java the topics are in the process, and a line says why", async () => {
    const env = { PATH: "/nowhere", JAVA_HOME: undefined };
    const result = await runDemoProcess({ args: ["--every", "20ms", "--seconds", "1"], env });
    assert.equal(result.exitCode, 0, outputOf(result));
    assert.match(
      result.lines[0] ?? "",
      /^demo: running without Kafka, with the topics in the memory of this process, since: Java 17 or newer is missing: /,
    );
    assert.match(result.lines.at(-1) ?? "", RIGHT_LINE);
  });

  test("without Java --kafka is one line and exit code 1", async () => {
    const result = await runDemoProcess({ args: ["--kafka"], env: { PATH: "/nowhere", JAVA_HOME: undefined } });
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /^demo: Kafka can't be started: Java 17 or newer is missing: .*\n$/);
  });

  test("brokers that are away are one line and exit code 1", async () => {
    // Nothing listens on port 1 of any sane machine.
    const result = await runDemoProcess({ args: ["--brokers", "127.0.0.1:1"] });
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /^demo: the Kafka at 127\.0\.0\.1:1 can't be used: .*ECONNREFUSED.*\n$/);
  });
});
