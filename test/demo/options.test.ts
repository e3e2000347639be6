import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseCommandLine } from "../../hosts/demo/options.ts";

suite("the demo's command line", () => {
  test("nothing said is one record a second, Kafka if possible, until a signal", () => {
    assert.deepEqual(parseCommandLine([]), {
      kind: "run",
      options: { broker: { kind: "kafka-if-possible" }, everyMs: 1000, runMs: null, field: null, opensPage: false },
    });
  });

  test("every option is read", () => {
    assert.deepEqual(parseCommandLine(["--brokers", "a:1,b:2", "--every=10ms", "--seconds", "1.5"]), {
      kind: "run",
      options: { broker: { kind: "brokers", brokers: "a:1,b:2" }, everyMs: 10, runMs: 1500, field: null, opensPage: false },
    });
    assert.deepEqual(parseCommandLine(["--kafka", "--every", "2s"]), {
      kind: "run",
      options: { broker: { kind: "kafka" }, everyMs: 2000, runMs: null, field: null, opensPage: false },
    });
    assert.deepEqual(parseCommandLine(["--embedded", "--router.rule=timestamp", "--router.timestamp.field=minute"]), {
      kind: "run",
      options: { broker: { kind: "embedded" }, everyMs: 1000, runMs: null, field: "minute", opensPage: false },
    });
    const opened = parseCommandLine(["--open"]);
    assert.ok(opened.kind === "run" && opened.options.opensPage);
    assert.equal(parseCommandLine(["--help", "--embedded"]).kind, "help");
  });

  const faults: readonly (readonly [args: readonly string[], fault: RegExp])[] = [
    [["--nope"], /^Unknown option '--nope'$/],
    [["word"], /^Unexpected argument 'word'/],
    [["--seconds"], /^Option '--seconds <value>' argument missing$/],
    [["--kafka=yes"], /^Option '--kafka' does not take an argument$/],
    [["--every", "0ms"], /^--every "0ms" is not a duration between 1ms and 1m, such as 500ms or 2s$/],
    [["--every", "soon"], /^--every "soon" is not a duration/],
    [["--every", "61s"], /^--every "61s" is not a duration/],
    [["--seconds", "0"], /^--seconds "0" is not a number above 0 and up to 86400$/],
    [["--seconds", "-1"], /--seconds/],
    [["--seconds=10s"], /^--seconds "10s" is not a number/],
    [["--kafka", "--embedded"], /^--kafka, --embedded and --brokers exclude each other$/],
    [["--brokers", "a:b:c"], /^--brokers "a:b:c" is wrong in entry 1/],
    [["--brokers", ""], /^--brokers "" names no broker$/],
    [["--router.rule=parity"], /^--router.rule "parity" is neither last-digit nor timestamp$/],
    [["--router.timestamp.field=minute"], /^--router.timestamp.field is for --router.rule=timestamp$/],
    [
      ["--router.rule=timestamp", "--router.timestamp.field=week"],
      /^--router.timestamp.field "week" is none of month, day, year, hour, minute, second$/,
    ],
  ];
  for (const [args, fault] of faults) {
    test(`"${args.join(" ")}" is refused`, () => {
      const commandLine = parseCommandLine(args);
      assert.equal(commandLine.kind, "fault");
      assert.match("fault" in commandLine ? commandLine.fault : "", fault);
    });
  }
});
