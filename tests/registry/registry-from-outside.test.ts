import { expect, onTestFinished, test } from "vitest";
import { openRegistryClient, type RegistryAccess } from "../../src/pipeline/targets/registry-access.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { reference } from "./setup/registry-client.ts";

const home = temporaryFolder();

function clientWith(access: Partial<RegistryAccess>): RegistryClient {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return openRegistryClient({ environment: {}, home, ...access }, controller.signal);
}

test("a registry that somebody else named is not asked on a private network", async () => {
  const { host, requests } = await fakeRegistry();
  const client = clientWith({ fromOutside: [host] });
  await expect(client.head(reference(`${host}/a/b:v1`))).rejects.toMatchObject({
    code: "registry-unreachable",
    hint: expect.stringContaining("--registry-trust"),
  });
  expect(requests).toEqual([]);
});

test("it is when the user named it too, by whatever option", async () => {
  const { host } = await fakeRegistry();
  const credential = { registry: host, username: "alice", password: "x" };
  for (const named of [
    { trustedHosts: [host] },
    { insecure: [host] },
    { credential },
    { mirrors: new Map([["docker.io", [`${host}/hub`]]]) },
  ]) {
    const client = clientWith({ fromOutside: [host], ...named });
    expect(await client.head(reference(`${host}/a/b:v1`))).toBeUndefined();
  }
});

test("another host that the user named does not name it", async () => {
  const { host, requests } = await fakeRegistry();
  const port = host.split(":")[1];
  const client = clientWith({ fromOutside: [`localhost:${port}`], trustedHosts: ["other.test"] });
  await expect(client.manifest(reference(`localhost:${port}/a/b:v1`))).rejects.toMatchObject({
    code: "registry-unreachable",
  });
  expect(requests).toEqual([]);
});
