import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Router } from "../../hosts/embed.ts";
import { RouterError } from "../../hosts/router-error.ts";
import { bytesOf, literalOf } from "../bytes.ts";
import { CoreInstance, OUTPUTS } from "../core-instance.ts";
import { coreModule } from "../core-module.ts";
import { decide } from "../model.ts";
import { check } from "../property.ts";
import { RuleFault, parseRule } from "../rule-model.ts";

/** Returns the name and prefix of each output of a rule, and which one takes the unroutable, if any; or the rule's fault and where it is. */
function compiled(rule: string): string {
  try {
    const router = new Router(coreModule(), rule);
    const outputs = router.outputs.map((name, index) => `${name}=${prefixOf(router, index)}`);
    const unroutable = router.route(bytesOf("x"));
    return ("output" in unroutable ? [...outputs, `unroutable=${unroutable.output}`] : outputs).join(" ");
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return `${error.code} ${error.ruleOffset}`;
  }
}

function prefixOf(router: Router, index: number): string {
  const decision = router.route(bytesOf(String(index)));
  assert.ok("value" in decision);
  return literalOf(decision.value.slice(0, -1));
}

test("no text at all is the default rule", () => {
  assert.equal(compiled(""), 'even="Even timestamp: " odd="Odd timestamp:"');
  assert.equal(compiled("\n\n"), compiled(""));
});

test("every key can be given once, on lines with or without a newline at the end", () => {
  const rule = "rule=last-digit\n\noutputs=a,b\nprefix.b=B\nprefix.a=A";
  assert.equal(compiled(rule), 'a="A" b="B"');
  assert.equal(compiled(rule + "\n"), compiled(rule));
});

test("the default prefixes belong to the names even and odd, whatever their place", () => {
  assert.equal(compiled("outputs=odd,even"), 'odd="Odd timestamp:" even="Even timestamp: "');
  assert.equal(compiled("outputs=odd,evens"), 'odd="Odd timestamp:" evens=""');
  assert.equal(compiled("outputs=Even,eve"), 'Even="" eve=""');
});

test("the names of outputs have 1 to 64 letters, digits, points, underscores and dashes", () => {
  const long = "a".repeat(64);
  assert.equal(compiled(`outputs=${long},AZaz09._-`), `${long}="" AZaz09._-=""`);
  assert.equal(compiled(`outputs=b,${long}a`), "ROUTER_RULE_BAD_OUTPUTS 10");
});

test("a name that begins like another is another", () => {
  assert.equal(compiled("outputs=a,aa\nprefix.aa=2\nprefix.a=1"), 'a="1" aa="2"');
});

test("a prefix may have an equals sign, a comma, UTF-8, and the escapes", () => {
  assert.equal(compiled("prefix.even==,é \\\\\\n\\t\\x00\\xfF"), 'even="=,\\xc3\\xa9 \\\\\\x0a\\x09\\x00\\xff" odd="Odd timestamp:"');
  assert.equal(compiled("prefix.even="), 'even="" odd="Odd timestamp:"');
});

test("a prefix has at most 255 bytes once its escapes are resolved", () => {
  assert.equal(compiled("prefix.odd=" + "p".repeat(255)), `even="Even timestamp: " odd="${"p".repeat(255)}"`);
  assert.equal(compiled("prefix.odd=" + "\\x70".repeat(255)), `even="Even timestamp: " odd="${"p".repeat(255)}"`);
  assert.equal(compiled("prefix.odd=" + "p".repeat(256)), "ROUTER_RULE_PREFIX_TOO_LONG 266");
  assert.equal(compiled("prefix.odd=" + "\\x70".repeat(256)), "ROUTER_RULE_PREFIX_TOO_LONG 1031");
});

test("unroutable names an output, before the outputs or after them", () => {
  assert.equal(compiled("unroutable=odd"), 'even="Even timestamp: " odd="Odd timestamp:" unroutable=odd');
  assert.equal(compiled("unroutable=even"), 'even="Even timestamp: " odd="Odd timestamp:" unroutable=even');
  assert.equal(compiled("unroutable=b\noutputs=a,b\nprefix.b=B"), 'a="" b="B" unroutable=b');
  assert.equal(compiled("outputs=a,b\nprefix.b=B\nunroutable=a\n"), 'a="" b="B" unroutable=a');
});

test("a word for the host leaves the unroutable in the table, even where an output is called like it", () => {
  assert.equal(compiled("unroutable=dlq\noutputs=log,dlq"), 'log="" dlq=""');
  assert.equal(compiled("unroutable=log\noutputs=log,dlq"), 'log="" dlq=""');
  assert.equal(compiled("unroutable=drop\noutputs=drop,stop"), 'drop="" stop=""');
  assert.equal(compiled("unroutable=stop\noutputs=drop,stop"), 'drop="" stop=""');
  assert.equal(compiled("unroutable=Log\noutputs=Log,lo"), 'Log="" lo="" unroutable=Log');
  assert.equal(compiled("unroutable=lo\noutputs=Log,lo"), 'Log="" lo="" unroutable=lo');
});

const FAULTS: readonly (readonly [rule: string, fault: string])[] = [
  ["rule", "ROUTER_RULE_SYNTAX 0"],
  ["rule=last-digit\nfoo", "ROUTER_RULE_SYNTAX 16"],
  ["prefix.odd=a\tb", "ROUTER_RULE_SYNTAX 12"],
  ["prefix.odd=a\x7f", "ROUTER_RULE_SYNTAX 12"],
  ["prefix.odd=\x1f", "ROUTER_RULE_SYNTAX 11"],
  ["prefix.odd=a\r\n", "ROUTER_RULE_SYNTAX 12"],
  ["=", "ROUTER_RULE_UNKNOWN_KEY 0"],
  ["\nRule=last-digit", "ROUTER_RULE_UNKNOWN_KEY 1"],
  ["rulo=last-digit", "ROUTER_RULE_UNKNOWN_KEY 0"],
  [" rule=last-digit", "ROUTER_RULE_UNKNOWN_KEY 0"],
  ["outputz=a,b", "ROUTER_RULE_UNKNOWN_KEY 0"],
  ["prefix.=a", "ROUTER_RULE_UNKNOWN_KEY 0"],
  ["prefixeven=a", "ROUTER_RULE_UNKNOWN_KEY 0"],
  ["rule=last-digit\nrule=last-digit", "ROUTER_RULE_DUPLICATE_KEY 16"],
  ["outputs=a,b\noutputs=a,b", "ROUTER_RULE_DUPLICATE_KEY 12"],
  ["prefix.odd=1\nprefix.even=1\nprefix.odd=2", "ROUTER_RULE_DUPLICATE_KEY 27"],
  ["prefix.even=1\nprefix.even=2", "ROUTER_RULE_DUPLICATE_KEY 14"],
  ["rule=last-digi", "ROUTER_RULE_UNKNOWN_RULE 5"],
  ["rule=last-digits", "ROUTER_RULE_UNKNOWN_RULE 5"],
  ["\nrule=Last-digit", "ROUTER_RULE_UNKNOWN_RULE 6"],
  ["rule=", "ROUTER_RULE_UNKNOWN_RULE 5"],
  ["outputs=", "ROUTER_RULE_BAD_OUTPUTS 8"],
  ["outputs=a", "ROUTER_RULE_BAD_OUTPUTS 8"],
  ["outputs=a,", "ROUTER_RULE_BAD_OUTPUTS 10"],
  ["outputs=,a", "ROUTER_RULE_BAD_OUTPUTS 8"],
  ["outputs=a,a", "ROUTER_RULE_BAD_OUTPUTS 10"],
  ["outputs=a,b,c", "ROUTER_RULE_BAD_OUTPUTS 8"],
  ["outputs=a,b,c,d,e,f,g,h,i", "ROUTER_RULE_BAD_OUTPUTS 24"],
  ["outputs=a,b ", "ROUTER_RULE_BAD_OUTPUTS 11"],
  ["outputs=a/b,c", "ROUTER_RULE_BAD_OUTPUTS 9"],
  ["outputs=a:b,c", "ROUTER_RULE_BAD_OUTPUTS 9"],
  ["outputs=a@,c", "ROUTER_RULE_BAD_OUTPUTS 9"],
  ["outputs=a[,c", "ROUTER_RULE_BAD_OUTPUTS 9"],
  ["outputs=a`,c", "ROUTER_RULE_BAD_OUTPUTS 9"],
  ["outputs=a{,c", "ROUTER_RULE_BAD_OUTPUTS 9"],
  ["outputs=é,c", "ROUTER_RULE_BAD_OUTPUTS 8"],
  ["prefix.none=a", "ROUTER_RULE_UNKNOWN_OUTPUT 7"],
  ["\nprefix.eve=a", "ROUTER_RULE_UNKNOWN_OUTPUT 8"],
  ["outputs=a,b\nprefix.even=a", "ROUTER_RULE_UNKNOWN_OUTPUT 19"],
  ["prefix.odd=\\", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=ab\\r", "ROUTER_RULE_BAD_ESCAPE 13"],
  ["prefix.odd=\\x", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\x4", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\x4\n1", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\x4g", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\xG4", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\x/0", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\x:0", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\x@0", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=\\X41", "ROUTER_RULE_BAD_ESCAPE 11"],
  ["prefix.odd=a\noutputs=a,b", "ROUTER_RULE_ORDER 13"],
  ["unroutabl=log", "ROUTER_RULE_UNKNOWN_KEY 0"],
  ["unroutable=log\nunroutable=log", "ROUTER_RULE_DUPLICATE_KEY 15"],
  ["unroutable=\nunroutable=log", "ROUTER_RULE_DUPLICATE_KEY 12"],
  ["unroutable=", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable=\noutputs=a,b", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["\nunroutable=none", "ROUTER_RULE_BAD_UNROUTABLE 12"],
  ["unroutable=Log", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable=logs", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable=lo", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable=drop,log", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable= log", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable=log\r\n", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["unroutable=even\noutputs=a,b", "ROUTER_RULE_BAD_UNROUTABLE 11"],
  ["outputs=a,b\nunroutable=even", "ROUTER_RULE_BAD_UNROUTABLE 23"],
  ["unroutable=none\nprefix.odd=\\", "ROUTER_RULE_BAD_ESCAPE 27"],
  ["prefix.odd=" + "é".repeat(128), "ROUTER_RULE_PREFIX_TOO_LONG 266"],
];

test("every fault has its status and the byte offset at which it is", () => {
  for (const [rule, fault] of FAULTS) assert.equal(compiled(rule), fault, literalOf(bytesOf(rule)));
});

test("a rule text has at most 16,384 bytes", () => {
  assert.equal(compiled("\n".repeat(16_384)), compiled(""));
  assert.equal(compiled("\n".repeat(16_385)), "ROUTER_RULE_TOO_LONG 0");
  assert.equal(compiled("é".repeat(8193)), "ROUTER_RULE_TOO_LONG 0");
});

test("an error says in words what is wrong and where", () => {
  assert.throws(() => new Router(coreModule(), "prefix.odd=a\\r"), {
    name: "RouterError",
    message: /unknown escape.* \(at byte 12 of the rule\)$/,
  });
});

test("a fault leaves the core without a rule, and the next rule knows nothing of the ones before", () => {
  const core = new CoreInstance();
  core.reserve(100, 100, 10);
  assert.equal(core.openBatches(100), "NotConfigured");
  assert.equal(core.configure("outputs=a,b\nprefix.a=1\nprefix.b=22"), "Ok");
  assert.equal(core.openBatches(100), "Ok");
  assert.equal(core.configure("prefix.even=\\"), "RuleBadEscape");
  const calls = [
    core.exports.routeValues(0, 0),
    core.exports.openBatches(100),
    core.exports.routeRecordBatch(0, 61, 0n, 0),
    core.exports.finishBatches(),
  ];
  assert.deepEqual(
    calls.map((status) => core.nameOf(status)),
    Array(4).fill("NotConfigured"),
  );
  assert.equal(core.configure("prefix.even=x"), "Ok");
  assert.deepEqual(
    OUTPUTS.map((index) => core.exports.outputPrefixLength(index)),
    [1, 14],
  );
  assert.equal(core.configure(""), "Ok");
  assert.deepEqual(
    OUTPUTS.map((index) => core.exports.outputPrefixLength(index)),
    [16, 14],
  );
  assert.equal(core.exports.outputCount(), 2);
});

test("a rule knows nothing of where the one before sent the unroutable", () => {
  const core = CoreInstance.ready(1, 100, 1);
  core.writeInput(0, bytesOf("x"));
  core.writeValueTable([[0, 1]]);
  for (const [rule, listed] of [
    ["unroutable=even", 0],
    ["", 1],
    ["unroutable=odd", 0],
    ["unroutable=log", 1],
  ] as const) {
    assert.equal(core.configure(rule), "Ok");
    assert.equal(core.nameOf(core.exports.routeValues(0, 1)), "Ok");
    assert.equal(core.exports.unroutableCount(), listed, rule);
  }
});

test("an escape is not completed with what an earlier text left behind", () => {
  const core = new CoreInstance();
  for (const [before, text] of [
    ["prefix.odd=\\x41", "prefix.odd=\\x4"],
    ["prefix.odd=\\x41", "prefix.odd=\\x"],
    ["prefix.odd=\\n", "prefix.odd=\\"],
  ] as const) {
    assert.equal(core.configure(before), "Ok");
    assert.equal(core.configure(text), "RuleBadEscape");
    assert.equal(core.exports.faultOffset(), 11);
  }
});

function characterOf(text: string): fc.Arbitrary<string> {
  return fc.constantFrom(...text.split(""));
}

const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "rule=last-digit",
      "outputs=a,b",
      "outputs=even,odd",
      "outputs=b.1,even",
      "prefix.a=x",
      "prefix.even=\\x41",
      "unroutable=drop",
      "unroutable=even",
      "unroutable=a",
      "outputs=a,b,c",
      "timestamp.zone=Z",
      "table=1:a",
      "",
    ),
  },
  { weight: 4, arbitrary: fc.string({ unit: characterOf("\\xnt0aFg é\t=,"), maxLength: 12 }).map((text) => "prefix.odd=" + text) },
  { weight: 2, arbitrary: fc.string({ unit: characterOf("ab,.-_Z9 é=even"), maxLength: 8 }).map((text) => "outputs=" + text) },
  { weight: 2, arbitrary: fc.string({ unit: characterOf("dlqropgst,aevn "), maxLength: 4 }).map((text) => "unroutable=" + text) },
  { weight: 1, arbitrary: fc.string({ unit: characterOf("rule=prefix.outputs,lastdigit-"), maxLength: 20 }) },
);

test("the core reads any rule text as the model does, to the byte of the first fault", () => {
  check(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const text = lines.join("\n");
      assert.equal(compiled(text), modelled(text));
    }),
    3,
  );
});

function modelled(text: string): string {
  try {
    const rule = parseRule(bytesOf(text));
    const outputs = rule.outputs.map(({ name }, index) => {
      const decision = decide(rule, bytesOf(String(index)));
      assert.ok("value" in decision);
      return `${name}=${literalOf(decision.value.slice(0, -1))}`;
    });
    const unroutable = rule.unroutable === null ? [] : [`unroutable=${rule.outputs[rule.unroutable].name}`];
    return [...outputs, ...unroutable].join(" ");
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error;
    return `ROUTER${error.status.replaceAll(/[A-Z]/g, (letter) => "_" + letter).toUpperCase()} ${error.at}`;
  }
}
