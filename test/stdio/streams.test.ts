/** What is read and written: framings, files and standard streams. */
import assert from "node:assert/strict";
import { mkdirSync, openSync, closeSync, readFileSync, writeFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { suite, test } from "node:test";
import type { TestContext } from "node:test";
import { folder, run, start } from "./command.ts";

/** Runs the command on a text; returns its status and what it wrote to standard output. */
async function routed(words: readonly string[], input: string): Promise<readonly [status: number | null, stdout: string]> {
  const { status, stdout } = await run(words, Buffer.from(input, "latin1"));
  return [status, stdout.toString("latin1")];
}

suite("Framing", () => {
  test("no input has no records, and is all routed", async () => {
    for (const format of ["lines", "crlf", "nul", "length"]) assert.deepEqual(await routed([`--format=${format}`], ""), [0, ""]);
  });

  test("each record has its output's name and a tab before it, in the order of the input", async () => {
    assert.deepEqual(await routed([], "a 2\nb 1\nc 4\n"), [
      0,
      "even\tEven timestamp: a 2\nodd\tOdd timestamp:b 1\neven\tEven timestamp: c 4\n",
    ]);
  });

  test("the last line is a record without its end, too, and gets one", async () => {
    assert.deepEqual(await routed([], "1\n2"), [0, "odd\tOdd timestamp:1\neven\tEven timestamp: 2\n"]);
    assert.deepEqual(await routed(["--format=nul"], "1\x002"), [0, "odd\tOdd timestamp:1\x00even\tEven timestamp: 2\x00"]);
  });

  test("an empty line is an empty record", async () => {
    const { status, stderr } = await run([], "\n2\n\n");
    assert.equal(status, 1);
    assert.deepEqual(stderr.trim().split("\n"), [
      "timestamp-router: left out record 1 of standard input, at byte 0: empty",
      "timestamp-router: left out record 3 of standard input, at byte 3: empty",
    ]);
  });

  test("a carriage return belongs to a line, and the command says once what reads it otherwise", async () => {
    const { status, stdout, stderr } = await run([], "12\r\n13\r\n14\n");
    assert.deepEqual([status, stdout.toString()], [1, "even\tEven timestamp: 14\n"]);
    assert.deepEqual(stderr.trim().split("\n"), [
      "timestamp-router: left out record 1 of standard input, at byte 0: not-a-digit at byte 2 of it",
      String.raw`timestamp-router: that byte is a carriage return: --format crlf reads lines that end with \r\n`,
      "timestamp-router: left out record 2 of standard input, at byte 4: not-a-digit at byte 2 of it",
    ]);
  });

  test("with crlf the carriage return before a line feed belongs to the line's end, and each line written has one", async () => {
    const [status, stdout] = await routed(["--format=crlf"], "12\r\n13\n\r14");
    assert.deepEqual([status, stdout], [0, "even\tEven timestamp: 12\r\nodd\tOdd timestamp:13\r\neven\tEven timestamp: \r14\r\n"]);
  });

  test("a length is four bytes, the most significant first; a null value is left out and all is routed", async () => {
    assert.deepEqual(await routed(["--format=length"], "\x00\x00\x00\x024\n\xff\xff\xff\xff\x00\x00\x00\x011"), [
      1,
      "\x00\x00\x00\x13odd\tOdd timestamp:1",
    ]);
    assert.deepEqual(await routed(["--format=length"], "\xff\xff\xff\xff"), [0, ""]);
  });

  test("an input that ends in the middle of a length or of what it promises is an error, behind what was whole", async () => {
    for (const [rest, end] of [
      ["\x00\x00", 7],
      ["\x00\x00\x00\x031", 10],
    ] as const) {
      const { status, stdout, stderr } = await run(["--format=length"], `\x00\x00\x00\x012${rest}`);
      assert.deepEqual([status, stdout.toString("latin1")], [3, "\x00\x00\x00\x16even\tEven timestamp: 2"]);
      assert.equal(stderr, `timestamp-router: standard input ends at byte ${end}, in the middle of record 2\n`);
    }
  });
});

test("the hint is not given where no line ends with a carriage return and a line feed", async () => {
  for (const [format, input] of [
    ["crlf", "\r\n"],
    ["length", "\x00\x00\x00\x06?\rabcd"],
    ["nul", "12\r\x00"],
    ["lines", `\r${"1".repeat(1_048_576)}\n`],
  ] as const) {
    const { status, stderr } = await run([`--format=${format}`], input);
    assert.deepEqual([status, stderr.trim().split("\n").length], [1, 1], `${format}: ${stderr}`);
  }
});

suite("Files that are read", () => {
  test("files are read in their order, standard input among them, and a record does not reach into the next file", async (context) => {
    const path = folder(context);
    writeFileSync(join(path, "a"), "a1");
    writeFileSync(join(path, "b"), "b2\n");
    const [status, stdout] = await routed([join(path, "b"), "-", join(path, "a"), join(path, "b")], "in3");
    assert.equal(status, 0);
    assert.deepEqual(
      stdout
        .replaceAll(/^.*:\s*/gm, "")
        .trim()
        .split("\n"),
      ["b2", "in3", "a1", "b2"],
    );
  });

  test("standard input may be a file, and is read from where it stands", async (context) => {
    const path = join(folder(context), "input");
    writeFileSync(path, "1\n2\n");
    const descriptor = openSync(path, "r");
    const child = start([], [descriptor, "pipe", "inherit"]);
    closeSync(descriptor);
    assert.ok(child.stdout !== null);
    const [stdout] = await Promise.all([buffer(child.stdout), once(child, "close")]);
    assert.equal(stdout.toString(), "odd\tOdd timestamp:1\neven\tEven timestamp: 2\n");
  });
});

suite("Files that are written", () => {
  test("--out writes the values of each output to a file of its own, without names, and replaces what it had", async (context) => {
    const path = folder(context);
    writeFileSync(join(path, "even"), "what was there before, which is longer\n");
    const [status, stdout] = await routed([`--out=even=${join(path, "even")}`, "--out", `odd=${join(path, "odd")}`], "1\n2\n3\n");
    assert.deepEqual([status, stdout], [0, ""]);
    assert.equal(readFileSync(join(path, "even"), "utf8"), "Even timestamp: 2\n");
    assert.equal(readFileSync(join(path, "odd"), "utf8"), "Odd timestamp:1\nOdd timestamp:3\n");
  });

  test("--out takes standard output for one of the outputs", async () => {
    assert.deepEqual(await routed(["--out=even=/dev/null", "--out=odd=-"], "1\n2\n"), [0, "Odd timestamp:1\n"]);
  });

  test("an input is not written to, nor one file twice, and then nothing is emptied", async (context) => {
    const path = folder(context);
    const [a, b, link] = ["a", "b", "link"].map((name) => join(path, name)) as [string, string, string];
    writeFileSync(a, "1\n");
    writeFileSync(b, "2\n");
    mkdirSync(link);
    for (const words of [
      [`--out=even=${b}`, `--out=odd=${a}`, a],
      [`--out=even=${b}`, `--out=odd=${link}/../b`],
      ["--out=even=-", "--out=odd=-"],
      [`--out=even=${a}`, "--out=odd=/dev/null", `--unroutable=${a}`],
      [`--unroutable=${a}`, a],
      ["--out=even=-", "--out=odd=/dev/null", "--unroutable=-"],
    ]) {
      const { status, stderr } = await run(words, "3\n");
      assert.equal(status, 2, words.join(" "));
      assert.match(stderr, /is written to, and is the same file as/);
    }
    assert.deepEqual([readFileSync(a, "utf8"), readFileSync(b, "utf8")], ["1\n", "2\n"]);
  });

  test("an input that is not there is an error, and nothing is written or emptied", async (context) => {
    const path = folder(context);
    writeFileSync(join(path, "even"), "before");
    const missing = join(path, "missing\n");
    const { status, stdout, stderr } = await run(
      [`--out=even=${join(path, "even")}`, `--out=odd=${join(path, "odd")}`, "-", missing],
      "2\n",
    );
    assert.deepEqual([status, stdout.toString()], [3, ""]);
    assert.equal(stderr, `timestamp-router: can't read ${JSON.stringify(missing)}: no such file or directory\n`);
    assert.equal(readFileSync(join(path, "even"), "utf8"), "before");
    assert.ok(!existsSync(join(path, "odd")));
  });
});

/** Runs the command as inetd does, with one socket for both of its streams; returns its status and what the other end of the socket got. */
async function routedOverSocket(context: TestContext, words: readonly string[], input: string): Promise<readonly [number | null, string]> {
  const path = join(folder(context), "socket");
  const server = createServer({ pauseOnConnect: true }).listen(path);
  await once(server, "listening");
  const client = connect(path);
  const [socket] = (await once(server, "connection")) as [Socket];
  server.close();
  const child = start(words, [socket, socket, "ignore"]);
  // The command has a copy of its own.
  socket.destroy();
  client.end(input);
  const [output] = await Promise.all([text(client), once(child, "close")]);
  return [child.exitCode, output];
}

test("standard input and standard output may be one socket", async (context) => {
  assert.deepEqual(await routedOverSocket(context, [], "1\n2\n"), [0, "odd\tOdd timestamp:1\neven\tEven timestamp: 2\n"]);
});

test("two outputs may not be standard output, not even where it is a socket", async (context) => {
  assert.deepEqual(await routedOverSocket(context, ["--out=even=-", "--out=odd=-"], ""), [2, ""]);
});

test("a record is written before the next one is asked for, and the input may be slow", async () => {
  const child = start([], ["pipe", "pipe", "inherit"]);
  assert.ok(child.stdin !== null && child.stdout !== null);
  for (const record of ["11/20/26 10:00:07", "11/20/26 10:00:08"]) {
    child.stdin.write(`${record}\n1`);
    const [written] = (await once(child.stdout, "data")) as [Buffer];
    assert.match(written.toString(), new RegExp(`${record}\n$`));
  }
  child.stdin.end();
  await once(child, "close");
  assert.equal(child.exitCode, 0);
});

test("an input of 150 MB is never in memory as a whole, not even when it is one record", async (context) => {
  const path = join(folder(context), "input");
  writeFileSync(path, "");
  truncateSync(path, 150e6);
  const kept = join(folder(context), "kept");
  const child = start(["--unroutable", kept, path], ["ignore", "inherit", "pipe"]);
  assert.ok(child.pid !== undefined && child.stderr !== null);
  let peakKb = 0;
  for await (const _ of child.stderr) peakKb = Math.max(peakKb, peakOf(child.pid));
  assert.equal(statSync(kept).size, 150e6 + 1);
  assert.ok(peakKb < 200_000, `${peakKb} kB`);
});

/** Returns the most memory that a process has had, in kB, where the system says it in /proc; elsewhere 0. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
