import { request as ask, createServer } from "node:http";
import { expect, test } from "vitest";
import { fakeRegistry, listen } from "./setup/fake-registry.ts";
import { reference, testClient } from "./setup/registry-client.ts";

/** A proxy that passes requests on and answers each `CONNECT` with a status. Gives its host and what it was asked for. */
async function proxyThatAnswers(status: number): Promise<{ readonly host: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const proxy = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    const { method, headers } = incoming;
    ask(incoming.url ?? "", { ...(method !== undefined && { method }), headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    }).end();
  });
  proxy.on("connect", ({ url }, socket) => {
    asked.push(`CONNECT ${url}`);
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  return { host: await listen(proxy), asked };
}

test.each([
  [407, "wants a user and a password (it answered 407)"],
  [403, "does not connect to that host: it answered 403"],
  [502, "does not connect to that host: it answered 502"],
])("a proxy that answers %d is named with what it said, and asked once", async (status, words) => {
  const { host, asked } = await proxyThatAnswers(status);
  const proxies = { HTTPS_PROXY: `http://alice:Marker-pa55@${host}` };
  const manifest = testClient({ proxies }).manifest(reference("registry.example.com/team/app:v1"));
  await expect(manifest).rejects.toMatchObject({
    code: "registry-unreachable",
    message: `the registry registry.example.com cannot be asked: the proxy ${host} ${words}`,
  });
  expect(asked).toEqual(["CONNECT registry.example.com:443"]);
});

test("a registry that may speak plain HTTP is asked so through a proxy that knows no CONNECT", async () => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  const { host, asked } = await proxyThatAnswers(405);
  const proxies = { HTTPS_PROXY: `http://${host}`, HTTP_PROXY: `http://${host}` };
  const named = reference(`${registry.host}/team/app:v1`);
  const insecure = testClient({ proxies, settings: new Map([[registry.host, { insecure: true }]]) });
  expect((await insecure.manifest(named)).kind).toBe("image");
  expect(asked).toEqual([`CONNECT ${registry.host}`, `GET http://${registry.host}/v2/team/app/manifests/v1`]);
  const secure = testClient({ proxies, settings: new Map([[registry.host, { insecure: false }]]) });
  await expect(secure.manifest(named)).rejects.toMatchObject({ code: "registry-unreachable" });
});

test.each([
  [400, true],
  [501, true],
  [407, false],
  [500, false],
  [502, false],
  [503, false],
  [504, false],
])("a proxy that answers %d to CONNECT is asked over plain HTTP: %s", async (status, isAsked) => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  const { host, asked } = await proxyThatAnswers(status);
  const proxies = { HTTPS_PROXY: `http://${host}`, HTTP_PROXY: `http://${host}` };
  const client = testClient({ proxies, settings: new Map([[registry.host, { insecure: true }]]) });
  const manifest = client.manifest(reference(`${registry.host}/team/app:v1`));
  if (isAsked) expect((await manifest).kind).toBe("image");
  else await expect(manifest).rejects.toMatchObject({ code: "registry-unreachable" });
  expect(asked.some((line) => line.startsWith("GET "))).toBe(isAsked);
});
