/** The router beside this page, over HTTP: its health, its meters, its bindings. */

/** User and password of the router's administrator. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Addresses of the endpoints that the router serves, by id, relative to the page. */
export type Endpoints = Readonly<Record<string, string>>;

/** A binding as the endpoint has it. */
export interface Binding {
  readonly bindingName: string;
  readonly name: string;
  readonly group?: string;
  readonly state: string;
  readonly input: boolean;
}

/** The meters that the page shows. */
export interface Figures {
  /** Records that went to each output, since the router began. */
  readonly routed: ReadonlyMap<string, number>;
  /** Those that went to none: tombstones, unroutable ones and dead letters. */
  readonly others: number;
  /** Records that the group has not committed; null while it is not known. */
  readonly lag: number | null;
}

/** The router did not do what it was asked. The message says so to a person. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const RECORDS = "router_records_total";
const LAG = "spring_cloud_stream_binder_kafka_offset";

/** Returns the endpoints of the router beside the page, or null where there is no router. */
export async function findRouter(): Promise<Endpoints | null> {
  const answer = await fetch("router.json", { cache: "no-store" }).catch(() => null);
  if (answer?.ok !== true) return null;
  const { endpoints } = (await answer.json()) as { readonly endpoints: Endpoints | null };
  return endpoints;
}

/** Asks the router. */
export class ActuatorClient {
  /** Sent with every request; null sends none. Those that the router does not take are forgotten: with them it refuses even what everybody may see. */
  credentials: Credentials | null = null;
  readonly #endpoints: Endpoints;

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  /** Whether the router serves an endpoint. */
  has(id: string): boolean {
    return id in this.#endpoints;
  }

  /** Asks for the first thing that the router serves, for it judges the credentials of every request. */
  async tryCredentials(): Promise<void> {
    if (this.has("health")) await this.health();
    else await this.#ask(this.has("bindings") ? "bindings" : "prometheus");
  }

  /** Returns the status: UP, DOWN, or another of Boot's. */
  async health(): Promise<string> {
    // With 503 comes a status as well.
    const answer = await this.#ask("health", "", {}, [200, 503]);
    const { status } = (await answer.json()) as { readonly status: string };
    return status;
  }

  async bindings(): Promise<readonly Binding[]> {
    return (await (await this.#ask("bindings")).json()) as readonly Binding[];
  }

  /** Has a binding pause or resume. */
  async control(bindingName: string, state: "PAUSED" | "RESUMED"): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    await this.#ask("bindings", `/${encodeURIComponent(bindingName)}`, { method: "POST", headers, body: JSON.stringify({ state }) });
  }

  async figures(): Promise<Figures> {
    const scrape = await this.#ask("prometheus", `?includedNames=${RECORDS},${LAG}`);
    return figuresOf(await scrape.text());
  }

  async #ask(id: string, rest = "", request: RequestInit = {}, expected: readonly number[] = [200, 204]): Promise<Response> {
    const address = this.#endpoints[id];
    if (address === undefined) throw new RefusedError(0, `The router does not expose ${id}.`);
    const sent = this.credentials;
    const headers = new Headers(request.headers);
    if (sent !== null) headers.set("Authorization", basicOf(sent));
    // Without the browser's own credentials, or it would ask for them in a window of its own.
    const answer = await fetch(address + rest, { ...request, headers, credentials: "omit", cache: "no-store" }).catch(() => {
      throw new RefusedError(0, "The router does not answer.");
    });
    if (expected.includes(answer.status)) return answer;
    // There may be others by now.
    if (answer.status === 401 && this.credentials === sent) this.credentials = null;
    throw new RefusedError(answer.status, refusalOf(answer.status, sent));
  }
}

function refusalOf(status: number, sent: Credentials | null): string {
  if (status === 401) {
    return sent === null
      ? "The router wants the user and password of its administrator (401)."
      : "The router does not take this user and password (401).";
  }
  if (status === 403) return "It is forbidden, by the router or by something before it (403).";
  if (status === 405) return "The router lets this be read only (405).";
  return `The router answers with status ${status}.`;
}

/** UTF-8, as the router reads them. */
function basicOf({ user, password }: Credentials): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

/** Returns what the page shows of a scrape in Prometheus' text format. */
export function figuresOf(scrape: string): Figures {
  const routed = new Map<string, number>();
  let others = 0;
  let lag: number | null = null;
  for (const [, name = "", labels = "", text = ""] of scrape.matchAll(/^(\w+)\{(.*)\} (\S+)$/gmu)) {
    const value = Number(text);
    const output = /(?:^|,)output="([^"]*)"/u.exec(labels)?.[1] ?? "";
    if (name === LAG) lag = (lag ?? 0) + value;
    else if (name === RECORDS && /(?:^|,)outcome="routed"/u.test(labels)) routed.set(output, (routed.get(output) ?? 0) + value);
    else if (name === RECORDS) others += value;
  }
  return { routed, others, lag };
}
