import { describe, expect, test } from "vitest";
import { ociIndexType, ociManifestType } from "../../src/registry/content/manifest.ts";
import { openRemoteImage, type RemoteImageOptions } from "../../src/registry/content/open-remote-image.ts";
import { type FakeRegistry, fakeRegistry } from "./setup/fake-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { reference, testClient } from "./setup/registry-client.ts";

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function image(registry: FakeRegistry, architecture: string): Promise<Entry> {
  const named = reference(`${registry.host}/team/app:${architecture}`);
  const { digest, size } = (await pushImage(testClient(), named, { texts: [architecture], architecture })).descriptor;
  return { mediaType: ociManifestType, digest, size };
}

function index(registry: FakeRegistry, manifests: readonly object[], tag: string): Entry {
  const document = { schemaVersion: 2, mediaType: ociIndexType, manifests };
  const digest = registry.putManifest("team/app", document, { tag });
  return { mediaType: ociIndexType, digest, size: JSON.stringify(document).length };
}

function open(registry: FakeRegistry, options: RemoteImageOptions): ReturnType<typeof openRemoteImage> {
  return openRemoteImage(testClient(), reference(`${registry.host}/team/app:index`), options);
}

describe("an index that names no platforms", () => {
  test("gives the image whose config is for the platform, also from an index inside", async () => {
    const registry = await fakeRegistry();
    const [arm, amd, s390x] = [
      await image(registry, "arm64"),
      await image(registry, "amd64"),
      await image(registry, "s390x"),
    ];
    index(registry, [arm, amd, index(registry, [s390x], "inner")], "index");
    for (const architecture of ["amd64", "arm64", "s390x"]) {
      const platform = `linux/${architecture}`;
      expect(await open(registry, { platform })).toMatchObject({ platform });
      expect(await open(registry, { platform, orAny: true })).toMatchObject({ platform });
    }
  });

  test("gives another one only when any will do", async () => {
    const registry = await fakeRegistry();
    const [arm, s390x] = [await image(registry, "arm64"), await image(registry, "s390x")];
    index(registry, [arm, s390x], "index");
    const platform = "linux/amd64";
    await expect(open(registry, { platform })).rejects.toMatchObject({
      code: "platform-not-found",
      hint: "Available platforms: linux/arm64, linux/s390x.",
    });
    expect(await open(registry, { platform, orAny: true })).toMatchObject({ platform: "linux/arm64" });
  });

  test("and has one image gives that for no other platform", async () => {
    const registry = await fakeRegistry();
    index(registry, [await image(registry, "arm64")], "index");
    await expect(open(registry, { platform: "linux/amd64" })).rejects.toMatchObject({ code: "platform-not-found" });
    expect(await open(registry, { platform: "linux/arm64" })).toMatchObject({ platform: "linux/arm64" });
  });

  test("is asked for no more than 64 of its images", async () => {
    const registry = await fakeRegistry();
    const arm = await image(registry, "arm64");
    index(
      registry,
      Array.from({ length: 65 }, () => arm),
      "index",
    );
    await expect(open(registry, { platform: "linux/amd64" })).rejects.toMatchObject({ code: "limit-exceeded" });
  });
});

test("images of which the index names a platform are not asked for theirs", async () => {
  const registry = await fakeRegistry();
  const [arm, amd] = [await image(registry, "arm64"), await image(registry, "amd64")];
  index(registry, [arm, { ...amd, platform: { os: "linux", architecture: "amd64" } }], "index");
  registry.forget();
  expect(await open(registry, { platform: "linux/amd64" })).toMatchObject({ platform: "linux/amd64" });
  expect(registry.requests.filter(({ path }) => path.endsWith(arm.digest))).toEqual([]);
});

test("an index that lies too deep is told with what to name instead", async () => {
  const registry = await fakeRegistry();
  let inner = await image(registry, "amd64");
  for (let depth = 0; depth < 6; depth++) inner = index(registry, [inner], "index");
  await expect(open(registry, { platform: "linux/amd64" })).rejects.toMatchObject({
    code: "manifest-malformed",
    message: expect.stringContaining("nested more than 4 levels deep"),
    hint: "Specify the image itself by its digest: NAME@sha256:….",
  });
});
