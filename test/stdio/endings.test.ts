/** How the command ends when something else ends it. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { suite, test } from "node:test";
import type { TestContext } from "node:test";
import { BlockRouter } from "../../hosts/stdio/block-router.ts";
import { GUEST } from "../../hosts/stdio/program-files.ts";
import { createReport } from "../../hosts/stdio/report.ts";
import { routeInputs } from "../../hosts/stdio/route-inputs.ts";
import type { Input } from "../../hosts/stdio/streams.ts";
import { folder, run, start } from "./command.ts";

const LINE = "11/20/26 10:00:07\n";
const LINES = 500_000;

/** Returns a file whose routed records no pipe has room for. */
function largeFile(context: TestContext): string {
  const path = join(folder(context), "large");
  writeFileSync(path, LINE.repeat(LINES));
  return path;
}

/** Starts the command; returns it with its output, which nobody reads yet, and what it says. */
function started(words: readonly string[]): {
  child: ChildProcess;
  stdin: NodeJS.WritableStream;
  stdout: NodeJS.ReadableStream;
  said: Promise<string>;
} {
  const child = start(words);
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("the standard streams are no pipes");
  return { child, stdin, stdout, said: text(stderr) };
}

test("when nobody reads its output any more, the command ends by SIGPIPE, as others do, without a word", async (context) => {
  const child = start([largeFile(context)], ["ignore", "pipe", "pipe"]);
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  const said = text(stderr);
  await once(stdout, "data");
  stdout.destroy();
  await once(child, "close");
  assert.deepEqual([child.signalCode, await said], ["SIGPIPE", ""]);
});

suite("A full disk", { skip: existsSync("/dev/full") ? false : "there is no /dev/full, which is always full" }, () => {
  test("is said in one line, for standard output", async () => {
    const full = openSync("/dev/full", "w");
    const child = start([], ["pipe", full, "pipe"]);
    closeSync(full);
    assert.ok(child.stdin !== null && child.stderr !== null);
    child.stdin.end("1\n");
    const [said] = await Promise.all([text(child.stderr), once(child, "close")]);
    assert.equal(said, "timestamp-router: can't write standard output: no space left on device\n");
    assert.equal(child.exitCode, 3);
  });

  test("where what is left out is said keeps no record back, and shows in the status", async () => {
    const full = openSync("/dev/full", "w");
    const child = start([], ["pipe", "pipe", full]);
    closeSync(full);
    assert.ok(child.stdin !== null && child.stdout !== null);
    child.stdin.end("1\nx\n2\n");
    const [written] = await Promise.all([text(child.stdout), once(child, "close")]);
    assert.equal(written, "odd\tOdd timestamp:1\neven\tEven timestamp: 2\n");
    assert.equal(child.exitCode, 3);
  });

  test("is said in one line, for the help and the version", async () => {
    for (const word of ["--help", "--version"]) {
      const full = openSync("/dev/full", "w");
      const child = start([word], ["ignore", full, "pipe"]);
      closeSync(full);
      assert.ok(child.stderr !== null);
      const [said] = await Promise.all([text(child.stderr), once(child, "close")]);
      assert.equal(said, "timestamp-router: can't write standard output: no space left on device\n");
      assert.equal(child.exitCode, 3);
    }
  });

  test("is said in one line, for a file, and what was counted is said all the same", async () => {
    const { status, stderr } = await run(["--out=even=/dev/null", "--out=odd=/dev/full", "--stats=json"], "1\n");
    assert.equal(status, 3);
    assert.match(stderr, /^\{.*\}\ntimestamp-router: can't write \/dev\/full: no space left on device\n$/);
  });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends the command while it waits for input: by that signal, and with the counts that were asked for`, async () => {
    const { child, stdin, stdout, said } = started(["--stats=json"]);
    stdin.write("1\n2\n3");
    await once(stdout, "data");
    child.kill(signal);
    await once(child, "close");
    assert.equal(child.signalCode, signal);
    assert.match(await said, /^\{"records":2,/);
  });
}

test("a signal ends the command while it waits for the other end of a named pipe that it reads or writes", async (context) => {
  const place = folder(context);
  const [pipe, file] = [join(place, "pipe"), join(place, "file")];
  execFileSync("mkfifo", [pipe]);
  for (const words of [
    [pipe, `--out=even=${file}`, "--out=odd=/dev/null"],
    ["/dev/null", `--out=even=${file}`, `--out=odd=${pipe}`],
  ]) {
    rmSync(file, { force: true });
    const watcher = watch(place);
    const child = start(words);
    // The file is made before the pipe is opened, which nobody does from the other end.
    await once(watcher, "change");
    watcher.close();
    child.kill("SIGINT");
    await once(child, "exit");
    assert.equal(child.signalCode, "SIGINT");
  }
});

test("an input that is not open when the signal comes is not waited for", async () => {
  const router = new BlockRouter(new WebAssembly.Module(readFileSync(GUEST)), {});
  const stop = new AbortController();
  const input: Input = {
    name: "pipe",
    size: null,
    identity: { key: "", isExclusive: true },
    open: async () => {
      stop.abort();
      return new Promise(() => {});
    },
  };
  const report = createReport({ write: assert.fail, showsProgress: false, now: Date.now });
  await routeInputs({ router, inputs: [input], outputs: [], policy: "log", report, stopped: stop.signal }, () => assert.fail());
});

test("SIGINT lets the block that is being written come out whole, and no other is begun", async (context) => {
  const { child, stdout, said } = started([largeFile(context)]);
  await once(stdout, "readable");
  child.kill("SIGINT");
  const [bytes] = await Promise.all([buffer(stdout), once(child, "close")]);
  const written = bytes.toString();
  assert.ok(written.endsWith(`odd\tOdd timestamp:${LINE}`), written.slice(-60));
  assert.ok(written.length < LINES * `odd\tOdd timestamp:${LINE}`.length);
  assert.deepEqual([child.signalCode, await said], ["SIGINT", ""]);
});

test("a second SIGINT ends the command at once, whatever is not written", async (context) => {
  const { child, stdout } = started([largeFile(context), "--stats"]);
  await once(stdout, "readable");
  child.kill("SIGINT");
  // Nobody reads on, so the first signal alone would wait for ever. How long the command takes to see it is not known: signals are sent until
  // one is the second.
  const sender = setInterval(() => child.kill("SIGINT"), 20);
  await once(child, "exit");
  clearInterval(sender);
  assert.equal(child.signalCode, "SIGINT");
});

test("standard streams that somebody has set to non-blocking are waited for", async (context) => {
  // A Node.js process makes the pipes that it looks at non-blocking, for all who share them.
  const parent = `
    const child = require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: "inherit" });
    child.on("exit", (status) => { process.exitCode = status; });
    process.stdin.pause();
    process.stdout.cork();`;
  const main = new URL("../../hosts/stdio/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["-e", parent, process.execPath, main, "-", largeFile(context)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.write("2\n");
  await once(child.stdout, "readable");
  child.stdin.end("1\n");
  const [bytes] = await Promise.all([buffer(child.stdout), once(child, "close")]);
  const written = bytes.toString();
  assert.ok(written.startsWith("even\tEven timestamp: 2\nodd\tOdd timestamp:1\n"));
  assert.equal(written.length, "even\tEven timestamp: 2\nodd\tOdd timestamp:1\n".length + LINES * `odd\tOdd timestamp:${LINE}`.length);
  assert.equal(child.exitCode, 0);
});

test("a line is said to its end where standard error takes few bytes at a time, and is not always ready", async () => {
  const reluctant = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const { writeSync } = fs;
    let isReady = true;
    fs.writeSync = (descriptor, text) => {
      isReady = !isReady;
      if (!isReady) throw Object.assign(new Error(), { code: "EAGAIN" });
      return writeSync(descriptor, Buffer.from(text).subarray(0, 20));
    };
    syncBuiltinESMExports();`;
  const main = new URL("../../hosts/stdio/main.ts", import.meta.url).pathname;
  const words = ["--import", `data:text/javascript,${encodeURIComponent(reluctant)}`, main, "--stats=json"];
  const child = spawn(process.execPath, words, { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.end("é\n2\n");
  const [said] = await Promise.all([text(child.stderr), once(child, "close")]);
  const lines = said.split("\n");
  assert.equal(lines[0], "timestamp-router: left out record 1 of standard input, at byte 0: not-a-digit at byte 1 of it");
  assert.equal((JSON.parse(lines[1] ?? "") as { readonly records: number }).records, 2);
  assert.equal(child.exitCode, 1);
});

test("a line that standard error never takes is given up, with exit status 3", async () => {
  const full = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    fs.writeSync = () => {
      throw Object.assign(new Error(), { code: "EAGAIN" });
    };
    Atomics.wait = () => "timed-out";
    syncBuiltinESMExports();`;
  const main = new URL("../../hosts/stdio/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(full)}`, main, "--stats=json"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end("2\n");
  await once(child, "close");
  assert.equal(child.exitCode, 3);
});
