import { expect, test } from "vitest";
import { imageReference } from "../../src/pipeline/targets/open-registry-image.ts";
import { ociIndexType, ociManifestType } from "../../src/registry/content/manifest.ts";
import { openRemoteImage } from "../../src/registry/content/open-remote-image.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();

test.each([
  ["127.0.0.1:5941/Team/app:3", "the repository Team/app contains capital letters"],
  ["127.0.0.1:5941/team/app:", "no tag follows the colon"],
  ["127.0.0.1:99999/team/app:3", "the port is higher than 65535"],
])("a scan of %s says which part of the name is wrong", async (name, fault) => {
  const here = await plimsoll(["scan", name]);
  expect(here).toMatchObject({ code: 3, stdout: "" });
  expect(here.stderr).toContain(`Check the path: an image cannot have this name, because ${fault}.`);
  const inRegistry = await plimsoll(["scan", `registry:${name}`], { env: { PLIMSOLL_OFFLINE: "" } });
  expect(inRegistry.stderr).toContain(`is not a valid image name: ${fault}`);
});

test.each(["127.0.0.1:5941", "localhost:5000", "registry.example.com:443"])(
  "%s is a registry whose repository was forgotten, and no image of Docker Hub",
  (name) => {
    expect(() => imageReference(name)).toThrow(
      expect.objectContaining({
        code: "usage",
        message: `"${name}" is not a valid image name: it has a registry but no repository`,
        hint: `Use ${name}/REPOSITORY:TAG; plimsoll scan --registry ${name} scans all its images. The image of Docker Hub is docker.io/library/${name}.`,
      }),
    );
    expect(imageReference(`docker.io/library/${name}`)).toMatchObject({ registry: "docker.io" });
  },
);

test.each(["my.app:2024", "node.js:5000", "127.0.0.1:5941"])(
  "without a scheme %s may be an image of this machine, and where none is the way out is told",
  async (name) => {
    const { code, stdout, stderr } = await plimsoll(["scan", "--no-update", name], { env: { PLIMSOLL_OFFLINE: "" } });
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain(`no local image named ${name}: `);
    expect(stderr).toContain(`The image of Docker Hub is docker.io/library/${name}.`);
  },
);

test.each(["nginx:1.27", "app.example:v1", "localhost:latest", "node:22", "library/node.js:5000"])(
  "%s stays an image of Docker Hub",
  (name) => {
    expect(imageReference(name)).toMatchObject({ registry: "docker.io" });
  },
);

test("an index of attestations alone is not called empty", async () => {
  const registry = await fakeRegistry();
  const named = reference(`${registry.host}/team/app:att`);
  const { digest, size } = (await pushImage(testClient(), named, { texts: ["x"] })).descriptor;
  const platform = { os: "unknown", architecture: "unknown" };
  const annotations = { "vnd.docker.reference.type": "attestation-manifest" };
  const hintOf = async (manifests: readonly object[]): Promise<unknown> => {
    registry.putManifest("team/app", { schemaVersion: 2, mediaType: ociIndexType, manifests }, { tag: "index" });
    const opened = openRemoteImage(testClient(), reference(`${registry.host}/team/app:index`), {
      platform: "linux/amd64",
    });
    return opened.catch(({ hint }: { hint: unknown }) => hint);
  };
  const entry = { mediaType: ociManifestType, digest, size };
  expect(await hintOf([{ ...entry, platform, annotations }])).toBe(
    "The image index contains no images, only related artifacts such as attestations.",
  );
  expect(await hintOf([])).toBe("The image index is empty.");
});
