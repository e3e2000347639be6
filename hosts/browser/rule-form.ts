/** The form of the rule: each of the router's properties under its own name. */
import type { RuleProperties } from "../rule.ts";
import { element, find, tell } from "./element.ts";
import type { RuleFault } from "./routing.ts";
import { DEFAULTS, DEFAULT_PREFIXES } from "./rule-defaults.ts";

const POLICIES = ["log", "drop", "dlq", "stop"];
/** What a field has when no property says otherwise; two of them have the default as a placeholder. */
const UNSET: RuleProperties = { ...DEFAULTS, "router.timestamp.zone": "", "router.timestamp.divide": "" };
const OUTPUTS_MAX = 8;

/** The form, filled in. */
export interface RuleForm {
  /** Returns the properties as they are in the form; fields that are empty are not set. */
  read(): RuleProperties;
  fill(rule: RuleProperties): void;
  /** Shows a fault at its field, or none. */
  showFault(fault: RuleFault | null): void;
}

/** Opens the form; `onChange` hears of every change that somebody makes. */
export function openRuleForm(onChange: () => void): RuleForm {
  const form = find("rule", HTMLFormElement);
  const read = (): RuleProperties =>
    Object.fromEntries([...new FormData(form)].flatMap(([name, value]) => (isSet(name, value) ? [[name, value]] : [])));
  const followRule = (): void => {
    const timestamp = find("timestamp", HTMLFieldSetElement);
    const isTimestamp = control(form, "router.rule").value === "timestamp";
    timestamp.disabled = !isTimestamp;
    timestamp.hidden = !isTimestamp;
    followOutputs(form);
    find("properties", HTMLPreElement).textContent = propertiesOf(read());
  };
  form.addEventListener("input", (event) => {
    if (event.target instanceof HTMLSelectElement && event.target.id === "recipe") return;
    followRule();
    onChange();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
  });
  return {
    read,
    fill(rule) {
      const all = { ...UNSET, ...rule };
      for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]")) {
        if (field instanceof HTMLInputElement && field.type === "radio") field.checked = field.value === all["router.rule"];
        else if (field.name !== "router.unroutable") field.value = all[field.name as "router.rule"] ?? "";
      }
      find("prefixes", HTMLFieldSetElement)
        .querySelectorAll("label")
        .forEach((label) => label.remove());
      followOutputs(form);
      control(form, "router.unroutable").value = String(all["router.unroutable"]);
      followRule();
    },
    showFault(fault) {
      for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
      tell(find("rule-fault", HTMLElement), fault === null ? null : `${fault.property}: ${fault.message}`);
      if (fault !== null) form.querySelector(`[name="${CSS.escape(fault.property)}"]`)?.setAttribute("aria-invalid", "true");
    },
  };
}

/** An empty prefix is one; any other field that is empty is not set. None of them is a file. */
function isSet(name: string, value: FormDataEntryValue): value is string {
  return typeof value === "string" && (value !== "" || name.startsWith("router.prefix."));
}

function control(form: HTMLFormElement, name: string): HTMLInputElement | HTMLSelectElement | RadioNodeList {
  return form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement | RadioNodeList;
}

/** Has a prefix and a choice for each output that is named, and keeps what was set of those that stay. */
function followOutputs(form: HTMLFormElement): void {
  const names = [...new Set(control(form, "router.outputs").value.split(","))].filter((name) => name !== "").slice(0, OUTPUTS_MAX);
  const prefixes = find("prefixes", HTMLFieldSetElement);
  const old = new Map(Array.from(prefixes.querySelectorAll("input"), (input) => [input.name, input.closest("label") ?? input] as const));
  const labels = names.map((name) => old.get(`router.prefix.${name}`) ?? prefixOf(name));
  if (labels.some((label) => label.parentElement === null) || labels.length !== old.size) {
    for (const label of old.values()) label.remove();
    prefixes.append(...labels);
  }
  const unroutable = find("rule", HTMLFormElement).querySelector<HTMLSelectElement>('select[name="router.unroutable"]');
  const choices = [...POLICIES, ...names.filter((name) => !POLICIES.includes(name))];
  if (unroutable === null || choices.join() === Array.from(unroutable.options, ({ value }) => value).join()) return;
  const chosen = unroutable.value;
  unroutable.replaceChildren(
    ...choices.map((value) => element("option", { value }, POLICIES.includes(value) ? value : `to the output ${value}`)),
  );
  unroutable.value = choices.includes(chosen) ? chosen : "log";
}

function prefixOf(output: string): HTMLLabelElement {
  const name = `router.prefix.${output}`;
  const input = element("input", {
    name,
    value: DEFAULT_PREFIXES.get(output) ?? "",
    spellcheck: "false",
    autocapitalize: "off",
    placeholder: "none",
  });
  return element("label", {}, output, input);
}

/** Returns the lines of a properties file that say the same, without what is so by default. */
function propertiesOf(rule: RuleProperties): string {
  const lines = Object.entries(rule).filter(
    ([name, value]) => value !== (DEFAULTS[name as "router.rule"] ?? DEFAULT_PREFIXES.get(name.replace("router.prefix.", "")) ?? ""),
  );
  // A properties file leaves out spaces before a value, and takes a backslash for the beginning of an escape.
  return (
    lines.map(([name, value]) => `${name}=${String(value).replaceAll("\\", "\\\\").replace(/^ /u, "\\ ")}`).join("\n") ||
    "# all as it is by default"
  );
}
