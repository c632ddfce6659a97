import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { ImageReference } from "../../../src/model/packages/reference.ts";
import type { RegistryClient, Repository } from "../../../src/registry/connection/registry-client.ts";
import { registryWords } from "../../../src/registry/connection/registry-failure.ts";
import { type BlobSource, blobOf } from "../../../src/registry/content/blob-source.ts";
import type { Descriptor } from "../../../src/registry/content/descriptor.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import { listTags } from "../../../src/registry/listing/list-names.ts";
import { sha256 } from "../../registry/setup/fake-registry.ts";
import { type PushedImage, pushImage } from "../../registry/setup/push-image.ts";
import { collect, listOf } from "../../registry/setup/registry-client.ts";
import type {
  Exchange,
  WatchedAnswer,
  WatchedRegistry,
  WatchedRequest,
} from "../../registry/setup/watched-registry.ts";

/** Where a case of the specification's tests is played: a registry that is watched, and two empty repositories. */
export interface Stage {
  readonly registry: WatchedRegistry;
  readonly client: RegistryClient;
  readonly place: Repository;
  readonly other: Repository;
}

type Play = (stage: Stage) => Promise<unknown>;

const spdx = "application/spdx+json";
const chunk = 2000;

/** What a client does that leads to the requests of each case, and what it makes of the answers. */
export const plays: Readonly<Record<string, Play>> = {
  "Populate registry with test blob": pushesBlob,
  "Populate registry with test layer": pushesBlob,
  "Populate registry with test manifest": pushesImage,
  "HEAD request to nonexistent blob should result in 404 response": pushesBlob,
  "HEAD request to existing blob should yield 200": async (stage) => {
    const blob = await pushesBlob(stage);
    expect(await stage.client.pushBlob(stage.place, blob)).toBe("was-there");
  },
  "GET nonexistent blob should result in 404 response": ({ client, place }) =>
    expect(collect(client.blob(place, freshBlob()))).rejects.toMatchObject({ code: "image-not-found" }),
  "GET request to existing blob URL should yield 200": pushesBlob,
  "HEAD request to nonexistent manifest should return 404": async ({ client, place }) =>
    expect(await client.head({ ...place, tag: "none" })).toBeUndefined(),
  "HEAD request to manifest[0] path (digest) should yield 200 response": headsByDigest,
  "HEAD request to manifest[1] path (digest) should yield 200 response": headsByDigest,
  "HEAD request to manifest path (tag) should yield 200 response": async (stage) => {
    const { digest } = await pushesImage(stage);
    expect(await stage.client.head(tagged(stage))).toEqual({ digest, mediaType: ociManifestType });
  },
  "GET nonexistent manifest should return 404": getsNoManifest,
  "GET request to manifest[0] path (digest) should yield 200 response": getsByDigest,
  "GET request to manifest[1] path (digest) should yield 200 response": getsByDigest,
  "GET request to manifest path (tag) should yield 200 response": pushesImage,
  "400 response body should contain OCI-conforming JSON message": async (stage) => {
    await getsNoManifest(stage);
    const { body } = lastOf(stage, "GET").answer;
    expect(JSON.parse(body.toString("utf8"))).toMatchObject({ errors: [{ code: expect.any(String) as string }] });
    expect(registryWords(body)).toMatch(/^[A-Z_]+: /);
  },
  "PATCH request with blob in body should yield 202 response": pushesInChunks,
  "PUT request to session URL with digest should yield 201 response": pushesInChunks,
  // The blob does not come with this request: the client goes on with the session that it is given, as the case allows.
  "POST request with digest and blob should yield a 201 or 202": pushesBlob,
  "GET request to blob URL from prior request should yield 200 or 404 based on response code": pushesBlob,
  "POST request should yield a session ID": pushesBlob,
  "PUT upload of a blob should yield a 201 Response": pushesBlob,
  "GET request to existing blob should yield 200 response": pushesBlob,
  "PUT upload of a layer blob should yield a 201 Response": pushesBlob,
  "GET request to existing layer should yield 200 response": pushesBlob,
  // The registry never sees the first part, though the client was told that it has it.
  "Out-of-order blob upload should return 416": (stage) =>
    pushesInChunks(
      stage,
      once("PATCH", ({ path }) => answerOf(202, { location: path, range: `0-${chunk - 1}` })),
    ),
  "PATCH request with first chunk should return 202": pushesInChunks,
  // The client hears nothing of the first time.
  "Retry previous blob chunk should return 416": (stage) =>
    pushesInChunks(
      stage,
      once("PATCH", async (request, sendOn) => {
        await sendOn(request);
        return sendOn(request);
      }),
    ),
  // The second part is lost on its way.
  "Get on stale blob upload should return 204 with a range and location": async (stage) => {
    await pushesInChunks(
      stage,
      once("PATCH", () => undefined, { after: 1 }),
    );
    const asked = stage.registry.exchanges.findIndex(
      ({ request: { method, path } }) => method === "GET" && path.includes("/uploads/"),
    );
    expect(stage.registry.exchanges[asked]?.answer.headers.range).toBe(`0-${chunk - 1}`);
    const parts = stage.registry.exchanges.slice(asked + 1).map(({ request }) => request.headers["content-range"]);
    expect(parts[0]).toBe(`${chunk}-${2 * chunk - 1}`);
  },
  "PATCH request with second chunk should return 202": pushesInChunks,
  "PUT request with digest should return 201": pushesInChunks,
  "Cross-mounting of a blob without the from argument should yield session id": pushesBlob,
  "POST request to mount another repository's blob should return 201 or 202": mounts,
  "GET request to test digest within cross-mount namespace should return 200": mounts,
  "Cross-mounting of nonexistent blob should yield session id": async ({ client, place, other, registry }) => {
    const blob = freshBlob();
    expect(await client.pushBlob(place, blob, { mountFrom: other.repository })).toBe("uploaded");
    const [begun] = registry.exchanges.filter(({ request }) => request.method === "POST");
    expect(begun?.request.path).toContain("?mount=sha256%3A");
    expect(begun?.answer).toMatchObject({ status: 202, headers: { location: expect.any(String) as string } });
  },
  "Cross-mounting without from, and automatic content discovery disabled should return a 202": pushesBlob,
  "PUT should accept a manifest upload": pushesImage,
  "Registry should accept a manifest upload with no layers": (stage) => pushesImage(stage, { texts: [] }),
  "GET request to manifest URL (digest) should yield 200 response": getsByDigest,
  "Populate registry with test tags": pushesTags,
  "References setup": attaches,
  "GET request to list tags should yield 200 response": pushesTags,
  "GET number of tags should be limitable by `n` query parameter": listsInPages,
  "GET start of tag is set by `last` query parameter": listsInPages,
  "GET request to nonexistent blob should result in empty 200 response": async ({ client, place }) =>
    expect(await listOf(client.referrers(place, freshBlob().digest))).toEqual([]),
  "GET request to existing blob should yield 200": attaches,
  "GET request to existing blob with filter should yield 200": attaches,
  "GET request to missing manifest should yield 200": async (stage) => {
    const { client, place } = stage;
    const subject = { mediaType: ociManifestType, digest: freshBlob().digest, size: 1 };
    const { digest } = await client.pushArtifact(place, { artifactType: spdx, layers: [], subject });
    const found = await listOf(client.referrers(place, subject.digest));
    expect(found.map(({ manifest }) => manifest.digest)).toEqual([digest]);
  },
};

/** Cases that no client of ours can play, and why. */
export const unplayed: Readonly<Record<string, string>> = {
  "Get tag name from environment": "the suite reads a setting of its own, and asks for nothing",
  "Populate registry with test tags (no push)": "the suite reads a setting of its own, and asks for nothing",
  "Cross-mounting without from, and automatic content discovery enabled should return a 201":
    "a blob is mounted only from a repository that is named: registries may look for it in others, few do",
};

/** Pushes a blob in one piece, and reads it. */
export async function pushesBlob({ client, place }: Stage): Promise<BlobSource> {
  const blob = freshBlob();
  expect(await client.pushBlob(place, blob)).toBe("uploaded");
  expect(await collect(client.blob(place, blob))).toEqual(blob.open());
  return blob;
}

/** Pushes a blob in three parts, and reads it. */
export async function pushesInChunks(
  { client, place, registry }: Stage,
  between: WatchedRegistry["between"] = registry.between,
): Promise<void> {
  const blob = freshBlob(2.5 * chunk);
  registry.between = between;
  expect(await client.pushBlob(place, blob, { chunkSize: chunk })).toBe("uploaded");
  expect(await collect(client.blob(place, blob))).toEqual(blob.open());
}

/** Pushes an image under a tag, and reads its manifest. */
export async function pushesImage(
  stage: Stage,
  { texts = ["one"] }: { readonly texts?: readonly string[] } = {},
): Promise<Descriptor> {
  const { descriptor } = await pushedImage(stage, texts);
  expect(await stage.client.manifest(tagged(stage))).toMatchObject({ digest: descriptor.digest, kind: "image" });
  return descriptor;
}

/** Pushes a blob into another repository, takes it over from there, and reads it. */
async function mounts({ client, place, other }: Stage): Promise<void> {
  const blob = freshBlob();
  await client.pushBlob(other, blob);
  expect(await client.pushBlob(place, blob, { mountFrom: other.repository })).toBe("mounted");
  expect(await collect(client.blob(place, blob))).toEqual(blob.open());
}

/** Attaches two artifacts to an image, and lists them: all, and those of a type. */
export async function attaches(stage: Stage): Promise<void> {
  const { client, place } = stage;
  const { digest, size } = await pushesImage(stage);
  const attach = (artifactType: string): Promise<Descriptor> => {
    const subject = { mediaType: ociManifestType, digest, size };
    return client.pushArtifact(place, { artifactType, layers: [], subject });
  };
  const [first, second] = [await attach(spdx), await attach("application/other")];
  const found = async (options: { artifactType?: string } = {}): Promise<string[]> =>
    (await listOf(client.referrers(place, digest, options))).map(({ manifest }) => manifest.digest).sort();
  expect(await found()).toEqual([first.digest, second.digest].sort());
  expect(await found({ artifactType: spdx })).toEqual([first.digest]);
  expect(await found({ artifactType: "application/none" })).toEqual([]);
}

/** Stands in for the registry for one request of a method, the first or one after it. */
function once(
  method: string,
  answer: (
    ...asked: Parameters<WatchedRegistry["between"]>
  ) => ReturnType<WatchedRegistry["between"]> | WatchedAnswer | undefined,
  { after = 0 }: { readonly after?: number } = {},
): WatchedRegistry["between"] {
  let count = 0;
  return async (request, sendOn) =>
    request.method === method && count++ === after ? answer(request, sendOn) : sendOn(request);
}

/** An answer without a body. */
export function answerOf(status: number, headers: WatchedAnswer["headers"] = {}): WatchedAnswer {
  return { status, headers, body: Buffer.alloc(0) };
}

/** A blob that nobody has. */
export function freshBlob(size = 3000): BlobSource {
  return blobOf(randomBytes(size));
}

/** The last exchange of a method. */
export function lastOf({ registry }: Stage, method: string): Exchange {
  const last = registry.exchanges.findLast(({ request }) => request.method === method);
  if (!last) throw new Error(`nothing was asked with ${method}`);
  return last;
}

/** Requests that begin, fill or end an upload. */
export function isOfUpload({ path }: Pick<WatchedRequest, "path">): boolean {
  return path.includes("/blobs/uploads/");
}

function tagged({ place }: Stage): ImageReference {
  return { ...place, tag: "v1" };
}

function pushedImage(stage: Stage, texts: readonly string[] = ["one"]): Promise<PushedImage> {
  return pushImage(stage.client, tagged(stage), { texts });
}

async function headsByDigest(stage: Stage): Promise<void> {
  const { digest } = await pushesImage(stage);
  expect(await stage.client.head({ ...stage.place, digest })).toEqual({ digest, mediaType: ociManifestType });
}

async function getsByDigest(stage: Stage): Promise<void> {
  const { digest } = await pushesImage(stage);
  const manifest = await stage.client.manifest({ ...stage.place, digest });
  expect([manifest.digest, sha256(manifest.bytes)]).toEqual([digest, digest]);
}

function getsNoManifest({ client, place }: Stage): Promise<void> {
  return expect(client.manifest({ ...place, tag: "none" })).rejects.toMatchObject({ code: "image-not-found" });
}

const tags = ["v1", "v2", "v3", "v4", "v5"];

async function pushesTags(stage: Stage): Promise<void> {
  const { client, place } = stage;
  const { bytes, mediaType } = await client.manifest({ ...place, digest: (await pushesImage(stage)).digest });
  for (const tag of tags) await client.pushManifest({ ...place, tag }, { bytes, mediaType });
  expect((await listOf(client.tags(place))).sort()).toEqual(tags);
}

async function listsInPages(stage: Stage): Promise<void> {
  await pushesTags(stage);
  const { client, place, registry } = stage;
  registry.exchanges.length = 0;
  const host = client.host(place.registry);
  expect((await listOf(listTags({ host, repository: place.repository }, { pageSize: 2 }))).sort()).toEqual(tags);
  const asked = registry.exchanges.map(({ request }) => new URL(request.path, "http://x/").searchParams);
  expect(asked.every((query) => query.get("n") === "2")).toBe(true);
  // One that heeds no number has given all at once; else each page begins after the last name of the one before.
  const [first = "{}"] = registry.exchanges.map(({ answer }) => answer.body.toString("utf8"));
  const isCut = (JSON.parse(first) as { tags: string[] }).tags.length < tags.length;
  expect(asked.map((query) => query.get("last"))).toEqual(isCut ? [null, "v2", "v4"] : [null]);
}
