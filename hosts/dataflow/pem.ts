/** Certificates and keys in the form of PEM (RFC 7468): base64 between two lines with what it is. */

/** The label of a block, and its base64 with whatever spaces. */
const BLOCK = /-----BEGIN (?<label>[A-Z0-9 ]+)-----(?<base64>[A-Za-z0-9+/=\s]+)-----END \k<label>-----/gu;
const LINE_CHARACTERS = 64;

/**
 * Returns the blocks of a text and nothing else, on lines as OpenSSL wants them. In a property they are often all on one line, with spaces or
 * the two characters `\n` in between.
 */
export function readPem(text: string): string {
  return [...text.replaceAll(String.raw`\n`, "\n").matchAll(BLOCK)]
    .map(({ groups: { label = "", base64 = "" } = {} }) => {
      const lines = base64.replaceAll(/\s+/gu, "").match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "gu")) ?? [];
      return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
    })
    .join("");
}
