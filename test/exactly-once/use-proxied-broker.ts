import { after, type TestContext } from "node:test";
import type { ClusterOptions } from "../../hosts/demo/broker/cluster.ts";
import { useBroker, type UsedBroker } from "../broker/use-broker.ts";
import { startRequestProxy, type RequestProxy } from "./request-proxy.ts";

/** A broker for all tests of a file, which is reached past its proxy, too. */
export interface ProxiedBroker extends UsedBroker {
  readonly proxy: RequestProxy;
  /** Where clients begin that are to meet the broker behind the proxy. */
  readonly bootstrap: string;
}

/** Starts a broker behind a proxy that knows requests. The rules of a test end with it. */
export async function useProxiedBroker(options: Omit<ClusterOptions, "nodes" | "proxied" | "openProxy"> = {}): Promise<ProxiedBroker> {
  const proxies: RequestProxy[] = [];
  const broker = await useBroker({
    ...options,
    proxied: true,
    openProxy: async (ports) => {
      proxies.push(await startRequestProxy({ port: ports.proxyPort, targetPort: ports.listenerPort }));
    },
  });
  after(async () => {
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  });
  const proxy = (): RequestProxy => {
    // A start that found a port taken has been made twice.
    const last = proxies.at(-1);
    if (last === undefined) throw new Error("the proxy is there only while tests run");
    return last;
  };
  return {
    get cluster() {
      return broker.cluster;
    },
    get topics() {
      return broker.topics;
    },
    get proxy() {
      return proxy();
    },
    get bootstrap() {
      return broker.cluster.proxied ?? "";
    },
    test: (name, run) => {
      broker.test(name, async (context: TestContext) => {
        context.after(() => proxy().clear());
        await run(context);
      });
    },
  };
}
