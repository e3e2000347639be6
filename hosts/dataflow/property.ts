import { quoted } from "./config-error.ts";

/** A value that was read, or what is wrong with the text: the end of a sentence that begins with the text. */
export type Reading<Value> = { readonly value: Value } | { readonly fault: string };

/** What is said of a property where it is declared. */
export interface About {
  /** Canonical name. `<output>` stands for the name of an output, `<key>` for a key of a map. */
  readonly name: string;
  /** All names that it may be set by, `name` among them: the first one that is set counts. Absent where `name` is the only one. */
  readonly names?: readonly string[];
  /** The default as one would write it, or null when it depends on other properties. */
  readonly default: string | null;
  /** What the table says of the default; without it, the default itself. */
  readonly defaultMeaning?: string;
  /** One sentence. */
  readonly description: string;
}

/** What the properties of one kind have in common. */
export interface Kind<Value> {
  readonly type: string;
  /** Unit of a plain number. */
  readonly unit?: string;
  /** The words for its values, where there are such; other texts may be allowed besides. */
  readonly words?: readonly string[];
  /** What may be written, for error messages and the table. */
  readonly allowed: string;
  /** True when an empty value means the default: Spring's conversion of anything but text has it so. */
  readonly emptyIsDefault: boolean;
  /** Turns the text into the value; the first issue's message is the fault. */
  readonly schema: {
    safeParse(
      text: string,
    ):
      | { readonly success: true; readonly data: Value }
      | { readonly success: false; readonly error: { readonly issues: readonly { readonly message: string }[] } };
  };
}

/** One property: what the app checks, and what the table in the documentation says. */
export interface Property<Value> extends About, Omit<Kind<Value>, "schema"> {
  /** Returns the value, or the fault with the text before it and what is allowed behind it. */
  readText(text: string): Reading<Value>;
}

/** Returns the property of that kind. */
export function property<Value>(about: About, { schema, ...kind }: Kind<Value>): Property<Value> {
  return {
    ...about,
    ...kind,
    readText(text) {
      const result = schema.safeParse(text);
      if (result.success) return { value: result.data };
      return { fault: `${quoted(text)} ${result.error.issues[0]?.message ?? "is not valid"}; allowed: ${kind.allowed}` };
    },
  };
}

/** Returns all names that a property may be set by, in order of precedence. */
export function namesOf({ name, names = [name] }: Pick<About, "name" | "names">): readonly string[] {
  return names;
}

/** Returns a property that all outputs have as that of one of them. */
export function forOutput<Value>(common: Property<Value>, output: string): Property<Value> {
  const ofOutput = (name: string): string => name.replace("<output>", output);
  return { ...common, name: ofOutput(common.name), names: namesOf(common).map(ofOutput) };
}
