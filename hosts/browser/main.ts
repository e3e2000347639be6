/** The page: the core in a browser, and the router beside it. */
import { element, find, tell } from "./element.ts";
import { openFilePanel } from "./file-panel.ts";
import { openLivePanel } from "./live-panel.ts";
import { RECIPES } from "./recipes.ts";
import { openRouting, type Routing } from "./routing.ts";
import { openRuleForm } from "./rule-form.ts";
import { openSpeedPanel } from "./speed-panel.ts";
import { openTheme } from "./theme.ts";
import { openValuesPanel } from "./values-panel.ts";

async function open(): Promise<void> {
  openTheme();
  const core = await fetch("core.wasm");
  if (!core.ok) throw new Error(`core.wasm: ${core.status} ${core.statusText}`);
  // Not streamed into the compiler: that wants a content type which not every server of files has.
  const module = await WebAssembly.compile(await core.arrayBuffer());
  let routing: Routing | null = null;
  const values = openValuesPanel();
  const follow = (): void => {
    const opened = openRouting(module, form.read());
    const fault = "router" in opened ? null : opened;
    routing = "router" in opened ? opened : null;
    form.showFault(fault);
    if (routing !== null) values.use(routing);
  };
  const form = openRuleForm(follow);
  const recipe = find("recipe", HTMLSelectElement);
  recipe.append(...RECIPES.map(({ title }, index) => element("option", { value: String(index) }, title)));
  const useRecipe = (): void => {
    const { rule, values: lines } = RECIPES[Number(recipe.value)] ?? { rule: {}, values: [] };
    form.fill(rule);
    values.fill(lines);
    follow();
  };
  recipe.addEventListener("change", useRecipe);
  useRecipe();
  openFilePanel(() => routing);
  openSpeedPanel(module);
  document.documentElement.dataset["ready"] = "true";
  await openLivePanel();
}

open().catch((error: unknown) => {
  tell(find("failure", HTMLElement), `The page can't go on: ${String(error)}`);
});
