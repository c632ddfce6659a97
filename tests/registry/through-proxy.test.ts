import { createServer } from "node:net";
import { expect, test } from "vitest";
import type { ProxyEnvironment } from "../../src/io/http/proxy-variables.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { listenLocally } from "../setup/local-server.ts";
import { type FakeProxy, type FakeProxyOptions, fakeProxy } from "./setup/fake-proxy.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, reference, testClient } from "./setup/registry-client.ts";

const registry = "registry.test";
const image = reference(`${registry}/team/app:v1`);

/** A registry with an image, which speaks plain HTTP, and a proxy that finds it by its name. */
async function behindProxy(options: FakeProxyOptions): Promise<{ proxy: FakeProxy; real: FakeRegistry }> {
  const real = await fakeRegistry();
  real.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  return { proxy: await fakeProxy({ hosts: { [registry]: real.host }, ...options }), real };
}

function clientOf(proxies: ProxyEnvironment, insecure?: boolean): RegistryClient {
  const settings = insecure === undefined ? {} : { settings: new Map([[registry, { insecure }]]) };
  return testClient({ proxies, ...settings, credentials: { [registry]: basic("bob", "marker-password") } });
}

function refused(words: string): object {
  return { code: "registry-unreachable", message: `the request to the registry ${registry} failed: ${words}` };
}

test.each([
  [407, "requires a user name and a password (HTTP status 407)"],
  [403, "does not connect to the host: HTTP status 403"],
  [502, "does not connect to the host: HTTP status 502"],
])("a proxy that answers %d is named with what it said, asked once, and left", async (tunnels, words) => {
  const { proxy } = await behindProxy({ tunnels });
  const client = clientOf({ HTTPS_PROXY: `http://alice:Marker-pa55@${proxy.host}` });
  await expect(client.manifest(image)).rejects.toMatchObject(refused(`the proxy ${proxy.host} ${words}`));
  expect(proxy.asked).toEqual([`CONNECT ${registry}:443`]);
  await expect.poll(proxy.open).toBe(0);
});

test("a proxy that breaks every connection off is asked as often as a registry that does", async () => {
  const { proxy } = await behindProxy({ tunnels: "end" });
  const words = `the proxy ${proxy.host} does not forward the request: the connection was lost, 5 times in a row`;
  await expect(clientOf({ HTTPS_PROXY: proxy.host }).manifest(image)).rejects.toMatchObject(refused(words));
  expect(proxy.asked).toEqual(Array(5).fill(`CONNECT ${registry}:443`));
});

test.each([
  [400, true],
  [403, true],
  [405, true],
  [501, true],
  ["end", true],
  ["reset", true],
  [407, false],
  [500, false],
  [502, false],
  [503, false],
  [504, false],
] as const)(
  "where a proxy answers %s to CONNECT, a registry is asked over plain HTTP: %s",
  async (tunnels, isAsked) => {
    const { proxy } = await behindProxy({ tunnels });
    const proxies = { HTTPS_PROXY: `http://${proxy.host}`, HTTP_PROXY: `http://${proxy.host}` };
    const manifest = clientOf(proxies, true).manifest(image);
    if (isAsked) expect((await manifest).kind).toBe("image");
    else await expect(manifest).rejects.toMatchObject({ code: "registry-unreachable" });
    const plain = `GET http://${registry}/v2/team/app/manifests/v1`;
    // What may pass does not decide for good how passwords go: it is tried as often as anything.
    const tries = typeof tunnels === "number" ? 1 : 5;
    expect(proxy.asked).toEqual([...Array(tries).fill(`CONNECT ${registry}:443`), ...(isAsked ? [plain] : [])]);
    // The one that is kept is for further requests, and holds no program.
    await expect.poll(proxy.open).toBe(isAsked ? 1 : 0);
  },
);

test("a registry that may not speak plain HTTP is not asked so where a proxy knows no CONNECT", async () => {
  const { proxy } = await behindProxy({ tunnels: 405 });
  const proxies = { HTTPS_PROXY: `http://${proxy.host}`, HTTP_PROXY: `http://${proxy.host}` };
  await expect(clientOf(proxies, false).manifest(image)).rejects.toMatchObject({ code: "registry-unreachable" });
  expect(proxy.asked).toEqual([`CONNECT ${registry}:443`]);
});

test("a registry on this machine is sent its password directly", async () => {
  const { proxy, real } = await behindProxy({});
  real.intercept = ({ headers }, response) =>
    headers.authorization === undefined &&
    sendJson(response, 401, {}, { "www-authenticate": `Basic realm="http://${real.host}/"` });
  const proxies = { HTTPS_PROXY: proxy.host, HTTP_PROXY: proxy.host };
  const client = testClient({ proxies, credentials: { [real.host]: basic("bob", "marker-password") } });
  expect((await client.manifest(reference(`${real.host}/team/app:v1`))).kind).toBe("image");
  expect(proxy.connections()).toBe(0);
});

test.each([
  ["407", { plain: 407 }, "requires a user name and a password (HTTP status 407)"],
  [
    "403 with a page of its own",
    { plain: 403, own: { "x-squid-error": "ERR_ACCESS_DENIED 0" } },
    "does not forward the request: HTTP status 403",
  ],
  [
    "403 and nothing to tell it by",
    { plain: 403, own: { "content-type": "text/html" } },
    "or a server behind it, refuses the request: HTTP status 403",
  ],
])("a proxy that answers %s in place of a registry is named", async (_, answer, words) => {
  const { proxy } = await behindProxy({ tunnels: 405, ...answer });
  const address = `http://alice:Marker-pa55@${proxy.host}`;
  const client = clientOf({ HTTPS_PROXY: address, HTTP_PROXY: address }, true);
  const error = await client.manifest(image).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "registry-unreachable" });
  expect(String(error).replace(/^\w+: /, "")).toMatch(
    new RegExp(
      `^the request to the registry ${registry} failed: the proxy ${proxy.host},? ${words.replace(/[()]/g, "\\$&")}$`,
    ),
  );
  expect(proxy.asked).toEqual([`CONNECT ${registry}:443`, `GET http://${registry}/v2/team/app/manifests/v1`]);
});

test.each(["x", "proxy", "registry", "test", "407"])("the password %s hides nothing of our own words", async (word) => {
  const { proxy } = await behindProxy({ tunnels: 407 });
  const client = clientOf({ HTTPS_PROXY: `http://alice:${word}@${proxy.host}` });
  const words = `the proxy ${proxy.host} requires a user name and a password (HTTP status 407)`;
  const hint = "Check the user name and password in the variable HTTPS_PROXY: the proxy rejected them.";
  await expect(client.manifest(image)).rejects.toMatchObject({ ...refused(words), hint });
});

test("a password hides nothing of fixed words about the network", async () => {
  const closed = await fakeProxy({});
  const client = testClient({
    proxies: { NO_PROXY: "127.0.0.2", HTTPS_PROXY: `http://alice:port@${closed.host}` },
    settings: new Map([["127.0.0.2:1", { insecure: false }]]),
  });
  await expect(client.manifest(reference("127.0.0.2:1/team/app:v1"))).rejects.toMatchObject({
    message: "the request to the registry 127.0.0.2:1 failed: connection refused",
  });
});

test.each([
  ["speaks no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "sent a response that is not HTTP"],
  ["breaks off", "", ", or a server behind it, closed the connection, 5 times in a row"],
])("a proxy that %s over plain HTTP is named", async (_, bytes, words) => {
  const port = await listenLocally(createServer((socket) => void socket.once("data", () => socket.end(bytes))));
  const client = testClient({
    proxies: { HTTP_PROXY: `http://127.0.0.1:${port}`, HTTPS_PROXY: (await fakeProxy({ tunnels: 405 })).host },
    settings: new Map([[registry, { insecure: true }]]),
  });
  const reason = `the proxy 127.0.0.1:${port}${words.startsWith(",") ? "" : " "}${words}`;
  await expect(client.manifest(image)).rejects.toMatchObject(refused(reason));
});

test("a variable that names no proxy fails what would be asked through it, and nothing else", async () => {
  const { real } = await behindProxy({});
  const proxies = { HTTPS_PROXY: "socks5://127.0.0.1:1080", HTTP_PROXY: "socks5://127.0.0.1:1080" };
  expect((await testClient({ proxies }).manifest(reference(`${real.host}/team/app:v1`))).kind).toBe("image");
  const { proxy } = await behindProxy({});
  const other = { HTTP_PROXY: "socks5://127.0.0.1:1080", HTTPS_PROXY: proxy.host };
  await expect(clientOf(other).manifest(image)).rejects.toMatchObject({ code: "registry-unreachable" });
  const refusal = { code: "usage", message: "the variable HTTPS_PROXY is not the address of an HTTP proxy" };
  await expect(clientOf(proxies).manifest(image)).rejects.toMatchObject(refusal);
});

test("a registry that refuses by itself behind a proxy is told as the one that refuses", async () => {
  const { proxy, real } = await behindProxy({ tunnels: 405 });
  const proxies = { HTTPS_PROXY: proxy.host, HTTP_PROXY: proxy.host };
  real.intercept = (_, response) => sendJson(response, 403, { errors: [{ code: "DENIED", message: "not you" }] });
  const refusal = { code: "registry-refused", message: expect.stringContaining("DENIED: not you") };
  await expect(clientOf(proxies, true).manifest(image)).rejects.toMatchObject(refusal);
  const client = clientOf(proxies, true);
  real.intercept = () => false;
  expect((await client.manifest(image)).kind).toBe("image");
  real.intercept = (_, response) => {
    response.writeHead(403).end("<html>");
    return true;
  };
  await expect(client.manifest(reference(`${registry}/team/app:v2`))).rejects.toMatchObject({
    code: "registry-refused",
  });
});
