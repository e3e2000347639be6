import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogLevels } from "../../../hosts/dataflow/log-levels.ts";
import { createLogger } from "../../../hosts/dataflow/log.ts";
import { config } from "./config-checks.ts";

test("a logger without a level has that of the nearest name above it", () => {
  const levels = createLogLevels("WARN", { router: "DEBUG", "router.session": "OFF" });
  const effective = ["router.session.x", "router.session", "router.sessions", "router", "routers", "kafkajs"].map((name) =>
    levels.effective(name),
  );
  assert.deepEqual(effective, ["OFF", "OFF", "DEBUG", "DEBUG", "WARN", "WARN"]);
});

test("a level that is set counts at once for the loggers below, and one that is taken away does not any more", () => {
  const levels = createLogLevels("INFO");
  assert.equal(levels.isOn("router.app", "DEBUG"), false);
  levels.set("router", "DEBUG");
  assert.deepEqual([levels.isOn("router.app", "DEBUG"), levels.isOn("router.app", "TRACE")], [true, false]);
  levels.set("router", null);
  assert.deepEqual([levels.isOn("router.app", "DEBUG"), levels.configured("router")], [false, null]);
});

test("ROOT is a logger in any case, and always has a level", () => {
  const levels = createLogLevels("INFO");
  levels.set("root", "ERROR");
  assert.deepEqual([levels.configured("ROOT"), levels.effective("ROOT"), levels.effective("a")], ["ERROR", "ERROR", "ERROR"]);
  levels.set("ROOT", null);
  assert.equal(levels.effective("a"), "ERROR");
});

test("the names are ROOT, those that were asked for or have a level, and those above them", () => {
  const levels = createLogLevels("INFO", { "c.d": "WARN" });
  levels.isOn("a.b", "INFO");
  assert.deepEqual(levels.names(), ["ROOT", "a", "a.b", "c", "c.d"]);
});

test("a log writes what its loggers' levels let through, from one event to the next", () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const levels = createLogLevels("INFO", { quiet: "OFF" });
  const log = createLogger({ applicationName: "a", format: "text", levels, write, now: () => 0, pid: 1 });
  log.error("quiet", "no");
  log.debug("loud", "no");
  levels.set("loud", "DEBUG");
  log.debug("loud", "yes");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", / : yes\n$/u);
});

test("stack traces come with the loggers that are at DEBUG", () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = createLogger({
    applicationName: "a",
    format: "text",
    levels: createLogLevels("INFO", { b: "DEBUG" }),
    write,
    now: () => 0,
    pid: 1,
  });
  for (const logger of ["a", "b"]) log.error(logger, "m", { error: new Error("e") });
  assert.deepEqual(
    lines.map((line) => line.includes("log-levels.test.ts")),
    [false, true],
  );
});

test("logging.level.<logger> sets the level of a logger, in arguments, JSON and variables", () => {
  const env = {
    SPRING_APPLICATION_JSON: '{"logging":{"level":{"router.app":"off","root":"warn"}}}',
    LOGGING_LEVEL_ROUTER_SESSION: "TRACE",
    LOGGING_LEVEL_KAFKAJS: "error",
  };
  const { level, levelByLogger } = config(["--logging.level.router=debug"], env).logging;
  assert.equal(level, "WARN");
  assert.deepEqual({ ...levelByLogger }, { router: "DEBUG", "router.app": "OFF", "router.session": "TRACE", kafkajs: "ERROR" });
  assert.deepEqual({ ...config(["--logging.level.my_logger=debug"]).logging.levelByLogger }, { my_logger: "DEBUG" });
  const both = config(["--logging.level.router.session=debug"], env).logging;
  assert.equal(both.levelByLogger["router.session"], "DEBUG");
});
