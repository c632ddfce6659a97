import { copyFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRegistryClient, type RegistryAccess } from "../../src/pipeline/targets/registry-access.ts";
import type { RegistryClient } from "../../src/registry/registry-client.ts";
import { listenLocally } from "../setup/local-server.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { makeCertificates, pem } from "./setup/certificates.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { reference } from "./setup/registry-client.ts";

const home = temporaryFolder();
const { authority, server } = makeCertificates(home);
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
  const tls = { cert: pem(server.certificate), key: pem(server.key) };
  const port = await listenLocally(createServer(tls, (_, response) => response.writeHead(404).end()));
  const asked = (access: Partial<RegistryAccess>): Promise<unknown> =>
    clientWith(access).head(reference(`127.0.0.1:${port}/a/b:v1`));
  expect(await asked({ caFile })).toBeUndefined();
  await expect(asked({})).rejects.toMatchObject({ code: "registry-unreachable" });
});

test("an authority that lies ready for a registry means that it speaks TLS, beside one for all", async () => {
  const { host, requests } = await fakeRegistry();
  const folder = join(home, ".config/containers/certs.d", host);
  mkdirSync(folder, { recursive: true });
  copyFileSync(caFile, join(folder, "own.crt"));
  for (const access of [{}, { caFile }]) {
    await expect(clientWith(access).head(reference(`${host}/a/b:v1`))).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("does not speak TLS"),
    });
  }
  expect(requests).toEqual([]);
});
