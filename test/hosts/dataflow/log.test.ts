import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, type Logger, type LoggerOptions } from "../../../hosts/dataflow/log.ts";
import { createLogLevels } from "../../../hosts/dataflow/log-levels.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 4, 18, 12, 345);

/** The lines that `use` makes the log write. */
function linesOf(use: (log: Logger) => void, options: Partial<LoggerOptions> = {}): readonly string[] {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  use(
    createLogger({
      applicationName: "timestamp-router",
      format: "text",
      levels: createLogLevels("INFO"),
      write,
      now: () => NOW_MS,
      pid: 4242,
      ...options,
    }),
  );
  return lines;
}

/** The one line that `use` makes the log write. */
function lineOf(use: (log: Logger) => void, options: Partial<LoggerOptions> = {}): string {
  const [line = "", ...more] = linesOf(use, options);
  assert.deepEqual(more, []);
  return line;
}

function infoOf(logger: string, message: string, options: Partial<LoggerOptions> = {}): string {
  return lineOf((log) => log.info(logger, message), options);
}

function logAtEveryLevel(log: Logger): void {
  for (const level of ["trace", "debug", "info", "warn", "error"] as const) log[level]("l", "m");
}

function loggerColumn(logger: string): string {
  return infoOf(logger, "m").slice(HEAD.length, -" : m\n".length);
}

const HEAD = "2026-11-21T04:18:12.345Z  INFO 4242 --- [timestamp-router] [           main] ";

test("a line of text is Boot's", () => {
  assert.equal(infoOf("router.kafka", "message"), `${HEAD}router.kafka                             : message\n`);
});

test("levels are right-aligned in five columns", () => {
  assert.deepEqual(
    linesOf(logAtEveryLevel, { levels: createLogLevels("TRACE") }).map((line) => line.slice(25, 30)),
    ["TRACE", "DEBUG", " INFO", " WARN", "ERROR"],
  );
});

test("events below the level are not written, events at it are", () => {
  const counts = (["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"] as const).map(
    (level) => linesOf(logAtEveryLevel, { levels: createLogLevels(level) }).length,
  );
  assert.deepEqual(counts, [5, 4, 3, 2, 1, 0]);
});

test("an app without a name has no brackets for it", () => {
  assert.equal(infoOf("l", "m", { applicationName: "" }).slice(0, 59), "2026-11-21T04:18:12.345Z  INFO 4242 --- [           main] l");
});

test("a logger's name takes 40 columns, abbreviated as Logback does it", () => {
  for (const [logger, shown] of [
    ["a".repeat(38), "a".repeat(38)],
    [`com.${"a".repeat(34)}`, `com.${"a".repeat(34)}`],
    [`com.${"a".repeat(35)}`, `c.${"a".repeat(35)}`],
    [`com.${"a".repeat(36)}`, `c.${"a".repeat(36)}`],
    ["org.springframework.boot.web.embedded.Tomcat", "o.s.boot.web.embedded.Tomcat"],
    ["org.springframework.boot.autoconfigure.Thing", "o.s.boot.autoconfigure.Thing"],
    [`a.bb.${"c".repeat(50)}`, "c".repeat(40)],
    ["b".repeat(41), "b".repeat(40)],
  ] as const) {
    assert.equal(loggerColumn(logger).length, 40);
    assert.equal(loggerColumn(logger).trimEnd(), shown, logger);
  }
});

test("no message can end its line or forge another one", () => {
  const forged = `x\n${HEAD}router.kafka : forged\r\u0085\u2028\u2029\u001b[2K\u009b\u0000\u007f\u202e\u2066\tend`;
  for (const format of ["text", "ecs", "logstash", "gelf"] as const) {
    for (const line of linesOf((log) => log.error(forged, forged, { error: new Error(forged), field: forged }), {
      format,
      levels: createLogLevels("DEBUG"),
      applicationName: forged,
    })) {
      assert.ok(line.endsWith("\n"));
      assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      if (format !== "text")
        assert.equal((JSON.parse(line) as Record<string, unknown>)[format === "gelf" ? "short_message" : "message"], forged);
    }
  }
});

test("control characters are shown as escapes, and other text as it is", () => {
  assert.ok(infoOf("l", "a\nb\r\tc\u001b\u2028ü\\n😀").endsWith(String.raw` : a\nb\r\tc\u001b\u2028ü\n😀${"\n"}`));
});

test("an error is its messages in one line after the message", () => {
  const error = new Error("outer", { cause: new Error("inner", { cause: "thrown text" }) });
  const line = lineOf((log) => log.warn("l", "It failed", { error }));
  assert.ok(line.endsWith(" : It failed: outer: inner: thrown text\n"), line);
});

test("stack traces come at level DEBUG only, in the same line", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  const use = (log: Logger): void => log.error("l", "It failed", { error });
  for (const format of ["text", "ecs", "logstash", "gelf"] as const) {
    assert.doesNotMatch(lineOf(use, { format, levels: createLogLevels("INFO") }), /log\.test\.ts/u);
    assert.match(
      lineOf(use, { format, levels: createLogLevels("DEBUG") }),
      /Error: outer.*log\.test\.ts.*Caused by: Error: inner.*log\.test\.ts/u,
    );
  }
});

test("whatever was thrown is logged", () => {
  const circular = new Error("round");
  circular.cause = circular;
  for (const error of ["text", 7, null, undefined, circular, new Error(""), new AggregateError([new Error("a")], "many")]) {
    for (const format of ["text", "ecs", "logstash", "gelf"] as const) {
      for (const level of ["INFO", "TRACE"] as const)
        assert.equal(linesOf((log) => log.info("l", "m", { error }), { format, levels: createLogLevels(level) }).length, 1);
    }
  }
});

function jsonOf(format: LoggerOptions["format"], use: (log: Logger) => void, options: Partial<LoggerOptions> = {}): string {
  return lineOf(use, { format, ...options });
}

test("an ECS line is Boot 3.5's", () => {
  assert.equal(
    jsonOf("ecs", (log) => log.info("router.app", "hello")),
    '{"@timestamp":"2026-11-21T04:18:12.345Z","log":{"level":"INFO","logger":"router.app"},"process":{"pid":4242,"thread":{"name":"main"}},' +
      '"service":{"name":"timestamp-router"},"message":"hello","ecs":{"version":"8.11"}}\n',
  );
});

test("an ECS line has the error's type and messages", () => {
  const line = jsonOf("ecs", (log) => log.error("l", "m", { error: new TypeError("a", { cause: new Error("b") }) }));
  assert.deepEqual((JSON.parse(line) as Record<string, unknown>)["error"], { type: "TypeError", message: "a: b" });
});

test("a Logstash line is Boot 3.5's", () => {
  assert.equal(
    jsonOf("logstash", (log) => log.warn("router.app", "hello")),
    '{"@timestamp":"2026-11-21T04:18:12.345Z","@version":"1","message":"hello","logger_name":"router.app","thread_name":"main","level":"WARN","level_value":30000}\n',
  );
});

test("a GELF line is Boot 3.5's", () => {
  assert.equal(
    jsonOf("gelf", (log) => log.error("router.app", "hello")),
    '{"version":"1.1","short_message":"hello","timestamp":1795234692.345,"level":3,"_level_name":"ERROR","_process_pid":4242,' +
      '"_process_thread_name":"main","host":"timestamp-router","_log_logger":"router.app"}\n',
  );
});

test("a GELF line with an error has the full message", () => {
  const line = JSON.parse(jsonOf("gelf", (log) => log.error("l", "m", { error: new TypeError("a") }))) as Record<string, unknown>;
  assert.equal(line["full_message"], "m\n\na");
  assert.equal(line["_error_type"], "TypeError");
  assert.equal(line["_error_message"], "a");
});

test("levels have Logback's numbers and syslog's severities", () => {
  const numbers = (["trace", "debug", "info", "warn", "error"] as const).map((name) => {
    const use = (log: Logger): void => log[name]("l", "m");
    const logstash = JSON.parse(jsonOf("logstash", use, { levels: createLogLevels("TRACE") })) as { level_value: number };
    const gelf = JSON.parse(jsonOf("gelf", use, { levels: createLogLevels("TRACE") })) as { level: number };
    return [logstash.level_value, gelf.level];
  });
  assert.deepEqual(numbers, [
    [5000, 7],
    [10_000, 7],
    [20_000, 6],
    [30_000, 4],
    [40_000, 3],
  ]);
});

test("a blank message is told as such in GELF, which knows none", () => {
  assert.match(
    jsonOf("gelf", (log) => log.info("l", " ")),
    /"short_message":"\(blank\)"/u,
  );
});

test("fields follow in JSON and can't take the place of what Boot writes", () => {
  const fields = {
    partition: 3,
    offset: 9_007_199_254_740_993n,
    message: "forged",
    log: "forged",
    id: "x",
    "bad name": 1,
    absent: undefined,
  };
  for (const format of ["ecs", "logstash", "gelf"] as const) {
    const text = jsonOf(format, (log) => log.info("l", "m", fields));
    const line = JSON.parse(text) as Record<string, unknown>;
    const prefix = format === "gelf" ? "_" : "";
    assert.equal(line[`${prefix}partition`], 3);
    assert.equal(line[`${prefix}offset`], "9007199254740993");
    assert.equal(line[format === "gelf" ? "short_message" : "message"], "m");
    assert.equal("absent" in line || "_absent" in line, false);
    if (format === "ecs") assert.deepEqual(line["log"], { level: "INFO", logger: "l" });
    if (format === "gelf") assert.equal("_id" in line || "_bad name" in line, false);
  }
});

test("a field of any kind is logged", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  for (const field of [circular, Object.create(null), Symbol("s"), () => 1, new Error("e"), Number.NaN, null, [1]] as unknown[]) {
    for (const format of ["text", "ecs", "logstash", "gelf"] as const) {
      assert.equal(linesOf((log) => log.info("l", "m", { field }), { format }).length, 1);
    }
  }
});

test("fields are not in a line of text", () => {
  assert.ok(lineOf((log) => log.info("l", "m", { partition: 3 })).endsWith(" : m\n"));
});
