import assert from "node:assert/strict";
import test from "node:test";
import { demanding, snippetsOf } from "./snippets.ts";

const PAGE = `# Page

\`\`\`js example.js
run();
\`\`\`

\`\`\`text
done
\`\`\`

\`\`\`
no language, so no snippet
\`\`\`

\`\`\`sh
true
\`\`\`
`;

test("a snippet has its line, language, name and code, and what it prints when a block of text follows", () => {
  assert.deepEqual(snippetsOf(PAGE), [
    { line: 3, language: "js", name: "example.js", code: "run();\n", output: "done\n" },
    { line: 15, language: "sh", name: "", code: "true\n", output: null },
  ]);
});

test("a block of text that no code prints is refused", () => {
  assert.throws(() => snippetsOf("```text\ndone\n```\n"), /line 1: no code prints this/);
  assert.throws(() => snippetsOf(`${PAGE}\n\`\`\`text\ndone\n\`\`\`\n\n\`\`\`text\nagain\n\`\`\`\n`), /no code prints this/);
});

test("a line with a string in a comment behind it must have that value", () => {
  assert.equal(demanding(`one(); // "1"\ntwo(); // 2\n`), `import { equal } from "node:assert/strict";\nequal(one(), "1");\ntwo(); // 2\n`);
});
