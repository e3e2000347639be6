/** Settings as nobody sane would write them, in each of the places that the app reads them from. */
import type { ConfigInput } from "../../hosts/dataflow/property-sources.ts";
import { namesOf, type Property } from "../../hosts/dataflow/property.ts";
import { PROPERTIES } from "../../hosts/dataflow/schema.ts";
import { memoryDisk } from "../hosts/dataflow/sources/memory-disk.ts";
import type { Random } from "../simulation/random.ts";
import { damaged } from "./mutate.ts";
import { MARK, propertyValue, secretValue } from "./property-texts.ts";

/** A setting as it is meant. */
interface Setting {
  readonly name: string;
  readonly value: string;
}

/** What the app is told, and the same as text, for whoever looks into a failure. */
export interface PropertyInput {
  readonly input: ConfigInput;
  readonly text: string;
}

type Known = Pick<Property<unknown>, "name" | "names" | "default" | "words">;

type Texts = Readonly<Record<string, string>>;

/** Names of the app's properties whose value is nobody's business, and of some that it does not know. */
const IS_SECRET = /(?:password|jaas\.config|keystore\.key|keystorekey|secret|token)$/u;
const FOREIGN = ["info.app", "info.token", "some.secret", "spring.kafka.jaas.options.password", "spring.profiles.active", "a", "b", "c"];
const KNOWN = Object.values<Known>(PROPERTIES).flatMap((property) => namesOf(property).map((name) => [name, property] as const));
const NAMES = [...KNOWN.map(([name]) => name), ...FOREIGN] as [string, ...string[]];
const PROPERTY_BY_NAME: ReadonlyMap<string, Known> = new Map(KNOWN);
const OUTPUTS: readonly [string, ...string[]] = ["even", "odd", "output", "__proto__", "a.b", "x"];

/** Returns settings of which the secret ones hold the mark; nothing has been done to them that would put it under another name. */
export function toldInput(random: Random): PropertyInput {
  const some = Array.from({ length: random.between(1, 8) }, () => setting(random));
  const settings = random.chance(0.5) ? [...login(random), ...some] : some;
  const inArgs = settings.filter(() => random.chance(0.4));
  const inJson = settings.filter(() => random.chance(0.2));
  const inEnv = settings.filter(() => random.chance(0.2));
  const inFile = settings.filter(() => random.chance(0.3));
  const inTree = settings.filter(({ name }) => random.chance(0.2) && !/[/\0]/u.test(name));
  const args = inArgs.map(({ name, value }) => `--${spelt(name, random)}=${value}`);
  const json = JSON.stringify(random.chance(0.5) ? Object.fromEntries(inJson.map(pair)) : nested(inJson));
  const env = Object.fromEntries(inEnv.map(({ name, value }) => [random.chance(0.5) ? name : variable(name), value]));
  const lines = inFile.map(({ name, value }) => `${escaped(spelt(name, random))}${random.pick(["=", ":", " ", " = "])}${escaped(value)}\n`);
  const tree = Object.fromEntries(inTree.map(({ name, value }) => [`tree/${name}`, value]));
  return inputOf(
    [...args, ...(inTree.length === 0 ? [] : ["--spring.config.import=optional:configtree:tree/"])],
    { ...env, ...(inJson.length === 0 ? {} : { SPRING_APPLICATION_JSON: json }) },
    { "application.properties": lines.join(""), ...tree },
  );
}

/** Returns settings of which anything may have become; there is no secret among them. */
export function brokenInput(random: Random): PropertyInput {
  const settings = Array.from({ length: random.between(1, 6) }, () => ({
    name: written(random.pick(NAMES), random),
    value: propertyValue(random, random.pick(NAMES)),
  }));
  const maybeDamaged = (text: string): string =>
    random.chance(0.5) ? damaged(Buffer.from(text), random).toString(random.pick(["utf8", "latin1"])) : text;
  const json = maybeDamaged(JSON.stringify(nested(settings)));
  const file = maybeDamaged(
    settings.map(({ name, value }) => `${escaped(name)}=${escaped(value)}\n`).join(random.pick(["", "\\\n", "#---\n"])),
  );
  const raw = settings.map(({ name, value }) => `${name}=${value}`).join(random.pick(["\n", "\r", "\\\n"]));
  const args = settings.map(({ name, value }) => maybeDamaged(`--${name}=${value}`));
  return inputOf(
    [...args, ...(random.chance(0.3) ? [`--spring.config.import=${location(random)}`] : [])],
    {
      ...(random.chance(0.5) ? { SPRING_APPLICATION_JSON: json } : {}),
      ...(random.chance(0.2) ? { VCAP_APPLICATION: json, PORT: propertyValue(random, "server.port") } : {}),
      ...(random.chance(0.2) ? { VCAP_SERVICES: json } : {}),
    },
    {
      "application.properties": file,
      "more.properties": maybeDamaged(raw),
      "config/application.properties": maybeDamaged(raw),
      "tree/a/b": json,
    },
  );
}

function inputOf(args: readonly string[], env: Texts, files: Texts): PropertyInput {
  return { input: { args, env, disk: memoryDisk(files) }, text: JSON.stringify({ args, env, files }) };
}

function setting(random: Random): Setting {
  const pattern = random.pick(NAMES);
  const name = written(pattern, random);
  if (IS_SECRET.test(name)) return { name, value: secretValue(random) };
  const { default: usual = null, words = [] } = PROPERTY_BY_NAME.get(pattern) ?? {};
  const right = [...words, ...(usual === null ? [] : [usual])];
  const [first, ...others] = right;
  return {
    name,
    value: first === undefined || random.chance(0.3) ? propertyValue(random, random.pick(NAMES)) : random.pick([first, ...others]),
  };
}

/** A login that is as it should be, so that the app gets as far as to show what it was told. */
function login(random: Random): readonly Setting[] {
  const configuration = "spring.cloud.stream.kafka.binder.configuration";
  return [
    { name: `${configuration}.security.protocol`, value: random.pick(["SASL_PLAINTEXT", "SASL_SSL", "PLAINTEXT"]) },
    { name: `${configuration}.sasl.mechanism`, value: "PLAIN" },
    { name: `${configuration}.sasl.jaas.config`, value: `a.PlainLoginModule required username="me" password="${MARK}";` },
    { name: "management.info.env.enabled", value: "true" },
    { name: "info.kafka", value: `\${${configuration}.sasl.jaas.config}` },
  ];
}

/** A name as somebody would write it who has an output, or a key, for what is in brackets. */
function written(pattern: string, random: Random): string {
  return pattern.replace("<output>", random.pick(OUTPUTS)).replace(/<[^>]+>/u, () => random.pick(["key", "k-e-y", "x[0]"]));
}

/** Another spelling of the same name. */
function spelt(name: string, random: Random): string {
  switch (random.between(0, 4)) {
    case 0:
      return name.replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
    case 1:
      return name.replaceAll("-", "_");
    case 2:
      return name.replace(/\.([a-z]+)\./u, "[$1].");
    default:
      return name;
  }
}

function variable(name: string): string {
  return name.replaceAll(".", "_").replaceAll("-", "").toUpperCase();
}

/** An object for each part of a name, as far as no value is in the way. */
function nested(settings: readonly Setting[]): object {
  const root: Record<string, unknown> = {};
  for (const { name, value } of settings) {
    let level = root;
    const parts = name.split(".");
    for (const part of parts.slice(0, -1)) {
      const below = Object.hasOwn(level, part) ? level[part] : undefined;
      level = typeof below === "object" && below !== null ? (below as Record<string, unknown>) : define(level, part, {});
    }
    define(level, parts.at(-1) ?? "", value);
  }
  return root;
}

/** As JSON would: `__proto__` is a name like others. */
function define<Value>(level: object, name: string, value: Value): Value {
  Object.defineProperty(level, name, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

function pair({ name, value }: Setting): readonly [string, string] {
  return [name, value];
}

/** As a `.properties` file has to have it, so that it is read as it was. */
function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );
}

function location(random: Random): string {
  const places = [
    "more.properties",
    "tree/",
    "configtree:tree/",
    "configtree:tree/*/",
    "file:./",
    "optional:nowhere/",
    "https://x/",
    "a[.yml]",
    "*/",
  ];
  const list = Array.from({ length: random.between(1, 4) }, () => random.pick(places as [string]));
  return list.join(random.pick([",", ";", ",,", ", "]));
}
