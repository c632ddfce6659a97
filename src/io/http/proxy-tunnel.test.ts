import type { ServerResponse } from "node:http";
import { Agent, createServer, type RequestOptions, request } from "node:https";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { makeCertificates, makeChain, pem } from "../../../tests/registry/setup/certificates.ts";
import { type FakeProxyOptions, fakeProxy } from "../../../tests/registry/setup/fake-proxy.ts";
import { listenLocally, serveLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { HttpClient } from "./http-client.ts";
import { type TunnelRequest, throughProxy } from "./proxy-tunnel.ts";

const folder = temporaryFolder();
const { authority, server, client: clientFiles } = makeCertificates(folder, ["registry.test", "proxy.test"]);
const stranger = makeChain(folder).server;
const ca = pem(authority.certificate);
const signal = new AbortController().signal;

/** A host that answers with its name, where a proxy finds it. */
async function secureHost(options: object = {}): Promise<string> {
  const certificate = { cert: pem(server.certificate), key: pem(server.key), ...options };
  const port = await listenLocally(
    createServer(certificate, (request, response) => response.end(`${request.headers.host}${request.url}`)),
  );
  return `127.0.0.1:${port}`;
}

async function ask(client: HttpClient, address: string): Promise<string> {
  return text(await client.get(new URL(address), { headers: {}, signal }));
}

describe.each([
  ["http", undefined],
  ["https", server],
] as const)("a proxy that is spoken with by %s", (scheme, tls) => {
  const start = async (options: FakeProxyOptions) => {
    const proxy = await fakeProxy({ ...options, ...(tls && { tls }) });
    const address = `${scheme}://alice:s%25cret@${proxy.host}`;
    return { proxy, environment: { HTTPS_PROXY: address, HTTP_PROXY: address } };
  };
  const authorization = `Basic ${btoa("alice:s%cret")}`;

  test("leads to hosts over TLS, with one connection for requests that follow each other", async () => {
    const { proxy, environment } = await start({ hosts: { "registry.test": await secureHost() } });
    const client = new HttpClient(environment, { ca });
    for (const path of ["/a", "/b?c", "/d"])
      expect(await ask(client, `https://registry.test${path}`)).toBe(`registry.test${path}`);
    expect(proxy.asked).toEqual(["CONNECT registry.test:443"]);
    expect(proxy.headers[0]).toEqual({
      host: "registry.test:443",
      "user-agent": expect.stringMatching(/^plimsoll\//),
      "proxy-authorization": authorization,
    });
    const other = ask(client, "https://other.test:5000/");
    await expect(other).rejects.toThrow(`the proxy ${proxy.host} does not connect to the host: HTTP status 502`);
  });

  test("is sent requests without TLS, also those of several hosts on one connection", async () => {
    const host = await serveLocally((request, response) => response.end(`${request.headers.host}${request.url}`));
    const place = host.replace("http://", "");
    const { proxy, environment } = await start({ hosts: { "one.test": place, "two.test:5000": place } });
    const client = new HttpClient(environment, { ca });
    expect(await ask(client, "http://one.test/a?b#c")).toBe("one.test/a?b");
    expect(await ask(client, "http://two.test:5000/")).toBe("two.test:5000/");
    expect(proxy.asked).toEqual(["GET http://one.test/a?b", "GET http://two.test:5000/"]);
    expect(proxy.headers[0]).toMatchObject({ host: "one.test", "proxy-authorization": authorization });
    expect(proxy.connections()).toBe(1);
  });

  test.each([
    [407, "requires a user name and a password (HTTP status 407)"],
    [403, "does not connect to the host: HTTP status 403"],
    [502, "does not connect to the host: HTTP status 502"],
    [200.5, "does not forward the request: its response is not HTTP"],
    ["end", "does not forward the request: the connection was lost"],
    ["reset", "does not forward the request: the connection was lost"],
    [{ bytes: "SSH-2.0-OpenSSH\r\n\r\n" }, "does not forward the request: its response is not HTTP"],
    [
      { bytes: `HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}` },
      "does not forward the request: its response is not HTTP",
    ],
    [{ bytes: "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n" }, "does not connect to the host: HTTP status 101"],
    [{ bytes: "HTTP/1.1 204 No Content\r\n\r\n" }, "does not connect to the host: HTTP status 204"],
  ] as const)("and that answers %j to CONNECT is left, and no connection to it stays open", async (tunnels, words) => {
    const { proxy, environment } = await start({ tunnels });
    const asked = ask(new HttpClient(environment, { ca }), "https://registry.test/");
    await expect(asked).rejects.toThrow(`the proxy ${proxy.host} ${words}`);
    await expect.poll(proxy.open, { timeout: 2000 }).toBe(0);
    expect(proxy.asked).toEqual(["CONNECT registry.test:443"]);
  });

  test.each([new Error("that is enough"), undefined])(
    "and that says nothing is left when the request is ended: %s",
    async (reason) => {
      const { proxy, environment } = await start({ tunnels: { bytes: "" } });
      const ending = new AbortController();
      const options = { headers: {}, signal: ending.signal };
      const asked = new HttpClient(environment, { ca }).get(new URL("https://registry.test/"), options);
      await expect.poll(() => proxy.asked).toEqual(["CONNECT registry.test:443"]);
      ending.abort(reason);
      await expect(asked).rejects.toThrow(reason?.message ?? "aborted");
      await expect.poll(proxy.open, { timeout: 2000 }).toBe(0);
    },
  );

  test("leads to hosts whose certificate is verified, and shown the client's to those alone", async () => {
    const wants = { requestCert: true, ca, rejectUnauthorized: true };
    const hosts = { "registry.test": await secureHost(wants) };
    const { environment } = await start({ hosts });
    const { certificate, key } = clientFiles;
    const own = { certificate: pem(certificate), key: pem(key) };
    expect(await ask(new HttpClient(environment, { ca, ...own }), "https://registry.test/")).toBe("registry.test/");
    await expect(ask(new HttpClient(environment, { ca }), "https://registry.test/")).rejects.toThrow(/alert/);
  });

  test("leads to hosts whose certificate is for another name, or of an authority that is not known", async () => {
    const hosts = {
      "misnamed.test": await secureHost(),
      "registry.test": await secureHost({ cert: pem(stranger.certificate), key: pem(stranger.key) }),
    };
    const { environment } = await start({ hosts });
    for (const [host, code] of [
      ["misnamed.test", "ERR_TLS_CERT_ALTNAME_INVALID"],
      ["registry.test", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
    ]) {
      const address = `https://${host}/`;
      await expect(ask(new HttpClient(environment, { ca }), address)).rejects.toMatchObject({ code });
      expect(await ask(new HttpClient(environment, { ca, verify: false }), address)).toBe(`${host}/`);
    }
  });
});

test("a proxy whose certificate is not trusted is named with it, also where the hosts need none", async () => {
  const proxy = await fakeProxy({ tls: stranger });
  const environment = { HTTPS_PROXY: `https://${proxy.host}`, HTTP_PROXY: `https://${proxy.host}` };
  const words = `the proxy ${proxy.host} cannot be reached: its certificate is signed by an untrusted CA`;
  for (const scheme of ["https", "http"])
    await expect(ask(new HttpClient(environment, { verify: false }), `${scheme}://registry.test/`)).rejects.toThrow(
      words,
    );
  expect(proxy.asked).toEqual([]);
});

test("a proxy that does not speak TLS is named as such", async () => {
  const proxy = await fakeProxy({});
  const environment = { HTTPS_PROXY: `https://${proxy.host}`, HTTP_PROXY: `https://${proxy.host}` };
  for (const scheme of ["https", "http"])
    await expect(ask(new HttpClient(environment), `${scheme}://registry.test/`)).rejects.toThrow(
      `the proxy ${proxy.host} cannot be reached: it does not use TLS`,
    );
});

test("a proxy that says nothing is left after some time", async () => {
  const proxy = await fakeProxy({ tunnels: { bytes: "HTTP/1.1 200" } });
  const agent = throughProxy(new Agent(), { proxy: new URL(`http://${proxy.host}`) });
  const asked = new Promise((resolve, reject) => {
    const options: RequestOptions & TunnelRequest = { agent, tunnelTimeout: 100 };
    request("https://registry.test/", options, resolve).on("error", reject).end();
  });
  await expect(asked).rejects.toThrow(`the proxy ${proxy.host} does not forward the request: it did not respond`);
  await expect.poll(proxy.open, { timeout: 2000 }).toBe(0);
});

test("what TLS cannot begin with fails the request, and leaves no connection open", async () => {
  const proxy = await fakeProxy({ tunnels: { bytes: "HTTP/1.1 200 OK\r\n\r\n" } });
  const agent = throughProxy(new Agent({ cert: "none" }), { proxy: new URL(`http://${proxy.host}`) });
  const asked = new Promise((resolve, reject) => {
    request("https://registry.test/", { agent }, resolve).on("error", reject).end();
  });
  await expect(asked).rejects.toThrow(/PEM/);
  await expect.poll(proxy.open, { timeout: 2000 }).toBe(0);
});

test("what a host says before it is spoken to is not TLS", async () => {
  const proxy = await fakeProxy({ tunnels: { bytes: "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH\r\n" } });
  const asked = ask(new HttpClient({ https_proxy: proxy.host }), "https://registry.test/");
  await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/SSL|EPROTO/) });
  await expect.poll(proxy.open, { timeout: 2000 }).toBe(0);
});

test("a host that the user did not name is reached through a proxy by its name alone", async () => {
  const hosts = { "registry.test": await secureHost(), "10.0.0.1": await secureHost() };
  const proxy = await fakeProxy({ hosts });
  const client = new HttpClient({ HTTPS_PROXY: proxy.host }, { ca });
  const send = async (address: string): Promise<string> =>
    text((await client.send(new URL(address), { headers: {}, signal, isNamed: () => false })).response);
  expect(await send("https://registry.test/")).toBe("registry.test/");
  for (const host of ["10.0.0.1", "localhost", "[::1]"])
    await expect(send(`https://${host}/`)).rejects.toThrow("which is not on the public internet");
  expect(proxy.asked).toEqual(["CONNECT registry.test:443"]);
});

test("a body in pieces goes through a tunnel whole", async () => {
  const sized = (response: ServerResponse, body: string): unknown => response.end(`${body.length}`);
  const port = await listenLocally(
    createServer({ cert: pem(server.certificate), key: pem(server.key) }, (request, response) => {
      void text(request).then((body) => sized(response, body));
    }),
  );
  const proxy = await fakeProxy({ hosts: { "registry.test": `127.0.0.1:${port}` } });
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let piece = 0; piece < 20; piece++) yield new Uint8Array(50_000);
  };
  const { response } = await new HttpClient({ HTTPS_PROXY: proxy.host }, { ca }).send(
    new URL("https://registry.test/"),
    {
      ...{ method: "PUT", headers: {}, signal },
      body: pieces(),
    },
  );
  expect(await text(response)).toBe("1000000");
});
