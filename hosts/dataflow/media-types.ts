// Which of the offered media types a request's Accept header asks for, as Spring's content negotiation decides it for actuator endpoints.

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * Returns the offered type that the Accept header wants most, or null when it takes none of them. Offers are in the order of the server's
 * preference, which decides for wildcards; no header takes anything.
 */
export function negotiate(accept: string | undefined, offers: readonly string[]): string | null {
  const ranges = parseAccept(accept === undefined || accept.trim() === "" ? "*/*" : accept);
  const refused = new Set(ranges.filter(({ quality }) => quality === 0).map(({ type }) => type));
  const wanted = ranges.filter(({ quality }) => quality > 0).toSorted((left, right) => right.quality - left.quality);
  for (const { type } of wanted) {
    const offer = offers.find((candidate) => matches(type, candidate) && !refused.has(candidate));
    if (offer !== undefined) return offer;
  }
  return null;
}

function parseAccept(accept: string): readonly Range[] {
  return accept.split(",").map((item) => {
    const [type = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    // `*` alone is what Java's HttpURLConnection sends for any type.
    return { type: type === "*" ? "*/*" : type, quality: quality === undefined ? 1 : qualityOf(quality) };
  });
}

/** A quality that is no number from 0 to 1 takes nothing: better a clear 406 than a guess. */
function qualityOf(text: string): number {
  return /^(?:0?\.\d{1,3}|[01](?:\.\d{0,3})?)$/u.test(text) ? Math.min(Number(text), 1) : 0;
}

function matches(range: string, offer: string): boolean {
  if (range === "*/*" || range === offer) return true;
  if (/^[^*/]+\/\*$/u.test(range)) return offer.startsWith(range.slice(0, -1));
  // A suffix range takes types with that suffix: application/*+json is any ...+json, not application/json.
  return range.startsWith("application/*+") && offer.endsWith(range.slice("application/*".length));
}
