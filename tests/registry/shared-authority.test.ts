import { copyFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRegistryClient, type RegistryAccess } from "../../src/pipeline/targets/registry-access.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { listenLocally } from "../setup/local-server.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type CertificateFiles, makeCertificates, makeChain, pem } from "./setup/certificates.ts";
import { fakeInternet } from "./setup/fake-internet.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { reference } from "./setup/registry-client.ts";

const home = temporaryFolder();
const { authority, server } = makeCertificates(home);
const chain = makeChain(home, ["registry.test"]);
const caFile = authority.certificate;

function clientWith(access: Partial<RegistryAccess>): RegistryClient {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return openRegistryClient({ environment: {}, home, ...access }, controller.signal);
}

test("an authority for all registries does not take plain HTTP from one on this machine", async () => {
  const { host } = await fakeRegistry();
  expect(await clientWith({ caFile }).head(reference(`${host}/a/b:v1`))).toBeUndefined();
});

test("it is believed where one on this machine speaks TLS", async () => {
  const host = await registryOverTls(server);
  const asked = (access: Partial<RegistryAccess>): Promise<unknown> =>
    clientWith(access).head(reference(`${host}/a/b:v1`));
  expect(await asked({ caFile })).toBeUndefined();
  await expect(asked({})).rejects.toMatchObject({ code: "registry-unreachable" });
});

test.each([
  ["an authority that is no root", chain.intermediate],
  ["the registry's own certificate", chain.server],
])("%s is believed, as by Docker", async (_, { certificate }) => {
  const host = await registryOverTls(chain.server);
  expect(await clientWith({ caFile: certificate }).head(reference(`${host}/a/b:v1`))).toBeUndefined();
  const { proxies } = await fakeInternet({ "registry.test": () => undefined }, chain.server);
  const client = clientWith({ caFile: certificate, environment: proxies });
  expect(await client.head(reference("registry.test/a/b:v1"))).toBeUndefined();
});

test("an authority that signed something else is not, and the hint names options of this program", async () => {
  const host = await registryOverTls(chain.server);
  await expect(clientWith({ caFile }).head(reference(`${host}/a/b:v1`))).rejects.toMatchObject({
    message: expect.stringMatching(/signed by an untrusted CA$/),
    hint: expect.stringContaining("--registry-ca"),
  });
});

test("an authority that lies ready for a registry means that it speaks TLS, beside one for all", async () => {
  const { host, requests } = await fakeRegistry();
  const folder = join(home, ".config/containers/certs.d", host);
  mkdirSync(folder, { recursive: true });
  copyFileSync(caFile, join(folder, "own.crt"));
  for (const access of [{}, { caFile }]) {
    await expect(clientWith(access).head(reference(`${host}/a/b:v1`))).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("does not use TLS"),
    });
  }
  expect(requests).toEqual([]);
});

/** `HOST:PORT` of a registry that has nothing. */
async function registryOverTls({ certificate, key }: CertificateFiles): Promise<string> {
  const tls = { cert: pem(certificate), key: pem(key) };
  return `127.0.0.1:${await listenLocally(createServer(tls, (_, response) => response.writeHead(404).end()))}`;
}
