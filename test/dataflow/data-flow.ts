/** Data Flow's REST interface, as its shell and its dashboard use it. */
import assert from "node:assert/strict";

/** Four JVMs start at once; a machine with other work to do is given time. */
const WAIT_TIMEOUT_MS = 240_000;
const POLL_MS = 500;

type Json = Readonly<Record<string, unknown>>;

/** An app's metadata, as `app info` shows it. */
export interface AppInfo {
  readonly version: string;
  readonly options: readonly { readonly id: string; readonly description: string | null; readonly defaultValue: unknown }[];
  readonly inboundPortNames: readonly string[];
  readonly outboundPortNames: readonly string[];
}

/** One running process of an app of a stream. */
export interface Instance {
  /** Label of the app in the stream. */
  readonly label: string;
  readonly state: string;
  /** `<stream>.<label>-v<release>-<index>`. */
  readonly guid: string;
  readonly port: number;
  /** Path of the file with its standard output. */
  readonly stdout: string;
}

/** A release of a stream: what `stream history` lists. */
export interface Release {
  readonly version: number;
  readonly status: string;
}

export class DataFlow {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Registers an app of type `app`. A further version of a known name does not become the default. */
  async register(name: string, uri: string): Promise<void> {
    await this.#call("POST", `/apps/app/${name}`, new URLSearchParams({ uri, bootVersion: "3" }));
  }

  async appInfo(name: string): Promise<AppInfo> {
    return (await this.#call("GET", `/apps/app/${name}`)) as unknown as AppInfo;
  }

  async create(name: string, definition: string): Promise<void> {
    await this.#call("POST", "/streams/definitions", new URLSearchParams({ name, definition, deploy: "false" }));
  }

  async deploy(stream: string, properties: Json): Promise<void> {
    await this.#call("POST", `/streams/deployments/${stream}`, properties);
    await this.untilStatus(stream, "deployed");
  }

  async scale(stream: string, label: string, count: number): Promise<void> {
    await this.#call("POST", `/streams/deployments/scale/${stream}/${label}/instances/${count}`);
  }

  /** Deploys the next release beside the running one and awaits that the running one is deleted. */
  async update(stream: string, properties: Json): Promise<void> {
    const packageIdentifier = { packageName: stream };
    const before = await this.#newestRelease(stream);
    await this.#call("POST", `/streams/deployments/update/${stream}`, {
      releaseName: stream,
      packageIdentifier,
      updateProperties: properties,
    });
    await this.#untilReplaced(stream, before);
  }

  /** Deploys a former release again, as a new one beside the running one, and awaits that the running one is deleted. */
  async rollback(stream: string, version: number): Promise<void> {
    const before = await this.#newestRelease(stream);
    await this.#call("POST", `/streams/deployments/rollback/${stream}/${version}`);
    await this.#untilReplaced(stream, before);
  }

  async undeploy(stream: string): Promise<void> {
    await this.#call("DELETE", `/streams/deployments/${stream}`);
    await this.untilStatus(stream, "undeployed");
  }

  /** Removes a stream, so that its name is free. */
  async destroy(stream: string): Promise<void> {
    await this.#call("DELETE", `/streams/definitions/${stream}`);
  }

  async untilStatus(stream: string, wanted: string): Promise<void> {
    let status: unknown;
    await until(
      async () => {
        ({ status } = await this.#call("GET", `/streams/definitions/${stream}`));
        assert.notEqual(status, "failed", `stream ${stream}`);
        return status === wanted;
      },
      () => `stream ${stream} is ${String(status)}, not ${wanted}`,
    );
  }

  async history(stream: string): Promise<readonly Release[]> {
    const releases = (await this.#call("GET", `/streams/deployments/history/${stream}`)) as unknown as readonly {
      readonly version: number;
      readonly info: { readonly status: { readonly statusCode: string } };
    }[];
    return releases.map(({ version, info }) => ({ version, status: info.status.statusCode }));
  }

  /** The instances of the newest release. */
  async instances(stream: string): Promise<readonly Instance[]> {
    const answer = await this.#call("GET", `/runtime/streams/${stream}`);
    const streams = embedded(answer, "streamStatusResourceList") as readonly { readonly applications: Json }[];
    const apps = streams.flatMap(({ applications }) => embedded(applications, "appStatusResourceList") as readonly AppStatus[]);
    return apps.flatMap(({ name, instances }) =>
      (embedded(instances, "appInstanceStatusResourceList") as readonly InstanceStatus[]).map(({ state, attributes }) => ({
        label: name,
        state,
        guid: attributes["guid"] ?? "",
        port: Number(attributes["port"]),
        stdout: attributes["stdout"] ?? "",
      })),
    );
  }

  /** All that the apps of a stream have printed, by the id of the deployment: what `stream logs` shows. */
  async logs(stream: string): Promise<Readonly<Record<string, string>>> {
    const { logs } = await this.#call("GET", `/streams/logs/${stream}`);
    return logs as Readonly<Record<string, string>>;
  }

  async #newestRelease(stream: string): Promise<number> {
    return Math.max(...(await this.history(stream)).map(({ version }) => version));
  }

  async #untilReplaced(stream: string, before: number): Promise<void> {
    let releases: readonly Release[] = [];
    const statusOf = (wanted: number): string | undefined => releases.find(({ version }) => version === wanted)?.status;
    await until(
      async () => {
        releases = await this.history(stream);
        assert.notEqual(statusOf(before + 1), "FAILED", JSON.stringify(releases));
        return statusOf(before + 1) === "DEPLOYED" && statusOf(before) === "DELETED";
      },
      () => `release ${before} of ${stream} is not replaced: ${JSON.stringify(releases)}`,
    );
  }

  async #call(method: string, path: string, body?: URLSearchParams | Json): Promise<Json> {
    const isForm = body instanceof URLSearchParams;
    const response = await fetch(this.#url + path, {
      method,
      headers: body === undefined || isForm ? {} : { "Content-Type": "application/json" },
      body: body === undefined || isForm ? (body ?? null) : JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Json);
  }
}

interface AppStatus {
  readonly name: string;
  readonly instances: Json;
}

interface InstanceStatus {
  readonly state: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The resources in a collection of resources, as HAL writes them. */
function embedded(collection: Json, list: string): readonly unknown[] {
  const lists = collection["_embedded"] as Readonly<Record<string, readonly unknown[]>> | undefined;
  return lists?.[list] ?? [];
}

/** Polls until the condition holds; what it throws ends the wait. */
export async function until(holds: () => Promise<boolean>, complaint: () => string): Promise<void> {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `after ${WAIT_TIMEOUT_MS / 1000} s: ${complaint()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
