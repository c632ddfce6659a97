import type { IncomingMessage } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { HttpClient, type HttpSendOptions } from "../../io/http/http-client.ts";
import { RegistryConnection } from "./registry-connection.ts";
import { defaultLimits, type RegistrySettings } from "./registry-settings.ts";

afterEach(() => vi.restoreAllMocks());

/** What a registry that answers from an address may have asked at a host, which is looked up as another address. */
async function mayAsk(
  registry: string,
  { settings = {}, from, url, host }: { settings?: RegistrySettings; from: string; url: string; host: string },
): Promise<boolean | undefined> {
  const response = { statusCode: 401, headers: {}, headersDistinct: {} };
  let sent: HttpSendOptions | undefined;
  vi.spyOn(HttpClient.prototype, "send").mockImplementation((asked, options) => {
    sent = options;
    options.answeredFrom?.(asked, from);
    return Promise.resolve({ response: response as unknown as IncomingMessage, url: asked });
  });
  const { signal } = new AbortController();
  const options = { settings, proxies: undefined, limits: defaultLimits, signal, redact: (text: string) => text };
  const connection = new RegistryConnection(registry, options);
  await connection.exchange(await connection.address(), { headers: {} });
  await connection.exchange(new URL(url), { headers: {} });
  return sent?.mayBePrivate?.(new URL(url), host);
}

const gitlab = { from: "10.0.0.5", url: "https://gitlab.lan/jwt/auth", host: "10.0.0.5" };

test.each(["10.0.0.5", "10.0.0.6", "fd00::5"])(
  "a registry on a private network may lead to another port of its name, also at %s",
  async (host) => {
    expect(await mayAsk("gitlab.lan:5050", { ...gitlab, host })).toBe(true);
  },
);

test.each([
  ["to another name", "gitlab.lan:5050", { ...gitlab, url: "https://nas.lan/" }],
  ["to its name on the machine that asks", "gitlab.lan:5050", { ...gitlab, host: "127.0.1.1" }],
  ["to its name where clouds tell secrets", "gitlab.lan:5050", { ...gitlab, host: "169.254.169.254" }],
  ["there from the public internet", "gitlab.lan:5050", { ...gitlab, from: "8.8.8.8" }],
  ["there when only a notification named it", "gitlab.lan:5050", { ...gitlab, settings: { named: false as const } }],
  [
    "to other ports of this machine",
    "localhost:5050",
    { from: "127.0.0.1", url: "https://localhost/", host: "localhost" },
  ],
])("a registry may not lead %s", async (_, registry, options) => {
  expect(await mayAsk(registry, options)).toBe(false);
});

test("the redirect of a first answer may lead to another port of a registry on a private network", async () => {
  const { signal } = new AbortController();
  const options = { settings: {}, proxies: undefined, limits: defaultLimits, signal, redact: (text: string) => text };
  const may: (boolean | undefined)[] = [];
  vi.spyOn(HttpClient.prototype, "send").mockImplementation((asked, { answeredFrom, mayBePrivate }) => {
    const next = new URL("https://gitlab.lan/registry/");
    may.push(mayBePrivate?.(next, "10.0.0.5"));
    answeredFrom?.(asked, "10.0.0.5");
    may.push(mayBePrivate?.(next, "10.0.0.5"));
    const response = { statusCode: 200, headers: {}, headersDistinct: {} };
    return Promise.resolve({ response: response as unknown as IncomingMessage, url: next });
  });
  const connection = new RegistryConnection("gitlab.lan:5050", options);
  await connection.exchange(new URL("https://gitlab.lan:5050/v2/"), { headers: {} });
  expect(may).toEqual([false, true]);
});
