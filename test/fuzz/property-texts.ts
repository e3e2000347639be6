/** Values of properties: right ones, edges, and what breaks readers of durations, lists, placeholders, logins and certificates. */
import { PROPERTIES } from "../../hosts/dataflow/schema.ts";
import type { Random } from "../simulation/random.ts";
import { damaged } from "./mutate.ts";

/** Part of each secret; it must appear nowhere. */
export const MARK = "hidden7b1f";

type Choice = readonly [string, ...string[]];

const DECLARED = Object.values<{ readonly default: string | null; readonly words?: readonly string[] }>(PROPERTIES);
const RIGHT = [
  ...DECLARED.flatMap(({ words = [] }) => words),
  ...DECLARED.flatMap((property) => property.default ?? []),
  "SASL_SSL",
  "PLAIN",
  "OAUTHBEARER",
] as unknown as Choice;
const EDGES: Choice = [
  "",
  " ",
  "0",
  "-1",
  "+5",
  "1e3",
  "0x10",
  "65536",
  "2147483648",
  "9".repeat(40),
  "NaN",
  "null",
  "true",
  "__proto__",
  '\\"\\"',
];
const DURATIONS: Choice = ["PT10S", "P1DT1H", "PT", "P", "10 s", "1.5s", "-3ms", "99999999999999999999d", "PT0.123456789S", "5constructor"];
const LISTS: Choice = [",", "a,,b", " a , b ", "a:1,b:99999", "[::1]:9092,SSL://h", "user:pw@host:1", "*", "a,a", "....", "PLAINTEXT://,"];
const ODD_TEXTS: Choice = [
  "\n",
  "\r\n\u2028",
  "\u0000",
  "\u202egnirts",
  "é",
  "🙂",
  "\ud800",
  "\\u12",
  "\\",
  "\t\f",
  "%00",
  "${",
  "}",
  "#{1+1}",
];
const PARTS: Choice = [
  "a",
  "x",
  ":",
  "\\",
  "{",
  "}",
  "${",
  "}",
  "\\${",
  "server.port",
  "random.int",
  "random.int[5,1]",
  "random.long(9)",
  "info.app",
];
const NAMES: Choice = ["a", "b", "c", "info.app", "server.port", "missing", "random.uuid", "some.secret", "info.token"];
const LOGINS: Choice = [
  `a.PlainLoginModule required username="me" password="x";`,
  `org.apache.kafka.common.security.scram.ScramLoginModule required username=me password='x\\'' ;`,
  `a.OAuthBearerLoginModule required clientId="c" clientSecret="s" extension_a="b";`,
  `a.PlainLoginModule /* ${"*".repeat(50)} required // ;`,
];
const PEMS: Choice = [
  "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----",
  "-----BEGIN PRIVATE KEY-----\\nQUJD\\n-----END PRIVATE KEY-----",
  "-----BEGIN CERTIFICATE----- QUJD -----END PRIVATE KEY-----",
];
/** Long enough that a reader that takes the square of it is found out. */
const LONG_MAX = 300_000;
const REPEATED: Choice = [
  "a",
  "[",
  "\\",
  "${",
  "${a}",
  "${a:",
  "}",
  ",",
  ".",
  " ",
  "\n",
  "@",
  "-----BEGIN A-----",
  '"',
  "/*",
  "0",
  "a=b;",
  "_",
  "é",
];

/** Returns a value that may fit the property, or any. */
export function propertyValue(random: Random, name: string): string {
  switch (random.between(0, 11)) {
    case 0:
    case 1:
      return random.pick(RIGHT);
    case 2:
      return random.pick(EDGES);
    case 3:
      return random.pick(DURATIONS);
    case 4:
      return random.pick(LISTS);
    case 5:
      return random.pick(EDGES) + random.pick(ODD_TEXTS) + random.pick(RIGHT);
    case 6:
      return placeholder(random, 0);
    case 7:
      return Array.from({ length: random.between(1, 12) }, () => random.pick(PARTS)).join("");
    case 8:
      return random.pick(LOGINS);
    case 9:
      return random.pick(PEMS);
    case 10:
      return random.chance(0.1) ? random.pick(REPEATED).repeat(random.between(1, LONG_MAX)) : `\${${name}}`;
    default:
      return damaged(Buffer.from(random.pick(random.pick([RIGHT, LOGINS, PEMS, LISTS, DURATIONS]))), random).toString();
  }
}

/** A placeholder, with others in its name and in its default. */
function placeholder(random: Random, depth: number): string {
  const name = depth < 4 && random.chance(0.3) ? placeholder(random, depth + 1) : random.pick(NAMES);
  const fallback = depth < 40 && random.chance(0.5) ? `:${random.chance(0.6) ? placeholder(random, depth + 1) : random.pick(EDGES)}` : "";
  return `${random.chance(0.2) ? "p-" : ""}\${${name}${fallback}${random.chance(0.95) ? "}" : ""}`;
}

/** A secret in one of its forms, perhaps with something wrong around it; it has the mark, though not as the name of a placeholder: names may be shown. */
export function secretValue(random: Random): string {
  const login = `a.${random.pick(["Plain", "Scram", "OAuthBearer"])}LoginModule`;
  const forms: Choice = [
    MARK,
    `${login} required username="me" password="${MARK}";`,
    `${login} required username="me" password="${MARK}`,
    `${login} required clientId=c clientSecret='${MARK}';`,
    `password=${MARK};`,
    `-----BEGIN PRIVATE KEY-----\\n${MARK}\\n-----END PRIVATE KEY-----`,
    `http://user:${MARK}@host/`,
    `\${missing:${MARK}}`,
    `\${random.int[${MARK}]}`,
  ];
  const around = random.chance(0.3) ? random.pick(ODD_TEXTS) : "";
  return random.chance(0.5) ? around + random.pick(forms) : random.pick(forms) + around;
}
