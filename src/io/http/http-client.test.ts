import dns from "node:dns";
import { createServer, type RequestListener } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { HttpClient, type ProxyEnvironment } from "./http-client.ts";

/** Names of the tests, as a name server would know them. */
const names: Readonly<Record<string, string>> = {
  "inside.example.org": "127.0.0.1",
  "mapped.example.org": "::ffff:10.0.0.1",
};

const fakeLookup = (name: string, options: { all?: boolean }, callback: (...values: unknown[]) => void): void => {
  const address = names[name] ?? "127.0.0.1";
  const family = address.includes(":") ? 6 : 4;
  if (options.all) callback(null, [{ address, family }]);
  else callback(null, address, family);
};
dns.lookup = fakeLookup as unknown as typeof dns.lookup;
syncBuiltinESMExports();

const { signal } = new AbortController();

async function serve(listener: RequestListener): Promise<{ origin: string; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port };
}

async function get(address: string, proxies?: ProxyEnvironment): Promise<string> {
  return text(await new HttpClient(proxies).get(new URL(address), { headers: {}, signal }));
}

test("redirects are followed on the same host, also to another port", async () => {
  const other = await serve((_, response) => response.end("there"));
  const { origin } = await serve((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: "/b" }).end();
    else response.writeHead(307, { location: other.origin }).end();
  });
  expect(await get(`${origin}/a`)).toBe("there");
});

test("a circle of redirects ends", async () => {
  let requests = 0;
  const { origin } = await serve((_, response) => {
    requests++;
    response.writeHead(302, { location: "/again" }).end();
  });
  await expect(get(origin)).rejects.toThrow("it redirects more than 5 times");
  expect(requests).toBe(6);
});

test.each(["file:///etc/passwd", "ftp://example.org/", "http://user:word@127.0.0.1/", "http://["])(
  "a redirect to %s is refused",
  async (location) => {
    const { origin } = await serve((_, response) => response.writeHead(302, { location }).end());
    await expect(get(origin)).rejects.toMatchObject({ name: "HttpRefusal" });
  },
);

test.each([
  "localhost",
  "a.localhost.",
  "10.1.2.3",
  "169.254.169.254",
  "0x0a000001",
  "[::1]",
  "[fd00::1]",
  "[fe80::1]",
  "[::ffff:127.0.0.2]",
  "[64:ff9b::a00:1]",
  "inside.example.org",
  "mapped.example.org",
])("a redirect into the private network, to %s, is refused", async (host) => {
  const { origin, port } = await serve((request, response) => {
    if (request.url === "/in") response.end("secret");
    else response.writeHead(302, { location: `http://${host}:${port}/in` }).end();
  });
  await expect(get(origin)).rejects.toThrow(/^it redirects to \S+, which is not on the public internet$/);
});

test("a private host that was asked first is not a surprise", async () => {
  const { port } = await serve((request, response) => {
    if (request.url === "/in") response.end("mirror");
    else response.writeHead(302, { location: "/in" }).end();
  });
  expect(await get(`http://inside.example.org:${port}/`)).toBe("mirror");
});

test("credentials go to the origin that they were given for, and nowhere else", async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("end");
  });
  const { port } = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: request.url === "/a" ? "/b" : other.origin }).end();
  });
  expect(await get(`http://me%40x:word@127.0.0.1:${port}/a`)).toBe("end");
  expect(seen).toEqual([`Basic ${btoa("me@x:word")}`, `Basic ${btoa("me@x:word")}`, undefined]);
});

test("a proxy is asked when one is named, and not for the hosts that are excepted", async () => {
  const asked: (string | undefined)[] = [];
  const proxy = await serve((request, response) => {
    asked.push(request.url);
    if (request.url?.endsWith("/private")) response.writeHead(302, { location: "http://10.0.0.1/" }).end();
    else if (request.url?.endsWith("/moved")) response.writeHead(302, { location: "http://b.example.org/" }).end();
    else response.end("by proxy");
  });
  const direct = await serve((_, response) => response.end("direct"));
  const proxies = { HTTP_PROXY: `http://inside.example.org:${proxy.port}`, NO_PROXY: "127.0.0.1" };
  expect(await get("http://a.example.org/x", proxies)).toBe("by proxy");
  expect(await get("http://a.example.org/moved", proxies)).toBe("by proxy");
  expect(await get(direct.origin, proxies)).toBe("direct");
  await expect(get("http://a.example.org/private", proxies)).rejects.toThrow("not on the public internet");
  expect(asked).toEqual([
    "http://a.example.org/x",
    "http://a.example.org/moved",
    "http://b.example.org/",
    "http://a.example.org/private",
  ]);
});

test.each([
  ["http://inside.example.org", "example.org"],
  ["http://inside.example.org", "other.test, .example.org"],
  ["http://inside.example.org", "*.EXAMPLE.org"],
  ["http://inside.example.org", "inside.example.org:PORT"],
  ["http://inside.example.org", "*"],
  ["http://127.0.0.1", ""],
  ["http://localhost", "other.test"],
])("%s is asked directly, with its password, where NO_PROXY is %j", async (host, excepted) => {
  const seen: (string | undefined)[] = [];
  const { port } = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("direct");
  });
  const proxies = { HTTP_PROXY: "http://127.0.0.1:1", no_proxy: excepted.replace("PORT", `${port}`) };
  expect(await get(`${host.replace("//", "//me:word@")}:${port}/`, proxies)).toBe("direct");
  expect(seen).toEqual([`Basic ${btoa("me:word")}`]);
});

test("a proxy that cannot be reached is named in place of the host behind it", async () => {
  const proxy = "user:pa55word@127.0.0.1:1";
  const words = "the proxy 127.0.0.1:1 cannot be reached: connection refused";
  await expect(get("http://a.example.org/x", { HTTP_PROXY: `http://${proxy}` })).rejects.toThrow(words);
  await expect(get("https://a.example.org/x", { https_proxy: `http://${proxy}` })).rejects.toThrow(words);
  const excepted = { HTTP_PROXY: `http://${proxy}`, NO_PROXY: "127.0.0.1" };
  await expect(get("http://127.0.0.1:2/", excepted)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("headers with secrets stay at their origin, other headers follow", async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers["x-secret"] as string, request.headers.range);
    response.end("end");
  });
  const { origin } = await serve((_, response) => response.writeHead(307, { location: `${other.origin}/b` }).end());
  const options = { headers: { range: "bytes=1-" }, secrets: { "x-secret": "s" }, signal };
  const { url } = await new HttpClient().send(new URL(origin), options);
  expect(url.href).toBe(`${other.origin}/b`);
  expect(seen).toEqual([undefined, "bytes=1-"]);
});

test("a body is sent, whole or in pieces, and a redirect of it is not followed", async () => {
  const { origin } = await serve((request, response) => {
    void text(request).then((body) => response.writeHead(307, { location: "/again", "x-body": body }).end());
  });
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("in ");
    yield Buffer.from("pieces");
  };
  for (const body of [Buffer.from("in pieces"), pieces()]) {
    const { response } = await new HttpClient().send(new URL(origin), { method: "PUT", headers: {}, signal, body });
    expect([response.statusCode, response.headers["x-body"]]).toEqual([307, "in pieces"]);
    response.destroy();
  }
});

test("a body that fails fails the request", async () => {
  const { origin } = await serve((request) => request.resume());
  // biome-ignore lint/correctness/useYield: it fails before it gives anything
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    throw new Error("no more");
  };
  const sent = new HttpClient().send(new URL(origin), { method: "PUT", headers: {}, signal, body: broken() });
  await expect(sent).rejects.toThrow();
});

test("the first address too may be private only when it was named", async () => {
  const { origin, port } = await serve((_, response) => response.end("here"));
  const client = new HttpClient();
  const isNamed = ({ hostname }: URL): boolean => hostname === "127.0.0.1";
  expect((await client.send(new URL(origin), { headers: {}, signal, isNamed })).response.statusCode).toBe(200);
  for (const host of ["localhost", "inside.example.org", "mapped.example.org", "10.0.0.1"]) {
    const sent = client.send(new URL(`http://${host}:${port}/`), { headers: {}, signal, isNamed });
    await expect(sent).rejects.toThrow(/^it leads to \S+, which is not on the public internet$/);
  }
});

test("what may be private is asked for by name and address, and for nothing public", async () => {
  const { origin } = await serve((_, response) => response.end("here"));
  const asked: string[] = [];
  const client = new HttpClient();
  const send = (host: string, allows: boolean): Promise<unknown> => {
    const mayBePrivate = (url: URL, name: string): boolean => {
      asked.push(`${url.hostname} ${name}`);
      return allows;
    };
    const options = { headers: {}, signal, isNamed: () => false, mayBePrivate };
    return client.send(new URL(origin.replace("127.0.0.1", host)), options);
  };
  for (const host of ["127.0.0.1", "inside.example.org"]) {
    await expect(send(host, false)).rejects.toThrow("not on the public internet");
    await expect(send(host, true)).resolves.toHaveProperty("response.statusCode", 200);
  }
  await expect(send("[::1]", false)).rejects.toThrow("not on the public internet");
  const shown = ["127.0.0.1 127.0.0.1", "inside.example.org 127.0.0.1", "[::1] ::1"];
  expect([...new Set(asked)]).toEqual(shown);
});
