import { told, type ReadAlike, type Told } from "./alike-properties.ts";
import { JAAS_FORM, parseJaas } from "./jaas.ts";
import { propertyFault, type Properties } from "./properties.ts";
import { namesOf } from "./property.ts";
import { PROPERTIES } from "./schema.ts";

/** Who the app is to brokers that ask. `property` is where that was told, for error messages. */
export type LoginConfig =
  | {
      readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
      readonly mechanismProperty: string;
      readonly property: string;
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: "OAUTHBEARER";
      readonly mechanismProperty: string;
      readonly property: string;
      readonly endpoint: Told<string>;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string | null;
      /** What the broker is told besides the token. */
      readonly extensions: Readonly<Record<string, string>>;
    };

/** Last part of the login module's class, by mechanism. */
const MODULES: Readonly<Record<LoginConfig["mechanism"], string>> = {
  PLAIN: "PlainLoginModule",
  "SCRAM-SHA-256": "ScramLoginModule",
  "SCRAM-SHA-512": "ScramLoginModule",
  OAUTHBEARER: "OAuthBearerLoginModule",
};
const EXTENSION = /^extension_(?<name>[A-Za-z]+)$/u;

/** The options of a login, wherever they were found. */
interface Options {
  readonly property: string;
  readonly source: string;
  readonly module: string | null;
  readonly options: ReadonlyMap<string, string>;
}

/** Reads who the app is to brokers. Throws `ConfigError` where something of it is missing; no message has a value in it. */
export function readLogin(properties: Properties, read: ReadAlike): LoginConfig {
  const mechanism = read(PROPERTIES.saslMechanism);
  if (mechanism === null) {
    const { name, allowed } = PROPERTIES.saslMechanism;
    throw propertyFault(name, undefined, `is not set, though the app is to log in; allowed: ${allowed}`);
  }
  const login = readOptions(properties, read);
  const module = MODULES[mechanism.value];
  if (login.module !== null && login.module.split(".").at(-1) !== module) {
    throw propertyFault(login.property, login, `has another login module than ${mechanism.name} asks for; allowed: ${module}`);
  }
  const common = { mechanismProperty: mechanism.name, property: login.property };
  if (mechanism.value !== "OAUTHBEARER") {
    return { ...common, mechanism: mechanism.value, username: option(login, "username"), password: option(login, "password") };
  }
  return {
    ...common,
    mechanism: mechanism.value,
    endpoint: readEndpoint(read),
    clientId: option(login, "clientId"),
    clientSecret: option(login, "clientSecret"),
    scope: find(login, "scope") ?? null,
    extensions: Object.fromEntries(
      [...login.options].flatMap(([key, value]) => {
        const name = EXTENSION.exec(key)?.groups?.["name"];
        return name === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

function readOptions(properties: Properties, read: ReadAlike): Options {
  const jaas = read(PROPERTIES.saslJaasConfig);
  if (jaas !== null) {
    const login = parseJaas(jaas.value);
    if ("fault" in login) throw propertyFault(jaas.name, jaas.found, `${login.fault}; allowed: ${JAAS_FORM}`);
    return { property: jaas.name, source: jaas.found.source, ...login };
  }
  const isBootCounted = properties.read(PROPERTIES.jaasEnabled);
  for (const name of namesOf(PROPERTIES.jaasOption)) {
    if (name.startsWith("spring.kafka.") && !isBootCounted) continue;
    const prefix = name.replace(".<key>", "");
    const keys = properties.keysUnder(prefix);
    const [first] = keys;
    if (first === undefined) continue;
    const options = new Map(keys.map(({ key }) => [key, properties.read(PROPERTIES.jaasOption, `${prefix}.${key}`)]));
    const module = properties.readIfSet({ ...PROPERTIES.jaasLoginModule, names: [name.replace("options.<key>", "login-module")] });
    return { property: prefix, source: first.source, module: module?.value ?? null, options };
  }
  throw propertyFault(PROPERTIES.saslJaasConfig.name, undefined, `is not set, though the app is to log in; allowed: ${JAAS_FORM}`);
}

function readEndpoint(read: ReadAlike): Told<string> {
  const set = read(PROPERTIES.tokenEndpoint);
  const { name } = PROPERTIES.tokenEndpoint;
  if (set === null) throw propertyFault(name, undefined, "is not set; allowed: where OAUTHBEARER gets its tokens, as https://host/path");
  const url = URL.canParse(set.value) ? new URL(set.value) : null;
  if (url === null || !/^https?:$/u.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw propertyFault(set.name, set.found, "is no address of a token endpoint; allowed: https://host/path, without a user in it");
  }
  return told(set);
}

function option(login: Options, name: string): string {
  const value = find(login, name);
  if (value !== undefined && value !== "") return value;
  throw propertyFault(login.property, login, `has no ${name}; allowed: what the mechanism needs, with ${name} among it`);
}

/** An environment variable has an option in lower case. */
function find({ options }: Options, name: string): string | undefined {
  return options.get(name) ?? [...options].find(([key]) => relaxed(key) === relaxed(name))?.[1];
}

function relaxed(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/gu, "");
}
