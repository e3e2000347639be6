/** The page beside a running router. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBesideRouter, type BesideRouter } from "./beside-router.ts";
import { fill, needsBrowser, onPage, texts } from "./open-page.ts";

const SECURITY = "--spring.cloud.streamapp.security";
const ADMIN = [`${SECURITY}.admin-user=admin`, `${SECURITY}.admin-password=s3cret`];
const EXPOSED = "--management.endpoints.web.exposure.include=health,bindings,prometheus";
/** What the page asks a router for that shows no health. */
const ASKED = /\/(?:bindings|prometheus)(?:\?.*)?$/u;

const routers: BesideRouter[] = [];
after(async () => {
  await Promise.all(routers.map(async (router) => router.close()));
});

async function besideRouter(args: readonly string[]): Promise<BesideRouter> {
  const router = await startBesideRouter(args);
  routers.push(router);
  return router;
}

test(
  "beside a router there are its rates, lag, health and bindings, and anybody may pause it where it has no administrator",
  needsBrowser,
  async () => {
    const router = await besideRouter([EXPOSED]);
    await onPage(
      async (page) => {
        await page.locator("#live-health").getByText("UP").waitFor();
        // The first figures are there; a rate is what comes after them.
        await page.waitForFunction(() => document.getElementById("live-lag")?.textContent === "0");
        await router.write(["1", "2", "3", "x"]);
        await page.waitForFunction(() => document.querySelectorAll("#live-chart .line").length === 2);
        await page.waitForFunction(() => {
          const points = Array.from(document.querySelectorAll("#live-chart .line"), (line) => line.getAttribute("points") ?? "");
          return points.every((list) => new Set(list.split(" ").map((point) => point.split(",")[1])).size > 1);
        });
        assert.deepEqual(await texts(page, "#live-bindings td:first-child"), ["input", "even", "odd"]);
        await page.getByRole("button", { name: "Pause" }).click();
        await page.getByRole("button", { name: "Resume" }).waitFor();
        assert.equal(router.app.bindings()[0]?.state, "paused");
        await page.getByRole("button", { name: "Resume" }).click();
        await page.getByRole("button", { name: "Pause" }).waitFor();
        assert.equal(router.app.bindings()[0]?.state, "running");
      },
      { url: router.url },
    );
  },
);

test("where the router has an administrator, only they see its figures and pause it, and a refusal is told", needsBrowser, async () => {
  const router = await besideRouter([EXPOSED, ...ADMIN]);
  await onPage(
    async (page) => {
      const answer = page.locator("#live-answer");
      await page.locator("#live-metrics-note").getByText("The router wants the user and password of its administrator (401).").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await answer.getByText("The router wants the user and password of its administrator (401).").waitFor();
      await page.getByLabel("User").fill("admin");
      await page.getByLabel("Password").fill("guess");
      await page.keyboard.press("Enter");
      await answer.getByText("The router does not take this user and password (401).").waitFor();
      assert.equal(router.app.bindings()[0]?.state, "running");
      // What everybody may see is still there.
      await page.locator("#live-health").getByText("UP").waitFor();
      await page.getByLabel("Password").fill("s3cret");
      await page.getByRole("button", { name: "Use them" }).click();
      await answer.getByText("The router takes these credentials.").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).waitFor();
      assert.equal(router.app.bindings()[0]?.state, "paused");
      await page.waitForFunction(() => document.getElementById("live-metrics-note")?.hidden);
    },
    { url: router.url, complaints: /401/u },
  );
});

test("credentials are tried where the router shows no health, and forgotten only when it refuses them", needsBrowser, async () => {
  const router = await besideRouter(["--management.endpoints.web.exposure.include=bindings,prometheus", ...ADMIN]);
  await onPage(
    async (page) => {
      const answer = page.locator("#live-answer");
      const note = page.locator("#live-metrics-note");
      const signIn = async (password: string): Promise<void> => {
        await page.getByLabel("User").fill("admin");
        await page.getByLabel("Password").fill(password);
        await page.getByRole("button", { name: "Use them" }).click();
      };
      await note.getByText("The router wants the user and password of its administrator (401).").waitFor();
      await signIn("guess");
      await answer.getByText("The router does not take this user and password (401).").waitFor();
      await note.getByText("The router wants the user and password of its administrator (401).").waitFor();
      const signInWhileItIsAway = async (password: string): Promise<void> => {
        await page.route(ASKED, async (route) => route.abort());
        await signIn(password);
        await answer.getByText("The router does not answer.").waitFor();
        await page.unroute(ASKED);
      };
      // What stands before a router that is away may answer for it.
      await page.route(ASKED, async (route) => route.fulfill({ status: 503, body: "away" }));
      await signIn("s3cret");
      await answer.getByText("The router answers with status 503.").waitFor();
      await page.unroute(ASKED);
      await signInWhileItIsAway("s3cret");
      await note.waitFor({ state: "hidden" });
      await signIn("s3cret");
      await answer.getByText("The router takes these credentials.").waitFor();
      await signInWhileItIsAway("guess");
      await note.getByText("The router wants the user and password of its administrator (401).").waitFor();
    },
    { url: router.url, complaints: /401|503|ERR_FAILED/u },
  );
});

test("a router that serves neither its meters nor changes is told so", needsBrowser, async () => {
  const router = await besideRouter(["--management.endpoint.bindings.access=read-only"]);
  await onPage(
    async (page) => {
      await page.getByText("management.endpoints.web.exposure.include has no prometheus").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByText("The router lets this be read only (405).").waitFor();
    },
    { url: router.url, complaints: /405/u },
  );
});

test("on a phone nothing has to be scrolled sideways, whatever the rule", needsBrowser, async () => {
  const router = await besideRouter([EXPOSED]);
  await onPage(
    async (page) => {
      await page.waitForSelector("#live-bindings button");
      for (const recipe of await page.locator("#recipe option").all()) {
        await page.getByLabel("Recipe").selectOption((await recipe.textContent()) ?? "");
        await fill(page, [["#values", `${"x".repeat(300)}\n7`]]);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      }
    },
    { url: router.url, viewport: { width: 360, height: 740 } },
  );
});
