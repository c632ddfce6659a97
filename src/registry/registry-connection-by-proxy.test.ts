import dns from "node:dns";
import { createServer } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { RegistryConnection } from "./registry-connection.ts";
import { defaultLimits } from "./registry-settings.ts";

/** The owner of the registry has its name looked up as an address inside the network. */
const fakeLookup = (name: string, options: { all?: boolean }, callback: (...values: unknown[]) => void): void => {
  const address = name === "public.example.org" ? "10.255.255.1" : "127.0.0.1";
  if (options.all) callback(null, [{ address, family: 4 }]);
  else callback(null, address, 4);
};
dns.lookup = fakeLookup as unknown as typeof dns.lookup;
syncBuiltinESMExports();

test("a proxy on a private network does not let a registry of the public internet lead into it", async () => {
  const proxy = createServer((request, response) => {
    if (request.url?.endsWith("/v2/")) response.writeHead(401).end();
    else response.writeHead(307, { location: "https://public.example.org:8443/inside" }).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const connection = new RegistryConnection("public.example.org", {
    settings: { insecure: true },
    proxies: { http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    limits: { ...defaultLimits, idleTimeout: 1500 },
    signal: new AbortController().signal,
    redact: (text) => text,
  });
  const ask = (path: string): Promise<unknown> =>
    connection.exchange(new URL(path, "http://public.example.org/"), { headers: {} });
  await ask("/v2/");
  await expect(ask("/moved")).rejects.toThrow("public.example.org, which is not on the public internet");
});
