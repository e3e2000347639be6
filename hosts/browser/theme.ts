/** Light, dark, or as the system has it. */
import { find } from "./element.ts";

const KEY = "theme";

/** Has the choice set the colours, and remembers it. */
export function openTheme(): void {
  const select = find("theme", HTMLSelectElement);
  const apply = (): void => {
    if (select.value === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = select.value;
  };
  select.value = remembered();
  apply();
  select.addEventListener("change", () => {
    apply();
    try {
      localStorage.setItem(KEY, select.value);
    } catch {
      // A browser may keep nothing: then the choice is for this visit.
    }
  });
}

function remembered(): string {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "auto";
  } catch {
    return "auto";
  }
}
