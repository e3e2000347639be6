/** Settings from everywhere: each set of them is a configuration, or one line that says what is wrong and shows no secret. */
import { ConfigError, readConfigOf, type Config } from "../../hosts/dataflow/config.ts";
import { describeEnvironment } from "../../hosts/dataflow/environment.ts";
import { openAccess } from "../../hosts/dataflow/kafka/access.ts";
import { propertySources, type ConfigInput } from "../../hosts/dataflow/property-sources.ts";
import { Router } from "../../hosts/embed.ts";
import { RouterError } from "../../hosts/router-error.ts";
import { coreModule } from "../core-module.ts";
import type { Random } from "../simulation/random.ts";
import { count, Finding, type Tally, type Target } from "./finding.ts";
import { brokenInput, toldInput, type PropertyInput } from "./property-inputs.ts";
import { MARK } from "./property-texts.ts";

/** Most milliseconds of processor time that the app may think about its settings. */
const CPU_MS_MAX = 1000;
const INPUTS_A_ROUND = 100;

export async function startConfiguration(): Promise<Target> {
  return Promise.resolve({
    name: "configuration",
    async round(random, tally) {
      for (let left = INPUTS_A_ROUND; left > 0; left--) tryInput(random, tally);
      // Others have their turn.
      await Promise.resolve();
    },
    async [Symbol.asyncDispose]() {
      await Promise.resolve();
    },
  });
}

function tryInput(random: Random, tally: Tally): void {
  const isBroken = random.chance(0.5);
  const told = isBroken ? brokenInput(random) : toldInput(random);
  const kind = isBroken ? "damaged" : "with secrets";
  const before = process.cpuUsage();
  const shown = shownOf(told);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  if (ms > CPU_MS_MAX) throw new Finding(`it took ${Math.round(ms)} ms of processor time`, told.text);
  if (!isBroken && shown.some((text) => text.includes(MARK))) {
    throw new Finding(`a secret is shown: ${shown.find((text) => text.includes(MARK))}`, told.text);
  }
  count(tally, `${kind}: ${shown.length === 1 ? "refused" : "taken"}`);
}

/** Returns the line that the settings are refused with, or all that a running app would show of them. */
function shownOf({ input, text }: PropertyInput): readonly string[] {
  try {
    return shownByApp(input);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw new Finding("the settings end in an error that is no ConfigError", text, error);
    if (error.message === "" || /[\p{Cc}\u2028\u2029]/u.test(error.message)) throw new Finding("the error is no line", text, error);
    return [error.message];
  }
}

function shownByApp(input: ConfigInput): readonly string[] {
  const opened = propertySources(input);
  const config = readConfigOf(opened);
  openAccess(config.client.security, { readFile: () => null });
  const environment = describeEnvironment(opened.sources).map(({ name, properties }) => [name, [...properties]]);
  return [
    `rule: ${ruleFault(config)}`,
    ...config.unsupported,
    ...config.unreadFiles,
    ...config.client.security.warnings,
    JSON.stringify([environment, config.actuator.info]),
  ];
}

/** The app has the core read the rule before anything else, and tells of its fault as of a property's. */
function ruleFault({ ruleText }: Config): string {
  try {
    void new Router(coreModule(), ruleText);
    return "";
  } catch (error) {
    if (error instanceof RouterError && error.ruleOffset !== null) return error.message;
    throw error;
  }
}
