/** The command line: what it takes, and what it says of what it does not take. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { UsageError } from "../../hosts/stdio/errors.ts";
import type { Options } from "../../hosts/stdio/options.ts";
import { readOptions } from "../../hosts/stdio/options.ts";
import { USAGE } from "../../hosts/stdio/usage.ts";
import { run } from "./command.ts";

const DEFAULTS: Options = {
  inputs: ["-"],
  framing: "Lines",
  rule: {},
  policy: "log",
  outs: new Map(),
  unroutable: null,
  stats: null,
};

const READ: readonly (readonly [words: string, options: Partial<Options>])[] = [
  ["", {}],
  ["a - b", { inputs: ["a", "-", "b"] }],
  ["--format nul a", { framing: "Nul", inputs: ["a"] }],
  ["--format=length", { framing: "Length" }],
  ["-- --format -x", { inputs: ["--format", "-x"] }],
  ["a --stats b", { inputs: ["a", "b"], stats: "text" }],
  ["--stats=json", { stats: "json" }],
  ["--out even=a --out=odd=b=c", { outs: new Map(Object.entries({ even: "a", odd: "b=c" })) }],
  ["--unroutable u", { unroutable: "u", policy: "dlq" }],
  ["--unroutable u --router.unroutable dlq", { unroutable: "u", policy: "dlq", rule: { "router.unroutable": "dlq" } }],
  ["--router.unroutable=stop", { policy: "stop", rule: { "router.unroutable": "stop" } }],
  ["--router.unroutable=odd", { policy: "output", rule: { "router.unroutable": "odd" } }],
  [
    "--router.rule=timestamp --router.timestamp.format=H:m --router.timestamp.field hour --router.timestamp.zone=+01:00 --router.timestamp.divide=6",
    {
      rule: {
        "router.rule": "timestamp",
        "router.timestamp.format": "H:m",
        "router.timestamp.field": "hour",
        "router.timestamp.zone": "+01:00",
        "router.timestamp.divide": "6",
      },
    },
  ],
  [
    "--router.timestamp.source value --router.table=0:even,1:odd",
    { rule: { "router.timestamp.source": "value", "router.table": "0:even,1:odd" } },
  ],
  [
    "--router.prefix.a=x=y --router.outputs a,b --router.prefix.b=",
    { rule: { "router.prefix.a": "x=y", "router.outputs": "a,b", "router.prefix.b": "" } },
  ],
];

for (const [words, options] of READ) {
  test(`"${words}" is ${JSON.stringify(options, (_, value: unknown) => (value instanceof Map ? [...value.entries()] : value))}`, () => {
    assert.deepEqual(readOptions(words.split(" ").filter((word) => word !== "")), { ...DEFAULTS, ...options });
  });
}

const REFUSED: readonly (readonly [words: string, message: string])[] = [
  ["--fromat nul", "unknown option --fromat; did you mean --format?"],
  ["--router.output=a,b", "unknown option --router.output; did you mean --router.outputs?"],
  ["--prefix.even=x", "unknown option --prefix.even"],
  ["--router.prefix.=x", "unknown option --router.prefix.; did you mean --router.prefix.odd?"],
  ["-h", "unknown option -h"],
  ["--colour", "unknown option --colour"],
  ["--out", "--out needs a value"],
  ["--out even", `--out is <output>=<file>, not "even"`],
  ["--out =a", `--out is <output>=<file>, not "=a"`],
  ["--out even=", `--out is <output>=<file>, not "even="`],
  ["--out even=a --out even=b", "--out even= is given twice"],
  ["--format csv", `--format is one of lines, crlf, nul, length, not "csv"`],
  ["--format constructor", `--format is one of lines, crlf, nul, length, not "constructor"`],
  ["--unroutable=", "--unroutable needs the name of a file"],
  ["--format nul --format nul", "--format is given 2 times"],
  ["--stats=yaml", "--stats is given as it is, or as --stats=json, not --stats=yaml"],
  ["--help=me", "--help has no value"],
  ["--router.timestamp.feild=hour", "unknown option --router.timestamp.feild; did you mean --router.timestamp.field?"],
  ["--router.timestamp.source=record", "--router.timestamp.source=record: records here have no timestamp but their value"],
  ["--router.unroutable=dlq", "--router.unroutable=dlq needs --unroutable <file>"],
  ["--router.unroutable=drop --unroutable u", "--unroutable <file> and --router.unroutable=drop contradict each other"],
];

for (const [words, message] of REFUSED) {
  test(`"${words}" is refused: ${message}`, () => {
    assert.throws(() => readOptions(words.split(" ")), new UsageError(message));
  });
}

suite("The command", () => {
  test("says how it is used, and its version, and ends with 0", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    for (const [word, said] of [
      ["--help", USAGE],
      ["--version", `timestamp-router ${version}\n`],
    ] as const) {
      const { status, stdout, stderr } = await run([word, "no-such-file"]);
      assert.deepEqual([status, stdout.toString(), stderr], [0, said, ""]);
    }
  });

  const WRONG: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [["--fromat", "nul"], /^timestamp-router: unknown option --fromat; did you mean --format\?\n/],
    [["--router.prefix.even=\\q"], /^timestamp-router: unknown escape; .* \(in router\.prefix\.even\)\n/],
    [["--router.prefix.left=x"], /^timestamp-router: no output has this name \(in router\.prefix\.left\)\n/],
    [["--router.unroutable=left"], /^timestamp-router: expected dlq, drop, log, stop or the name of an output \(in router\.unroutable\)\n/],
    [[`--router.prefix.odd=${"p".repeat(256)}`], /^timestamp-router: a prefix has at most 255 bytes \(in router\.prefix\.odd\)\n/],
    [
      ["--router.timestamp.zone=Z"],
      /^timestamp-router: unknown key, or one of the timestamp rule only; .* \(in router\.timestamp\.zone\)\n/,
    ],
    [
      ["--router.rule=timestamp", "--router.timestamp.format=MM/dd/yy [HH]"],
      /^timestamp-router: expected iso-8601, .* \(in router\.timestamp\.format\)\n/,
    ],
    [
      ["--router.rule=timestamp", "--router.timestamp.field=hour", "--router.timestamp.format=mm"],
      /^timestamp-router: no field of a timestamp, or one that the format does not have \(in router\.timestamp\.field\)\n/,
    ],
    [["--router.rule=timestamp", "--router.table=0-9:left"], /^timestamp-router: expected ranges .* \(in router\.table\)\n/],
    [["--out", "left=x"], /^timestamp-router: --out left=: there is no such output; there are even, odd\n/],
    [["--unroutable", "-"], /^timestamp-router: --unroutable - needs --out for each output: standard output has the routed records\n/],
    [["--out", "even=-"], /^timestamp-router: --out is missing for odd; --out odd=\/dev\/null leaves its records out\n/],
  ];

  for (const [words, message] of WRONG) {
    test(`refuses ${words.join(" ").slice(0, 40)} with status 2, a word of help, and nothing written`, async () => {
      const { status, stdout, stderr } = await run(words, "12\n");
      assert.deepEqual([status, stdout.toString()], [2, ""]);
      assert.match(stderr, message);
      assert.ok(stderr.endsWith("\ntimestamp-router --help has the options\n"), stderr);
    });
  }
});

test("the help names every option that there is, and its lines fit a wide terminal", () => {
  for (const name of [
    "format",
    "out",
    "unroutable",
    "stats",
    "help",
    "version",
    "router.rule",
    "router.outputs",
    "router.prefix",
    "router.unroutable",
    "router.timestamp.format",
    "router.timestamp.field",
    "router.timestamp.zone",
    "router.timestamp.divide",
    "router.timestamp.source",
    "router.table",
  ]) {
    assert.ok(USAGE.includes(`--${name}`), name);
  }
  assert.deepEqual(
    USAGE.split("\n").filter((line) => line.length > 140),
    [],
  );
});
