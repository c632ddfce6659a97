import { expect, test } from "vitest";
import { HeldManifests } from "../../src/pipeline/registry/held-manifests.ts";
import { listRegistryImages } from "../../src/pipeline/registry/list-registry-images.ts";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { testClient } from "./setup/registry-client.ts";

const asked = { filter: () => true, dateOf: () => Promise.resolve(null), mayFetch: () => true };

test("a repository that is listed and not there is told of, apart from those without tags", async () => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "1" });
  registry.putManifest("team/left", { schemaVersion: 2, config: {}, layers: [] }, { tag: "1" });
  registry.intercept = ({ path }, response) => {
    if (!path.startsWith("/v2/team/left/tags/")) return false;
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code: "NAME_UNKNOWN" }] }));
    return true;
  };
  const found: string[] = [];
  const listing = await listRegistryImages(testClient(), {
    ...asked,
    registry: registry.host,
    prefix: "",
    manifests: new HeldManifests(),
    found: (images) => void found.push(...images.map(({ repository }) => repository)),
  });
  expect(listing).toMatchObject({ repositories: 2, empty: [], unknown: ["team/left"], failures: [] });
  expect(found).toEqual(["team/app"]);
});

test.each([true, false])(
  "a registry that counts pulls (%s) is asked with HEAD what its tags stand for",
  async (counts) => {
    const registry = await fakeRegistry();
    const tags = Array.from({ length: 12 }, (_, index) => `v${index}`);
    for (const tag of tags)
      registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [], annotations: { tag } }, { tag });
    registry.intercept = ({ path }, response) => {
      if (counts && path.includes("/team/")) {
        response.setHeader("ratelimit-limit", "100;w=21600");
        response.setHeader("ratelimit-remaining", "76;w=21600");
      }
      return false;
    };
    const digests: string[] = [];
    const listing = await listRegistryImages(testClient(), {
      registry: registry.host,
      ...asked,
      prefix: "team/app",
      manifests: new HeldManifests(),
      found: (images) => void digests.push(...images.map(({ digest }) => digest)),
    });
    expect(listing).toMatchObject({ tags: 12, failures: [] });
    expect(new Set(digests).size).toBe(12);
    const methods = registry.requests.filter(({ path }) => path.includes("/manifests/")).map(({ method }) => method);
    expect(new Set(methods)).toEqual(new Set([counts ? "HEAD" : "GET"]));
  },
);

test("of a list of tags that ends too early what came is used, and the rest is told of", async () => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v7" });
  const all = Array.from({ length: 12_000 }, (_, index) => `v${index}`);
  registry.intercept = ({ path }, response) => {
    const { pathname, searchParams } = new URL(path, "http://x/");
    return (
      pathname === "/v2/team/app/tags/list" &&
      sendJson(response, 200, { name: "team/app", tags: all.slice(0, Number(searchParams.get("n"))) })
    );
  };
  const found: string[] = [];
  const listing = await listRegistryImages(testClient(), {
    ...asked,
    filter: (tag) => tag === "v7",
    registry: registry.host,
    prefix: "team/app",
    manifests: new HeldManifests(),
    found: (images) => void found.push(...images.flatMap(({ tags }) => tags)),
  });
  expect(found).toEqual(["v7"]);
  expect(listing).toMatchObject({ repositories: 1, tags: 1, empty: [], unknown: [] });
  expect(listing.failures).toEqual([
    expect.objectContaining({
      code: "limit-exceeded",
      repository: "team/app",
      message: expect.stringContaining("10,000") as string,
    }),
  ]);
});
