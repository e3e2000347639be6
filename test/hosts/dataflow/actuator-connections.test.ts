import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import type { Actuator } from "../../../hosts/dataflow/actuator/actuator.ts";
import { ListenError } from "../../../hosts/dataflow/actuator/connections.ts";
import { readInfo } from "../../../hosts/dataflow/actuator/info.ts";
import { createHealth } from "../../../hosts/dataflow/health.ts";
import { ask, exchange, INFO, NO_TIMEOUTS, post, start } from "./actuator-client.ts";

test("a GET with a body is refused and its connection closed", async () => {
  const actuator = await start();
  for (const body of [
    "Content-Length: 3\r\n\r\nabc",
    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "Content-Length: 1000000\r\n\r\nabc",
  ]) {
    // No "Connection: close" in the request: the server ends it.
    const received = await exchange(actuator, `GET /actuator/health HTTP/1.1\r\nHost: h\r\n${body}`);
    assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\n/u);
    assert.match(received, /Connection: close\r\n/iu);
  }
  assert.equal((await ask(actuator, "GET /actuator/health", ["Content-Length: 0"])).status, 200);
});

test("a request of HTTP/1.0 without Host is answered", async () => {
  assert.match(await exchange(await start(), "GET /actuator/health HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 OK\r\n/u);
});

test("headers of more than 8 KiB get 431, and what is no HTTP gets 400", async () => {
  const actuator = await start();
  assert.equal((await ask(actuator, "GET /actuator/health", [`X: ${"x".repeat(7000)}`])).status, 200);
  assert.equal((await ask(actuator, "GET /actuator/health", [`X: ${"x".repeat(8200)}`])).status, 431);
  assert.match(await exchange(actuator, "\u0000\u0001garbage\r\n\r\n"), /^HTTP\/1\.1 400 /u);
});

test("a host that makes no sense gets 400", async () => {
  assert.match(await exchange(await start(), "GET /actuator HTTP/1.1\r\nHost: a b/<x>\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 400 /u);
});

test("a request whose headers do not come is given up", async () => {
  const actuator = await start(createHealth(), { timeouts: { ...NO_TIMEOUTS, headersTimeoutMs: 20 } });
  assert.match(await exchange(actuator, "GET /actuator/health HTTP/1.1\r\nHost:"), /^HTTP\/1\.1 408 /u);
});

test("a connection on which no request comes is given up", async () => {
  const actuator = await start(createHealth(), { timeouts: { ...NO_TIMEOUTS, idleTimeoutMs: 40 } });
  assert.equal(await exchange(actuator, ""), "");
});

/** Resolves with the server's side of the connection that the next request comes by. */
async function asked(): Promise<Socket> {
  return new Promise((resolve) => {
    const onRequest = (message: unknown): void => {
      unsubscribe("http.server.request.start", onRequest);
      resolve((message as { readonly socket: Socket }).socket);
    };
    subscribe("http.server.request.start", onRequest);
  });
}

test("a client that asks on and on and takes no answers is given up", async () => {
  const info = readInfo({ ...INFO, description: "x".repeat(100_000) }, {});
  const actuator = await start(createHealth(), { timeouts: { ...NO_TIMEOUTS, idleTimeoutMs: 40 }, info });
  const served = asked();
  // Whole requests, all of them read at once, and answers that are more than can be on their way.
  const client = await connection(actuator, "GET /actuator/info HTTP/1.1\r\nHost: h\r\n\r\n".repeat(300));
  // The client itself learns of nothing as long as it neither reads nor writes.
  await once(await served, "close");
  client.destroy();
});

test("a client that waits for an answer is not given up, however long that takes", async () => {
  const served = asked();
  const bindings = {
    list: () => [],
    control: async () => {
      // As Node does when nothing has moved for the time; a short time might pass before the request is read.
      (await served).emit("timeout");
      return true;
    },
  };
  const actuator = await start(createHealth(), { timeouts: NO_TIMEOUTS, bindings });
  assert.equal((await post(actuator, "/actuator/bindings/input", { state: "STOPPED" })).status, 204);
});

test("an idle connection is closed after its time", async () => {
  const received = await exchange(
    await start(createHealth(), { timeouts: { ...NO_TIMEOUTS, keepAliveTimeoutMs: 20 } }),
    "GET /actuator/health HTTP/1.1\r\nHost: h\r\n\r\n",
  );
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n/u);
});

/** An open connection that the server knows of. */
async function connection(actuator: Actuator, bytes: string): Promise<Socket> {
  const socket = connect(actuator.port, "127.0.0.1");
  socket.on("error", () => {
    // A reset is one of the ways in which the server may close it.
  });
  await once(socket, "connect");
  if (bytes !== "") socket.write(bytes);
  return socket;
}

test("a connection without a request is no error", async () => {
  const actuator = await start();
  for (const end of ["end", "destroy", "resetAndDestroy"] as const) {
    const socket = await connection(actuator, "");
    socket[end]();
    socket.resume();
    await once(socket, "close");
  }
  assert.equal((await ask(actuator, "GET /actuator/info")).status, 200);
});

test("close ends connections that are idle, have sent nothing, or half a request", async () => {
  const actuator = await start();
  const idle = await connection(actuator, "GET /actuator/health HTTP/1.1\r\nHost: h\r\n\r\n");
  await once(idle, "data");
  const silent = await connection(actuator, "");
  const half = await connection(actuator, "GET /actuator/health HTTP/1.1\r\nHos");
  // An answer on a later connection shows that the server has accepted the ones before it.
  await ask(actuator, "GET /actuator/info");
  const closed = Promise.all([idle, silent, half].map(async (socket) => once(socket.resume(), "close")));
  await actuator.close();
  await closed;
  const late = connect(actuator.port, "127.0.0.1");
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});

test("close waits no longer than its time for a client that stops in the middle of a body, or takes no answer", async () => {
  const info = readInfo({ ...INFO, description: "x".repeat(100_000) }, {});
  const actuator = await start(createHealth(), { timeouts: { ...NO_TIMEOUTS, closeTimeoutMs: 20 }, info });
  const half = "POST /actuator/bindings/input HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{";
  const deaf = "GET /actuator/info HTTP/1.1\r\nHost: h\r\n\r\n".repeat(300);
  for (const bytes of [half, deaf]) {
    const served = asked();
    await connection(actuator, bytes);
    await served;
  }
  await actuator.close();
});

test("close may be called again", async () => {
  const actuator = await start();
  await Promise.all([actuator.close(), actuator.close()]);
  await actuator.close();
});

test("a port in use is an error that names server.port and what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  await assert.rejects(start(createHealth(), { args: [`--server.port=${port}`] }), (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.code, "PORT_IN_USE");
    assert.ok(
      error.message.startsWith(`server.port=${port}, server.address=127.0.0.1: another program listens there; stop it, or set server.port`),
    );
    return true;
  });
  other.close();
});

test("an address that is not this machine's is an error that names server.address", async () => {
  await assert.rejects(start(createHealth(), { args: ["--server.address=192.0.2.1"] }), (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.code, "LISTEN_REFUSED");
    assert.match(error.message, /^server\.port=0, server\.address=192\.0\.2\.1: .*correct server\.address/u);
    return true;
  });
});

test("without an address all interfaces are served", async () => {
  assert.equal((await ask(await start(createHealth(), { args: ["--server.address="] }), "GET /actuator/info")).status, 200);
});
