import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { passingGithubRefusal } from "../vendors/passing-github-refusal.ts";
import { RegistryHost } from "./registry-host.ts";
import { defaultLimits } from "./registry-settings.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * The messages while a registry's host asks an address, about a wait that counts as long from `longWait` milliseconds.
 */
async function told(
  url: string,
  { registry, longWait }: { readonly registry: string; readonly longWait: number },
): Promise<readonly string[]> {
  const sentences: string[] = [];
  const host = new RegistryHost(registry, {
    settings: { trustedHosts: [new URL(url).host] },
    proxies: undefined,
    limits: { ...defaultLimits, attempts: 2, retryDelay: 1, longestWait: 3000, longWait },
    signal: new AbortController().signal,
    credentials: { find: () => Promise.resolve(undefined) },
    waiting: (sentence) => void sentences.push(sentence),
  });
  const request = { method: "GET" as const, url: new URL(url), headers: {}, passing: passingGithubRefusal };
  await host.ask(request, { limit: 1000, what: "the list" }).catch((cause: unknown) => sentences.push(String(cause)));
  return sentences;
}

/** Turns the first request away, as GitHub does. */
function limited(status: number, seconds: number): RequestListener {
  let asked = 0;
  return (_, response) => {
    if (asked++ === 0) response.writeHead(status, { "retry-after": String(seconds) });
    response.end("{}");
  };
}

test.each([
  [403, "403 because of its rate limit"],
  [429, "429"],
])("a wait that the interface of a vendor asks for with %d is told", async (status, answered) => {
  const registry = await serve(limited(status, 1));
  const asked = `waiting for the registry ${registry}: HTTP status ${answered}, with a requested wait of 1 seconds`;
  expect(await told(`http://${registry}/`, { registry, longWait: 100 })).toEqual([asked]);
});

test("a server beside the registry is named when it asks to wait", async () => {
  const server = await serve(limited(403, 1));
  const registry = "localhost";
  const asked = `waiting for the registry localhost: ${server} requests a wait of 1 seconds`;
  expect(await told(`http://${server}/`, { registry, longWait: 100 })).toEqual([asked]);
});

test("a short wait is not told, nor one that is too long to wait for", async () => {
  const [short, long] = [await serve(limited(403, 1)), await serve(limited(403, 60))];
  expect(await told(`http://${short}/`, { registry: short, longWait: 2000 })).toEqual([]);
  expect(await told(`http://${long}/`, { registry: long, longWait: 100 })).toEqual([
    expect.stringContaining("requested wait of 60 seconds"),
  ]);
});
