import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Below the ports that a system hands to outgoing connections (32768 and up on Linux, 49152 on macOS). A broker that is killed and started
 * again must find its port free, and a client that tries a dead port of that upper range again and again can end up connected to itself there.
 */
const PORT_MIN = 16_384;
const PORT_MAX = 32_767;
const ATTEMPTS_MAX = 200;

/** Different ports of the loopback interface on which the kernel lets us listen. Another process may still take one before it is used. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers: Server[] = [];
  try {
    const ports: number[] = [];
    for (let attempt = 0; ports.length < count; attempt += 1) {
      if (attempt === ATTEMPTS_MAX) throw new Error(`No ${count} free ports between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1.`);
      const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN + 1));
      const server = await listen(port);
      if (server === null) continue;
      // All stay open until the last one is found, so that no port comes twice.
      servers.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(servers.map(async (server) => once(server.close(), "close")));
  }
};

const listen = async (port: number): Promise<Server | null> => {
  const server = createServer().listen({ port, host: "127.0.0.1" });
  try {
    await once(server, "listening");
    return server;
  } catch {
    return null;
  }
};
