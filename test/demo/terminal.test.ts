import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { EVEN, ODD } from "../../hosts/demo/stream.ts";
import { createTerminal, type Terminal } from "../../hosts/demo/terminal.ts";

/** 2026-11-21T03:51:06.123Z */
const NOW_MS = Date.UTC(2026, 10, 21, 3, 51, 6, 123);

/** Returns a terminal, what it wrote and its clock. */
function terminalOf(columns: number | null): { terminal: Terminal; written: string[]; clock: { nowMs: number } } {
  const written: string[] = [];
  const clock = { nowMs: NOW_MS };
  const terminal = createTerminal({ write: (text) => written.push(text), columns: () => columns, now: () => clock.nowMs, pid: 4242 });
  return { terminal, written, clock };
}

suite("the demo's terminal", () => {
  test("a record is a line as Spring's log sink writes it", () => {
    const { terminal, written } = terminalOf(null);
    terminal.logged(EVEN, "Even timestamp: 11/21/26 03:51:06");
    terminal.logged(ODD, "a\nb");
    assert.deepEqual(written, [
      "2026-11-21T03:51:06.123Z  INFO 4242 --- [evenLogger] [container-0-C-1] log-sink                                 : Even timestamp: 11/21/26 03:51:06\n",
      "2026-11-21T03:51:06.123Z  INFO 4242 --- [oddLogger] [container-0-C-1] log-sink                                 : a\\nb\n",
    ]);
  });

  test("of more records than a person can read the rest is counted", () => {
    const { terminal, written, clock } = terminalOf(null);
    for (let count = 0; count < 100; count++) terminal.logged(EVEN, "e");
    terminal.logged(ODD, "o");
    assert.equal(written.length, 6);
    clock.nowMs += 1000;
    terminal.logged(ODD, "o");
    assert.equal(written[6], "demo: 95 more not shown; 100 even and 1 odd so far\n");
    assert.match(written[7] ?? "", /: o\n$/);
    terminal.flush();
    assert.equal(written.length, 8, "nothing is left to count");
  });

  test("one record a second is always shown", () => {
    const { terminal, written, clock } = terminalOf(null);
    for (let count = 0; count < 100; count++) {
      terminal.logged(count % 2 === 0 ? EVEN : ODD, "text");
      clock.nowMs += 1000;
    }
    assert.equal(written.length, 100);
  });

  test("progress is written over on a terminal", () => {
    const { terminal, written } = terminalOf(20);
    terminal.progress("Fetched one of many jars.");
    terminal.note("done");
    assert.deepEqual(written, ["\r\u001b[2Kdemo: Fetched one o", "\r\u001b[2Kdemo: done\n"]);
  });

  test("progress of one kind is not written too often elsewhere", () => {
    const { terminal, written, clock } = terminalOf(null);
    terminal.progress("Fetched a.");
    terminal.progress("Fetched b.");
    terminal.progress("Starting.");
    clock.nowMs += 2000;
    terminal.progress("Fetched c.");
    assert.deepEqual(written, ["demo: Fetched a.\n", "demo: Starting.\n", "demo: Fetched c.\n"]);
  });
});
