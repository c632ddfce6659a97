import { expect, test } from "vitest";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { listOf, testClient } from "./setup/registry-client.ts";

const repositoryOf = (host: string): { registry: string; repository: string } => ({
  registry: host,
  repository: "team/app",
});

const names = Array.from({ length: 23 }, (_, index) => `v${(index * 7) % 23}`);

test.each(["link", "all", "silent", "repeating", "foreign"] as const)(
  "all tags come once from a registry that pages: %s",
  async (paging) => {
    const registry = await fakeRegistry({ paging });
    for (const tag of names) registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
    const tags = await listOf(testClient().tags(repositoryOf(registry.host)));
    expect(tags.sort()).toEqual([...names].sort());
  },
);

test.each(["link", "silent", "foreign"] as const)(
  "pages of a registry that allows only 50 names on one: %s",
  async (paging) => {
    const registry = await fakeRegistry({ paging, largestPage: 50 });
    const many = Array.from({ length: 130 }, (_, index) => `v${1000 + index}`);
    for (const tag of many) registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
    const tags = await listOf(testClient().tags(repositoryOf(registry.host)));
    expect(tags).toHaveLength(130);
    expect(new Set(tags)).toEqual(new Set(many));
  },
);

test("of a link that lacks the prefix of the path only the last name is taken", async () => {
  const registry = await fakeRegistry({ paging: "prefixless", largestPage: 10 });
  for (const tag of names) registry.putManifest("prefix/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
  const tags = await listOf(testClient().tags({ registry: registry.host, repository: "prefix/app" }));
  expect(tags.sort()).toEqual([...names].sort());
});

test("repositories are listed, and a registry that has no list says so", async () => {
  const registry = await fakeRegistry();
  for (const name of ["b/b", "a"])
    registry.putManifest(name, { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  expect(await listOf(testClient().catalog(registry.host))).toEqual(["a", "b/b"]);
  registry.intercept = ({ path }, response) => path.startsWith("/v2/_catalog") && sendJson(response, 404, {});
  await expect(listOf(testClient().catalog(registry.host))).rejects.toMatchObject({ code: "registry-failed" });
});

test("the tags of an unknown repository are an error and not an empty list", async () => {
  const registry = await fakeRegistry();
  const failure = listOf(testClient().tags(repositoryOf(registry.host)));
  await expect(failure).rejects.toMatchObject({ code: "image-not-found" });
});
