import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { listenLocally, serveLocally } from "../../../tests/setup/local-server.ts";
import type { ProxyEnvironment } from "../../io/http/http-client.ts";
import { RegistryConnection } from "./registry-connection.ts";
import { defaultLimits } from "./registry-settings.ts";

/**
 * The owner of the registry has its name looked up as an address inside the network. A name that begins with a code
 * cannot be looked up here.
 */
const fakeLookup = (name: string, options: { all?: boolean }, callback: (...values: unknown[]) => void): void => {
  const [code = ""] = name.toUpperCase().split(".");
  if (/^E[A-Z_]+$/.test(code)) {
    callback(Object.assign(new Error(`lookup ${name}`), { code, hostname: name }));
    return;
  }
  const address = name === "public.example.org" ? "10.255.255.1" : "127.0.0.1";
  if (options.all) callback(null, [{ address, family: 4 }]);
  else callback(null, address, 4);
};
dns.lookup = fakeLookup as unknown as typeof dns.lookup;
syncBuiltinESMExports();

test("a proxy on a private network does not let a registry of the public internet lead into it", async () => {
  const proxy = await serveLocally((request, response) => {
    if (request.url?.endsWith("/v2/")) response.writeHead(401).end();
    else response.writeHead(307, { location: "https://public.example.org:8443/inside" }).end();
  });
  const connection = connectionTo("public.example.org", { http_proxy: proxy });
  const ask = (path: string): Promise<unknown> =>
    connection.exchange(new URL(path, "http://public.example.org/"), { headers: {} });
  await ask("/v2/");
  await expect(ask("/moved")).rejects.toThrow("public.example.org, which is not on the public internet");
});

test.each(["enotfound", "eai_again", "ehostunreach", "enetunreach", "etimedout"])(
  "a registry that only a proxy for plain HTTP finds (%s) is asked through it",
  async (code) => {
    const asked: (string | undefined)[] = [];
    const proxy = await serveLocally((request, response) => {
      asked.push(request.url);
      response.end();
    });
    const connection = connectionTo(`${code}.example.org:5000`, { HTTP_PROXY: proxy, NO_PROXY: "other.test" });
    const address = await connection.address();
    expect(address.href).toBe(`http://${code}.example.org:5000/`);
    expect((await connection.exchange(address, { headers: {} })).status).toBe(200);
    expect(asked).toEqual([`http://${code}.example.org:5000/`]);
  },
);

test("a registry that says nothing to TLS is asked through a proxy for plain HTTP", async () => {
  const silent = createServer((socket) => void socket.on("error", () => undefined).resume());
  const name = `silent.example.org:${await listenLocally(silent)}`;
  const connection = connectionTo(name, { HTTP_PROXY: "http://127.0.0.1:1" }, { idleTimeout: 200 });
  expect((await connection.address()).href).toBe(`http://${name}/`);
});

test("one connection that breaks off sends no password over plain HTTP", async () => {
  const asked: (string | undefined)[] = [];
  const proxy = await serveLocally((request, response) => {
    asked.push(request.url);
    response.end();
  });
  let connections = 0;
  const flaky = createServer((socket) => {
    socket.on("error", () => undefined);
    // The second one is answered with what no client takes for TLS of its own, so that this ends there.
    if (++connections === 1) socket.destroy();
    else socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40]));
  });
  const name = `flaky.example.org:${await listenLocally(flaky)}`;
  await expect(connectionTo(name, { HTTP_PROXY: proxy }).address()).rejects.toMatchObject({
    code: "registry-unreachable",
  });
  expect(connections).toBe(2);
  expect(asked).toEqual([]);
});

test.each([
  ["without a proxy", {}],
  ["that NO_PROXY excepts", { HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "example.org" }],
])("a registry %s that has no address here stays without one", async (_, proxies) => {
  const address = connectionTo("enotfound.example.org", proxies).address();
  await expect(address).rejects.toThrow("cannot resolve the host name");
});

function connectionTo(name: string, proxies: ProxyEnvironment, limits: { idleTimeout?: number } = {}) {
  return new RegistryConnection(name, {
    settings: { insecure: true },
    proxies,
    limits: { ...defaultLimits, idleTimeout: 1500, retryDelay: 1, ...limits },
    signal: new AbortController().signal,
    redact: (text) => text,
  });
}
