import dns from "node:dns";
import { createServer, type RequestListener } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { HttpClient, type ProxyEnvironment } from "./http-client.ts";

/** Every name is looked up as this machine. */
const fakeLookup = (_: string, options: { all?: boolean }, callback: (...values: unknown[]) => void): void => {
  if (options.all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};
dns.lookup = fakeLookup as unknown as typeof dns.lookup;
syncBuiltinESMExports();

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** The messages to a client while it asks for addresses one after the other. */
async function told(addresses: readonly string[], proxies?: ProxyEnvironment): Promise<readonly string[]> {
  const client = new HttpClient(proxies);
  const heard: string[] = [];
  for (const address of addresses) {
    const { response } = await client.send(new URL(address), {
      headers: {},
      signal: new AbortController().signal,
      isNamed: () => true,
      answeredFrom: (url, from) => heard.push(`${url.host}${url.pathname} ${from}`),
    });
    await text(response);
  }
  return heard;
}

test("the address of a host that answers is told, also on a connection that is used again", async () => {
  const port = await serve((_, response) => response.end("here"));
  const host = `registry.example.org:${port}`;
  expect(await told([`http://${host}/a`, `http://${host}/b`])).toEqual([`${host}/a 127.0.0.1`, `${host}/b 127.0.0.1`]);
});

test("the address of a host that redirects is told before the next one is asked", async () => {
  const port = await serve((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: `http://other.example.org:${port}/b` }).end();
    else response.end("there");
  });
  const heard = await told([`http://registry.example.org:${port}/a`]);
  expect(heard).toEqual([`registry.example.org:${port}/a 127.0.0.1`, `other.example.org:${port}/b 127.0.0.1`]);
});

test("the address of a proxy is told of no host, whether it is written as a name or as an address", async () => {
  const port = await serve((_, response) => response.end("by proxy"));
  for (const proxy of [`http://127.0.0.1:${port}`, `http://proxy.example.org:${port}`])
    expect(await told(["http://registry.example.org/a"], { http_proxy: proxy })).toEqual([]);
});

test("a host that is written as an address was not looked up", async () => {
  const port = await serve((_, response) => response.end("here"));
  expect(await told([`http://127.0.0.1:${port}/`])).toEqual([]);
});
