import { expect, test } from "vitest";
import { isArtifact } from "../../src/registry/content/is-artifact.ts";
import { openRemoteImage } from "../../src/registry/content/open-remote-image.ts";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };

test("another document than the digest asks for is a mismatch, so is one that the registry itself calls otherwise", async () => {
  const registry = await fakeRegistry();
  const digest = registry.putManifest("team/app", image, { tag: "v1" });
  const client = testClient();
  registry.intercept = ({ path }, response) =>
    path.includes("/manifests/") && sendJson(response, 200, { ...image, layers: [{}] });
  const byDigest = client.manifest(reference(`${registry.host}/team/app@${digest}`));
  await expect(byDigest).rejects.toMatchObject({ code: "digest-mismatch" });
  registry.intercept = ({ path }, response) =>
    path.includes("/manifests/") &&
    sendJson(response, 200, image, { "docker-content-digest": `sha256:${"0".repeat(64)}` });
  const byTag = client.manifest(reference(`${registry.host}/team/app:v1`));
  await expect(byTag).rejects.toMatchObject({ code: "digest-mismatch" });
  expect((await client.manifest(reference(`${registry.host}/team/app@${digest}`))).digest).toBe(digest);
});

test("the type is told by the document, by the header, or by what is in it", async () => {
  const registry = await fakeRegistry();
  const index = { schemaVersion: 2, manifests: [] };
  const { mediaType: _, ...untyped } = image;
  registry.putManifest("team/app", image, { tag: "typed", mediaType: "text/plain" });
  registry.putManifest("team/app", untyped, {
    tag: "docker",
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
  });
  registry.putManifest(
    "team/app",
    { ...untyped, annotations: {} },
    { tag: "untyped", mediaType: "application/json; charset=utf-8" },
  );
  registry.putManifest("team/app", index, { tag: "index", mediaType: "application/octet-stream" });
  const client = testClient();
  const typeOf = async (tag: string): Promise<string> =>
    (await client.manifest(reference(`${registry.host}/team/app:${tag}`))).mediaType;
  expect(await typeOf("typed")).toBe("application/vnd.oci.image.manifest.v1+json");
  expect(await typeOf("docker")).toBe("application/vnd.docker.distribution.manifest.v2+json");
  expect(await typeOf("untyped")).toBe("application/vnd.oci.image.manifest.v1+json");
  expect(await typeOf("index")).toBe("application/vnd.oci.image.index.v1+json");
});

test.each([
  ["a member twice", `{"schemaVersion":2,"config":{},"layers":[],"layers":[{}]}`, '"layers" twice'],
  [
    "a member in another case",
    `{"schemaVersion":2,"config":{},"Layers":[{}]}`,
    'the key "Layers", which some programs read as "layers"',
  ],
  ["one of a layer", `{"schemaVersion":2,"config":{},"layers":[{"digest":"a","DIGEST":"b"}]}`, '"digest" twice'],
])("%s, of which engines take one and others the other, is refused", async (_, document, reason) => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", Buffer.from(document), { tag: "v1", mediaType: image.mediaType });
  const asked = testClient().manifest(reference(`${registry.host}/team/app:v1`));
  await expect(asked).rejects.toMatchObject({ code: "manifest-malformed", message: expect.stringContaining(reason) });
});

test.each([
  ["schema 1", { schemaVersion: 1, name: "team/app", fsLayers: [], history: [] }, "obsolete schema 1 format"],
  ["both at once", { ...image, manifests: [] }, "it is both a manifest and an index"],
  [
    "of two types",
    { ...image, mediaType: "application/vnd.oci.image.index.v1+json" },
    "it is both a manifest and an index",
  ],
  ["neither", { schemaVersion: 2 }, "neither"],
  ["no object", [1], "not a JSON object"],
])("a document that is %s is refused", async (_, document, words) => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", document, { tag: "v1", mediaType: "application/json" });
  const failure = testClient().manifest(reference(`${registry.host}/team/app:v1`));
  await expect(failure).rejects.toMatchObject({
    code: "manifest-malformed",
    message: expect.stringContaining(words),
  });
});

test("an artifact in the form of before OCI 1.1 is one, and no image", async () => {
  const registry = await fakeRegistry();
  const mediaType = "application/vnd.oci.artifact.manifest.v1+json";
  registry.putManifest("team/app", { mediaType, artifactType: "a/b", blobs: [] }, { tag: "v1", mediaType });
  const named = reference(`${registry.host}/team/app:v1`);
  expect(await isArtifact(testClient(), named, await testClient().manifest(named))).toBe(true);
  await expect(openRemoteImage(testClient(), named, { platform: "linux/amd64" })).rejects.toMatchObject({
    code: "manifest-malformed",
    message: expect.stringContaining("an artifact"),
  });
});

test.each([
  ["without a config", { layers: [] }],
  ["with a config that names nothing", { config: {}, layers: [] }],
  ["whose config has a number as its type", { config: { mediaType: 5 }, layers: [] }],
  ["without layers", { config: { mediaType: "application/vnd.oci.image.config.v1+json" } }],
])("a broken manifest, %s, is not taken for an artifact", async (_, members) => {
  const registry = await fakeRegistry();
  const { schemaVersion, mediaType } = image;
  registry.putManifest("team/app", { schemaVersion, mediaType, ...members }, { tag: "v1" });
  const named = reference(`${registry.host}/team/app:v1`);
  expect(await isArtifact(testClient(), named, await testClient().manifest(named))).toBe(false);
  await expect(openRemoteImage(testClient(), named, { platform: "linux/amd64" })).rejects.toMatchObject({
    code: "manifest-malformed",
    message: expect.stringMatching(/cannot be used: it has no config or no layers$/),
  });
});

test.each(["application/octet-stream", "application/json", "text/html", "application/vnd.cncf.helm.config.v1+json"])(
  "a manifest whose config is called %s is an image where Docker runs it",
  async (mediaType) => {
    const registry = await fakeRegistry();
    const config = { mediaType, ...registry.putBlob("team/app", Buffer.from('{"os":"linux","architecture":"amd64"}')) };
    registry.putManifest("team/app", { ...image, config }, { tag: "v1" });
    const named = reference(`${registry.host}/team/app:v1`);
    const manifest = await testClient().manifest(named);
    expect(await isArtifact(testClient(), named, manifest)).toBe(mediaType.includes("helm"));
  },
);

test("one beyond 4 MiB is not read", async () => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { ...image, padding: "x".repeat(4 * 1024 * 1024) }, { tag: "v1" });
  const failure = testClient().manifest(reference(`${registry.host}/team/app:v1`));
  await expect(failure).rejects.toMatchObject({ code: "limit-exceeded" });
});

test("HEAD tells the digest; where it does not, the manifest is fetched", async () => {
  const registry = await fakeRegistry();
  const digest = registry.putManifest("team/app", image, { tag: "v1" });
  const client = testClient();
  const named = reference(`${registry.host}/team/app:v1`);
  expect(await client.head(named)).toEqual({ digest, mediaType: image.mediaType });
  expect(registry.requests.map(({ method }) => method)).not.toContain("POST");
  expect(await client.head(reference(`${registry.host}/team/app:none`))).toBeUndefined();
  for (const status of [200, 405]) {
    registry.intercept = ({ method, path }, response) => {
      if (method !== "HEAD" || !path.includes("/manifests/")) return false;
      response.writeHead(status).end();
      return true;
    };
    expect(await client.head(named)).toEqual({ digest, mediaType: image.mediaType });
  }
});

test("a missing one is said to be missing", async () => {
  const registry = await fakeRegistry();
  const failure = testClient().manifest(reference(`${registry.host}/team/app:none`));
  await expect(failure).rejects.toMatchObject({ code: "image-not-found" });
});

test("words of a registry come into a message as one clean line", async () => {
  const registry = await fakeRegistry();
  registry.intercept = ({ path }, response) =>
    path.includes("/manifests/") &&
    sendJson(response, 412, { errors: [{ code: "POLICY", message: "two\nlines \u001b[31mred\u001b[0m." }] });
  const failure = testClient().manifest(reference(`${registry.host}/team/app:v1`));
  await expect(failure).rejects.toMatchObject({
    code: "registry-failed",
    message: expect.stringContaining("HTTP status 412 (POLICY: two lines [31mred [0m)"),
  });
});
