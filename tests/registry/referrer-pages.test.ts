import { describe, expect, test } from "vitest";
import { isAttachmentTag } from "../../src/registry/content/list-referrers.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { listOf, reference, testClient } from "./setup/registry-client.ts";

const digest = `sha256:${"1".repeat(64)}`;
const mediaType = "application/vnd.oci.image.manifest.v1+json";

/**
 * A registry whose list of referrers comes in these pages; a page is how many it lists and what it says of the next.
 */
async function registryWith(
  pages: readonly { readonly count: number; readonly link?: string }[],
): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  const lists = pages.map(({ count }, page) =>
    Array.from({ length: count }, (_, index) => {
      const artifact = { schemaVersion: 2, mediaType, artifactType: "a/b", config: {}, layers: [], page, index };
      return {
        mediaType,
        digest: registry.putManifest("team/app", { ...artifact, subject: { digest, size: 1 } }),
        size: 1,
      };
    }),
  );
  registry.intercept = ({ path }, response) => {
    if (!path.includes("/referrers/")) return false;
    const page = Number(new URL(path, "http://x/").searchParams.get("page") ?? 0);
    const link = pages[page]?.link;
    const index = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: lists[page] ?? [],
    };
    return sendJson(response, 200, index, link === undefined ? {} : { link });
  };
  return registry;
}

async function countOf(registry: FakeRegistry): Promise<number> {
  return (await listOf(testClient().referrers(reference(`${registry.host}/team/app`), digest))).length;
}

describe("a list of referrers in pages", () => {
  test("is read to its end, also past a page of nothing", async () => {
    const next = (page: number): string => `<?page=${page}>; rel="next"`;
    const registry = await registryWith([{ count: 2, link: next(1) }, { count: 0, link: next(2) }, { count: 1 }]);
    expect(await countOf(registry)).toBe(3);
  });

  test.each(["<?page=1>", "?page=1"])("is read to its end where the link says no relation: %s", async (link) => {
    const registry = await registryWith([{ count: 2, link }, { count: 1 }]);
    expect(await countOf(registry)).toBe(3);
  });

  test("with entries that have no digest tells of them, from the API and from the tag", async () => {
    for (const isApi of [true, false]) {
      const registry = await registryWith([{ count: 0 }]);
      const artifact = { schemaVersion: 2, mediaType, artifactType: "a/b", config: {}, layers: [] };
      const own = registry.putManifest("team/app", { ...artifact, subject: { digest, size: 1 } });
      const manifests = [{ mediaType, digest: own, size: 1 }, null, { mediaType, digest: 5, size: 1 }];
      const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
      registry.putManifest("team/app", index, { tag: digest.replace(":", "-") });
      registry.intercept = ({ path }, response) =>
        path.includes("/referrers/") && (isApi ? sendJson(response, 200, index) : sendJson(response, 404, {}));
      const problems: string[] = [];
      const options = { problem: (reason: string) => void problems.push(reason) };
      const found = await listOf(testClient().referrers(reference(`${registry.host}/team/app`), digest, options));
      expect(found.map(({ manifest }) => manifest.digest)).toEqual([own]);
      expect(problems).toEqual([`2 entries in the list of artifacts attached to ${digest} have no digest or no size`]);
    }
  });

  test("that leads round in a circle ends", async () => {
    const registry = await registryWith([
      { count: 1, link: '<?page=1>; rel="next"' },
      { count: 1, link: '<?page=1>; rel="next"' },
    ]);
    expect(await countOf(registry)).toBe(2);
  });

  test("that goes on at another server is not taken for whole", async () => {
    const registry = await registryWith([{ count: 1, link: '<https://elsewhere.test/v2/x?page=1>; rel="next"' }]);
    await expect(countOf(registry)).rejects.toMatchObject({ code: "registry-failed" });
  });

  test("of more than a thousand is read as far as that, and only then is there an error", async () => {
    const registry = await registryWith([{ count: 1001 }]);
    const referrers = testClient().referrers(reference(`${registry.host}/team/app`), digest);
    let count = 0;
    const read = async (): Promise<void> => {
      for await (const _ of referrers) count += 1;
    };
    await expect(read()).rejects.toMatchObject({ code: "limit-exceeded" });
    expect(count).toBe(1000);
  });

  test("of a SHA-512 digest is under a tag with 64 characters of it, which is no image's tag", async () => {
    const long = `sha512:${"5".repeat(128)}`;
    const registry = await fakeRegistry({ referrers: false });
    const subject = { mediaType, digest: long, size: 1 };
    const artifact = { schemaVersion: 2, mediaType, artifactType: "a/b", config: {}, layers: [], subject };
    const own = registry.putManifest("team/app", artifact);
    const manifests = [{ mediaType, digest: own, size: 1 }];
    const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
    const tag = `sha512-${"5".repeat(64)}`;
    registry.putManifest("team/app", index, { tag });
    const found = await listOf(testClient().referrers(reference(`${registry.host}/team/app`), long));
    expect(found.map(({ manifest }) => manifest.digest)).toEqual([own]);
    expect(isAttachmentTag(tag)).toBe(true);
  });
});
