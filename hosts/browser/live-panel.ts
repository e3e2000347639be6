/** The router beside the page: how it is, how fast, and the input's pause. */
import { ActuatorClient, findRouter, RefusedError, type Binding, type Figures } from "./actuator-client.ts";
import { element, find, tell } from "./element.ts";
import { POINTS_MAX, rateChart, shownRate, type Rates } from "./rate-chart.ts";

const POLL_MS = 1000;

/** Opens the panel where a router is beside the page, and says so where none is. */
export async function openLivePanel(): Promise<void> {
  const endpoints = await findRouter();
  const state = find("live-state", HTMLElement);
  if (endpoints === null) {
    state.textContent =
      "There is no router beside this page. npm run demo has one; so has the container app with router.page.enabled=true, on the port of its endpoints.";
    return;
  }
  state.textContent = "This page comes from a running router. Its figures are asked for once a second.";
  find("live-panel", HTMLElement).hidden = false;
  document.documentElement.dataset["live"] = "true";
  const client = new ActuatorClient(endpoints);
  const panel = new LivePanel(client);
  find("credentials", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const user = find("user", HTMLInputElement).value;
    client.credentials = user === "" ? null : { user, password: find("password", HTMLInputElement).value };
    void panel.signIn();
  });
  await panel.watch();
}

class LivePanel {
  readonly #client: ActuatorClient;
  readonly #points: Rates[] = [];
  #last: { readonly atMs: number; readonly figures: Figures } | null = null;
  /** What the table shows, so that it is made anew only when that changes, and a button keeps the focus. */
  #shown = "";

  constructor(client: ActuatorClient) {
    this.#client = client;
  }

  /** Asks again and again, as long as somebody can see the page. */
  async watch(): Promise<never> {
    for (;;) {
      if (!document.hidden) await this.#refresh();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Tries the credentials. */
  async signIn(): Promise<void> {
    await this.#answered(async () => {
      await this.#client.tryCredentials();
      return this.#client.credentials === null ? "No credentials are sent." : "The router takes these credentials.";
    });
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    await Promise.all([this.#showHealth(), this.#showBindings(), this.#showFigures()]);
  }

  async #showHealth(): Promise<void> {
    const place = find("live-health", HTMLElement);
    const status = this.#client.has("health") ? await this.#client.health().catch(() => "no answer") : "not exposed";
    place.textContent = status;
    place.className = status === "UP" ? "good" : status === "DOWN" || status === "no answer" ? "bad" : "";
  }

  async #showBindings(): Promise<void> {
    if (!this.#client.has("bindings")) return;
    const bindings = await this.#client.bindings().catch(() => null);
    const next = JSON.stringify(bindings);
    if (bindings === null || next === this.#shown) return;
    this.#shown = next;
    const table = find("live-bindings", HTMLTableElement);
    const hadFocus = table.contains(document.activeElement);
    const head = element("tr", {}, ...["Binding", "Topic", "Group", "State", ""].map((name) => element("th", { scope: "col" }, name)));
    table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...bindings.map((binding) => this.#rowOf(binding))));
    if (hadFocus) table.querySelector("button")?.focus();
  }

  #rowOf({ bindingName, name, group, state, input }: Binding): HTMLTableRowElement {
    const cells = [bindingName, name, group ?? "", state].map((text) => element("td", {}, text));
    return element("tr", {}, ...cells, element("td", {}, ...(input ? [this.#buttonOf(bindingName, state === "paused")] : [])));
  }

  #buttonOf(bindingName: string, isPaused: boolean): HTMLButtonElement {
    const button = element("button", { type: "button" }, isPaused ? "Resume" : "Pause");
    button.addEventListener("click", () => {
      const command = isPaused ? "RESUMED" : "PAUSED";
      void this.#answered(async () => {
        await this.#client.control(bindingName, command);
        return `The binding ${bindingName} is ${command.toLowerCase()}.`;
      }).then(async () => this.#showBindings());
    });
    return button;
  }

  async #showFigures(): Promise<void> {
    const note = find("live-metrics-note", HTMLElement);
    if (!this.#client.has("prometheus")) {
      tell(note, "The router does not show its meters: management.endpoints.web.exposure.include has no prometheus.");
      return;
    }
    try {
      this.#showRates(await this.#client.figures());
      tell(note, null);
    } catch (error) {
      this.#last = null;
      tell(note, error instanceof RefusedError ? error.message : String(error));
    }
  }

  #showRates(figures: Figures): void {
    const atMs = performance.now();
    const outputs = [...figures.routed.keys()];
    if (this.#last !== null) {
      const { figures: before, atMs: beforeMs } = this.#last;
      const seconds = (atMs - beforeMs) / 1000;
      // A router that has been started anew counts from the beginning again.
      this.#points.push(
        outputs.map((output) => Math.max(0, ((figures.routed.get(output) ?? 0) - (before.routed.get(output) ?? 0)) / seconds)),
      );
      if (this.#points.length > POINTS_MAX) this.#points.shift();
      const rate = (this.#points.at(-1) ?? []).reduce((sum, one) => sum + one, 0);
      find("live-rate", HTMLElement).textContent = shownRate(rate);
      const chart = find("live-chart", HTMLElement);
      chart.replaceChildren(...rateChart(outputs, this.#points, chart.clientWidth));
    }
    this.#last = { atMs, figures };
    find("live-lag", HTMLElement).textContent = figures.lag === null ? "–" : figures.lag.toLocaleString("en");
  }

  /** Says what came of something. */
  async #answered(ask: () => Promise<string>): Promise<void> {
    const answer = find("live-answer", HTMLElement);
    try {
      answer.textContent = await ask();
    } catch (error) {
      answer.textContent = error instanceof RefusedError ? error.message : String(error);
    }
  }
}
