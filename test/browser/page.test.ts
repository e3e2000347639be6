/** The page on a server of plain files. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf } from "../bytes.ts";
import { decide } from "../model.ts";
import { checkAsync } from "../property.ts";
import { fill, needsBrowser, onPage, texts, type Page } from "./open-page.ts";

function named(name: string): string {
  return `[name="${name}"]`;
}

async function backgroundOf(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

test("values go where the model says, by any last-digit rule, with the same bytes", needsBrowser, async () => {
  const text = fc.string({ maxLength: 8 }).map((value) => value.replaceAll(/[\r\n\\]/gu, "x"));
  const value = fc.oneof(
    text,
    fc.tuple(text, fc.nat({ max: 99 })).map((parts) => parts.join("")),
  );
  const rule = fc.record({ prefixes: fc.tuple(text, text), unroutable: fc.constantFrom(null, 0 as const, 1 as const) });
  await onPage(async (page) => {
    await fill(page, [[named("router.outputs"), "left,right"]]);
    await checkAsync(
      fc.asyncProperty(rule, fc.array(value, { minLength: 1, maxLength: 6 }), async ({ prefixes: [left, right], unroutable }, values) => {
        // A text area takes an empty line at its end for the end of the line before.
        const lines = values.at(-1) === "" ? [...values, "7"] : values;
        const outputs = [
          { name: "left", prefix: bytesOf(left) },
          { name: "right", prefix: bytesOf(right) },
        ] as const;
        await fill(page, [
          [named("router.prefix.left"), left],
          [named("router.prefix.right"), right],
          [named("router.unroutable"), unroutable === null ? "log" : outputs[unroutable].name],
          ["#values", lines.join("\n")],
        ]);
        const decisions = lines.map((line) => decide({ outputs, unroutable }, bytesOf(line)));
        const badges = decisions.map((decision) => ("output" in decision ? outputs[decision.output].name : decision.reason));
        assert.deepEqual(await texts(page, "#rows .badge"), badges.toReversed());
        const last = decisions.at(-1);
        const bytes = last !== undefined && "output" in last ? last.value : bytesOf(lines.at(-1) ?? "");
        const shown = (await texts(page, ".bytes .byte small")).filter((hex) => hex !== "–");
        assert.deepEqual(
          shown,
          Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")),
        );
      }),
      0.1,
    );
  });
});

test("a recipe shows the rule, the bytes that decided, and why; a choice explains another value", needsBrowser, async () => {
  await onPage(async (page) => {
    await page.getByLabel("Recipe").selectOption({ label: "Day of the week" });
    assert.deepEqual(await texts(page, "#rows .badge"), ["sunday", "no-such-time", "sunday", "saturday"]);
    assert.equal((await texts(page, ".byte.deciding b")).join(""), "19690720");
    await page.getByRole("radio", { name: "2026-02-29" }).check();
    assert.equal((await texts(page, ".byte.at-fault b")).join(""), "2");
    assert.match((await texts(page, ".steps"))[0] ?? "", /There is no such time\. That shows at byte 8\./u);
    assert.match((await texts(page, "#properties"))[0] ?? "", /^router\.rule=timestamp\nrouter\.timestamp\.format=iso-8601\n/u);
    assert.equal(
      await page.locator("#summary").textContent(),
      "2 sunday, 0 monday, 0 tuesday, 0 wednesday, 0 thursday, 0 friday, 1 saturday, 1 unroutable.",
    );
  });
});

test("a prefix that is emptied is none, and the other one stays", needsBrowser, async () => {
  await onPage(async (page) => {
    await fill(page, [[named("router.prefix.even"), ""]]);
    assert.deepEqual([...new Set(await texts(page, "#rows .before"))], ["", "Odd timestamp:"]);
    assert.equal(await page.locator("#properties").textContent(), "router.prefix.even=");
  });
});

test("an output may have the name of what every object of JavaScript has, and begins without a prefix", needsBrowser, async () => {
  await onPage(async (page) => {
    await fill(page, [[named("router.outputs"), "constructor,odd"]]);
    assert.deepEqual([...new Set(await texts(page, "#rows .before"))], ["", "Odd timestamp:"]);
    assert.equal(await page.locator(named("router.prefix.constructor")).inputValue(), "");
    assert.equal(await page.locator("#properties").textContent(), "router.outputs=constructor,odd");
  });
});

test("a fault of the rule is told at its field, and the rule before it stays", needsBrowser, async () => {
  await onPage(async (page) => {
    await page.getByLabel("a field of the time").check();
    await page.getByLabel("Format router.timestamp.format").fill("MM/dd/yy QQ");
    assert.match((await page.getByRole("alert").textContent()) ?? "", /^router\.timestamp\.format: character 10: expected iso-8601/u);
    assert.equal(await page.getByLabel("Format router.timestamp.format").getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator("#rows .row").count(), 5);
    await page.getByLabel("Format router.timestamp.format").fill("MM/dd/yy HH:mm:ss");
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
  });
});

test("the time is streamed into the values until it is stopped", needsBrowser, async () => {
  await onPage(async (page) => {
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByLabel("Pace").selectOption("10 a second");
    await page.getByRole("button", { name: "Stream the time" }).click();
    await page.waitForFunction(() => document.querySelectorAll("#rows .row").length >= 4);
    await page.getByRole("button", { name: "Stop the stream" }).click();
    const badges = await texts(page, "#rows .badge");
    assert.ok(
      badges.every((badge, index) => index === 0 || badge !== badges[index - 1]),
      badges.join(),
    );
  });
});

test("a file that is dropped is routed, and its outputs can be downloaded", needsBrowser, async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `11/21/26 10:${String(index % 60).padStart(2, "0")}:${index % 10}`);
  await onPage(async (page) => {
    await page.evaluate(
      (text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "times.txt"));
        document.getElementById("drop")?.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [...lines, "noon"].join("\n"),
    );
    await page.getByText("5,001 lines to 2 outputs").waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download odd" }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), "times.odd.txt");
    const odd = lines.filter((_, index) => index % 2 === 1).map((line) => `Odd timestamp:${line}\n`);
    assert.equal(readFileSync(await file.path(), "utf8"), odd.join(""));
    assert.deepEqual(await texts(page, "#file-result details li"), ["line 5001: not-a-digit at byte 3"]);
  });
});

/** Drops files one after the other at once. One with a fault can't be read; one without never comes. */
async function dropUnread(page: Page, files: readonly (readonly [name: string, fault: string | null])[]): Promise<void> {
  await page.evaluate((dropped) => {
    for (const [name, fault] of dropped) {
      const arrayBuffer = async (): Promise<never> =>
        new Promise((_, reject) => {
          if (fault !== null) reject(new Error(fault));
        });
      const event = new Event("drop", { bubbles: true, cancelable: true });
      const dataTransfer = { files: [{ name, size: 1, slice: () => ({ arrayBuffer }) }] };
      document.getElementById("drop")?.dispatchEvent(Object.assign(event, { dataTransfer }));
    }
  }, files);
}

test("the bar and the words are those of the last file that came, and a file that can't be read has no bar", needsBrowser, async () => {
  await onPage(async (page) => {
    const bar = page.locator("#file-bar");
    await dropUnread(page, [
      ["gone.txt", "no such file"],
      ["slow.txt", null],
    ]);
    assert.equal(await page.locator("#file-progress").textContent(), "Reading slow.txt.");
    assert.equal(await bar.isVisible(), true);
    await dropUnread(page, [["gone.txt", "no such file"]]);
    await page.getByText("gone.txt can't be read: Error: no such file").waitFor();
    assert.equal(await bar.isVisible(), false);
    await dropUnread(page, [["slow.txt", null]]);
    await fill(page, [[named("router.outputs"), "even"]]);
    await dropUnread(page, [["late.txt", null]]);
    await page.getByText("The rule above has a fault.").waitFor();
    assert.equal(await bar.isVisible(), false);
  });
});

test("the core and both kinds of JavaScript are measured, and the chart says what was", needsBrowser, async () => {
  await onPage(async (page) => {
    await page.getByRole("button", { name: "Measure" }).click();
    await page.getByRole("img", { name: "The core: " }).waitFor({ timeout: 30_000 });
    assert.equal(await page.locator("#speed-chart .bar").count(), 3);
    assert.equal(await page.locator("#speed-chart .dot").count(), 45);
    assert.match((await page.locator("#speed-result").textContent()) ?? "", /JavaScript, byte by byte.+JavaScript, eight bytes a step/u);
  });
});

test("everything can be reached and done with the keyboard, and what has the focus is marked", needsBrowser, async () => {
  await onPage(async (page) => {
    const reached = new Set<string>();
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press("Tab");
      const [name, mark] = await page.evaluate(() => {
        const active = document.activeElement;
        const marked = active?.closest(".row, .drop") ?? active;
        const style = marked === null ? null : getComputedStyle(marked);
        return [
          active?.id || active?.getAttribute("name") || active?.getAttribute("href") || active?.tagName || "",
          style?.outlineStyle ?? "",
        ];
      });
      if (name !== "BODY") assert.notEqual(mark, "none", name);
      reached.add(name);
    }
    const names = [
      "#route",
      "#live",
      "theme",
      "recipe",
      "router.rule",
      "router.outputs",
      "router.prefix.odd",
      "router.unroutable",
      "SUMMARY",
      "values",
    ];
    for (const name of [...names, "stream", "pace", "clear", "decision", "file-input", "measure"]) assert.ok(reached.has(name), name);
    await page.locator("#rows input").first().focus();
    await page.keyboard.press("ArrowDown");
    assert.match((await texts(page, ".steps"))[0] ?? "", /the digit 9/u);
    const unnamed = await page.evaluate(() =>
      Array.from(document.querySelectorAll<HTMLInputElement>("input, select, textarea"), (field) => {
        const labels = Array.from(field.labels ?? [], (label) => label.textContent).join("");
        return labels.trim() === "" && !field.hasAttribute("aria-labelledby") ? field.outerHTML : "";
      }).filter((html) => html !== ""),
    );
    assert.deepEqual(unnamed, []);
  });
});

test("colours follow the system, or the choice, which is remembered; nothing moves for who wants that", needsBrowser, async () => {
  const [light, dark] = ["rgb(246, 247, 249)", "rgb(20, 23, 28)"];
  await onPage(
    async (page) => {
      assert.equal(await backgroundOf(page), dark);
      await page.getByLabel("Colours").selectOption("Light");
      assert.equal(await backgroundOf(page), light);
      await page.reload();
      assert.equal(await backgroundOf(page), light);
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), "auto");
    },
    { colorScheme: "dark", reducedMotion: "reduce" },
  );
  await onPage(async (page) => assert.equal(await backgroundOf(page), light), { colorScheme: "light" });
});

test("the page's policy lets no script of a text's run, and nothing be asked of others", needsBrowser, async () => {
  await onPage(
    async (page) => {
      const refusals = await page.evaluate(async () => {
        const breached = new Promise<string>((resolve) => {
          addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective));
        });
        const asked = await fetch("https://example.com/").then(
          () => "answered",
          () => "refused",
        );
        let made = "made";
        try {
          document.body.innerHTML = "<p>";
        } catch (error) {
          made = String(error).slice(0, 9);
        }
        return [asked, made, await breached];
      });
      assert.deepEqual(refusals, ["refused", "TypeError", "connect-src"]);
    },
    { complaints: /Content Security Policy|TrustedHTML/u },
  );
});

test("without a router beside it, the page says so", needsBrowser, async () => {
  await onPage(async (page) => {
    await page.getByText("There is no router beside this page.").waitFor();
    assert.equal(await page.locator("#live-panel").isVisible(), false);
  });
});
