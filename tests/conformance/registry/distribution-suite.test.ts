import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseReference } from "../../../src/model/packages/reference.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "../../registry/setup/docker-registry.ts";
import { fakeRegistry } from "../../registry/setup/fake-registry.ts";
import { collect, listOf, testClient } from "../../registry/setup/registry-client.ts";
import { type Exchange, watchedRegistry } from "../../registry/setup/watched-registry.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import {
  freshBlob,
  isOfUpload,
  lastOf,
  plays,
  pushesBlob,
  pushesImage,
  pushesInChunks,
  type Stage,
} from "../matching/distribution-cases.ts";

interface Suite {
  readonly features: readonly string[];
  readonly runner_tests: readonly string[];
  readonly child_names: readonly string[];
  readonly operations: readonly {
    readonly operation: string;
    readonly methods: readonly string[];
    readonly statuses: readonly (readonly number[])[];
    /** Of requests and of answers. */
    readonly headers: readonly string[];
  }[];
}

type Play = (stage: Stage) => Promise<unknown>;

/** An operation of the suite: what the client does that comes to it, or why it does nothing of the kind. */
interface Operation {
  readonly plays: readonly Play[] | string;
  /** The features, tests and steps of the suite that are made of it. */
  readonly covers: readonly string[];
}

const nothingDeleted = "the client deletes nothing";

const operations: Readonly<Record<string, Operation>> = {
  BlobDelete: {
    plays: nothingDeleted,
    covers: ["Blob delete", "Blob delete atomic", "TestDelete", "TestDeleteBlob", "blob-delete", "delete"],
  },
  BlobGetReq: {
    plays: [play("GET nonexistent blob should result in 404 response"), getsPart],
    covers: ["Blob get range", "get-missing", "range requests"],
  },
  BlobGetExistsFull: { plays: [pushesBlob], covers: ["Blob get", "TestPullBlob", "blob-get"] },
  BlobHeadReq: { plays: [pushesBlob], covers: ["Blob head", "TestHeadBlob", "blob-head"] },
  BlobHeadExists: { plays: [play("HEAD request to existing blob should yield 200")], covers: [] },
  BlobMount: {
    plays: [
      play("POST request to mount another repository's blob should return 201 or 202"),
      play("Cross-mounting of nonexistent blob should yield session id"),
    ],
    covers: ["Blob mount", "TestPushBlobMount", "TestPushBlobMountMissing", "blob-mount"],
  },
  BlobPatchChunked: {
    plays: [
      play("Out-of-order blob upload should return 416"),
      play("Get on stale blob upload should return 204 with a range and location"),
      pushesWrongly({ chunkSize: 1000 }),
    ],
    covers: ["Blob chunked", "TestPushBlobPatchChunked", "blob-patch-chunked"],
  },
  // Each part says where it belongs, which the suite's stream in one part does not.
  BlobPatchStream: {
    plays: [pushesInChunks, pushesWrongly({ chunkSize: 1000 })],
    covers: ["Blob streaming", "TestPushBlobPatchStream", "blob-patch-stream"],
  },
  BlobPostCancel: {
    plays: "an upload that is given up is left to the registry, which forgets it in time",
    covers: ["Blob upload cancel", "TestPushBlobPostCancel", "blob-post-cancel"],
  },
  // The blob comes with the second request, as after a registry's 202 in the suite.
  BlobPostOnly: {
    plays: [pushesBlob, pushesWrongly()],
    covers: ["Blob post only", "TestPushBlobPostOnly", "blob-post-only"],
  },
  BlobPostPut: {
    plays: [pushesBlob, pushesWrongly()],
    covers: [
      ...["Blob push", "Blob post put", "TestBlobAPIs", "TestPush", "TestPushBlobAny", "TestPushBlobPostPut"],
      ...["blob-post-put", "push"],
    ],
  },
  BlobVerifyLocation: { plays: [readsWhereItLies], covers: [] },
  ManifestDelete: {
    plays: nothingDeleted,
    covers: [
      ...["Tag delete", "Tag delete atomic", "Manifest delete", "Manifest delete atomic"],
      ...["TestDeleteTag", "TestDeleteManifest", "manifest-delete", "tag-delete"],
    ],
  },
  ManifestGetReq: {
    plays: [play("GET nonexistent manifest should return 404"), getsNoneByDigest, refusesOtherDigests],
    covers: ["TestManifestErrors", "missing-manifest", "invalid-digest-format", "manifest-get", "by-digest", "by-tag"],
  },
  ManifestGetExists: {
    plays: [
      play("GET request to manifest[0] path (digest) should yield 200 response"),
      play("GET request to manifest path (tag) should yield 200 response"),
    ],
    covers: [
      ...["Manifest get by digest", "Manifest get by tag", "TestPull", "TestPullManifestDigest"],
      ...["TestPullManifestTag", "pull", "manifest-by-digest", "manifest-by-tag"],
    ],
  },
  ManifestHeadReq: {
    plays: [play("HEAD request to nonexistent manifest should return 404")],
    covers: ["Manifest head by digest", "Manifest head by tag", "TestHead", "head"],
  },
  ManifestHeadExists: {
    plays: [
      play("HEAD request to manifest[0] path (digest) should yield 200 response"),
      play("HEAD request to manifest path (tag) should yield 200 response"),
    ],
    covers: ["TestHeadManifestDigest", "TestHeadManifestTag", "manifest-head-by-digest", "manifest-head-by-tag"],
  },
  ManifestPut: {
    plays: [putsByDigest, play("References setup"), putsOfMissingBlob],
    covers: [
      ...["Manifest put by digest", "Manifest put by tag", "Manifest put with subject", "TestPushManifestDigest"],
      ...["TestPushManifestTag", "manifest-put"],
    ],
  },
  PingReq: {
    plays: [async ({ client, registry }) => expect(await client.checkLogin(registry.host)).toBe("open")],
    covers: ["Ping", "TestPing", "ping"],
  },
  ReferrersList: {
    plays: [
      play("GET request to nonexistent blob should result in empty 200 response"),
      play("GET request to existing blob with filter should yield 200"),
    ],
    covers: ["Referrers", "TestReferrers", "TestEmptyReferrers", "referrers"],
  },
  TagList: {
    plays: [play("GET request to list tags should yield 200 response"), listsNone],
    covers: ["Tag listing", "TestList", "TestEmptyTagList", "tag-list", "tag list"],
  },
};

/** What is not made of an operation by itself. */
const others: Readonly<Record<string, string>> = {
  "Blob anonymous mount": "a blob is mounted only from a repository that is named",
  TestPushBlobMountAnonymous: "the same",
  "blob-mount-anonymous": "the same",
  "Manifest put with tag params": "a manifest is put under its tag; few registries know the parameter",
  TestAll: "it runs the others",
  TestEmpty: "it runs others",
  empty: "it runs others",
  TestSkip: "it reports",
  TestFail: "it reports",
  TestPass: "it reports",
};

describeWithCorpus("the newer suite of the OCI distribution specification, from the client's side", () => {
  const suite = corpusJson<Suite>("platform", "distribution-conformance", "suite-current.json");

  test("each operation, feature, test and step of it is played or known not to be", () => {
    expect(suite.operations.map(({ operation }) => operation)).toEqual(Object.keys(operations));
    const told = [...Object.values(operations).flatMap(({ covers }) => covers), ...Object.keys(others)];
    const all = [...suite.features, ...suite.runner_tests, ...suite.child_names];
    expect(told.sort()).toEqual([...all].sort());
    expect([suite.operations.length, suite.features.length, suite.runner_tests.length]).toEqual([21, 28, 36]);
    expect(suite.child_names).toHaveLength(33);
    expect(Object.values(operations).filter(({ plays }) => typeof plays === "string")).toHaveLength(3);
  });

  describe("with a registry that has all of it", () => {
    // A manifest of another digest, or of a digest that is none, is refused here before it is sent.
    const differs: Readonly<Record<string, readonly string[]>> = { ManifestPut: ["400"] };

    test.each(suite.operations)("$operation", async (one) => {
      const { host } = await fakeRegistry({ referrers: true, filters: true, smallestChunk: 1000 });
      expect(await lackingAt(host, one)).toEqual(differs[one.operation] ?? []);
    });
  });

  describe.skipIf(registryObstacle !== undefined)(
    `with Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
    () => {
      // It keeps no position of parts and no list of referrers.
      const differs: Readonly<Record<string, readonly string[]>> = {
        BlobPatchChunked: ["416", "OCI-Chunk-Min-Length"],
        ManifestPut: ["OCI-Subject"],
        ReferrersList: ["200"],
      };
      let registry: RunningRegistry;
      beforeAll(async () => {
        registry = await startDockerRegistry();
      });
      afterAll(() => registry.stop());

      test.each(suite.operations)("$operation", async (one) => {
        expect(await lackingAt(registry.host, one)).toEqual(differs[one.operation] ?? []);
      });
    },
  );
});

let count = 0;

/** Plays an operation; gives the methods, statuses and headers that nothing of what was exchanged had. */
async function lackingAt(
  target: string,
  { operation, methods, statuses, headers }: Suite["operations"][number],
): Promise<string[]> {
  const { plays = "" } = operations[operation] ?? {};
  if (typeof plays === "string") return [];
  const exchanges: Exchange[] = [];
  for (const one of plays) {
    const registry = await watchedRegistry(target);
    const place = { registry: registry.host, repository: `suite-${++count}/app` };
    const other = { ...place, repository: `${place.repository}/other` };
    await one({ registry, client: testClient(), place, other });
    exchanges.push(...registry.exchanges.filter(({ request }) => isOfOperation(operation, request)));
  }
  const had = new Set(
    exchanges.flatMap(({ request, answer }) => [
      request.method,
      String(answer.status),
      ...Object.keys(request.headers),
      ...Object.keys(answer.headers),
    ]),
  );
  const wanted = [...methods, ...statuses.flat().map(String), ...headers];
  return [...new Set(wanted)].filter((one) => !had.has(one) && !had.has(one.toLowerCase()));
}

/** True for a request of an operation, and not of what had to be there before. */
function isOfOperation(operation: string, { method, path }: Exchange["request"]): boolean {
  const [, kind = "", act = ""] = /^(Blob|Manifest)(Get|Head|Verify)?/.exec(operation) ?? [];
  if (operation === "PingReq") return path === "/v2/";
  if (operation === "ReferrersList") return path.includes("/referrers/");
  if (operation === "TagList") return path.includes("/tags/list");
  if (kind === "Blob" && act === "") return path.includes("/blobs/uploads/");
  const isMeant = path.includes(kind === "Blob" ? "/blobs/sha256:" : "/manifests/");
  return isMeant && (act === "" ? ["PUT", "GET"] : [act === "Head" ? "HEAD" : "GET"]).includes(method);
}

/** What is played for a case of the older suite. */
function play(name: string): Play {
  const found = plays[name];
  if (!found) throw new Error(`there is no case ${name}`);
  return found;
}

async function getsPart(stage: Stage): Promise<void> {
  const blob = await pushesBlob(stage);
  const part = await collect(stage.client.blob(stage.place, blob, { from: 100, to: 200, partOnly: true }));
  expect(part).toEqual(Buffer.from(blob.open() as Uint8Array).subarray(100, 200));
  const { request, answer } = lastOf(stage, "GET");
  expect([request.headers.range, answer.status, answer.body.length]).toEqual(["bytes=100-199", 206, 100]);
  expect(answer.headers["content-range"]).toBe(`bytes 100-199/${blob.size}`);
}

/** Pushes what has another digest than it is said to have. */
function pushesWrongly(options: { readonly chunkSize?: number } = {}): Play {
  return async ({ client, place, registry }) => {
    const pushed = client.pushBlob(place, { ...freshBlob(), digest: freshBlob().digest }, options);
    await expect(pushed).rejects.toMatchObject({ code: "registry-failed", message: expect.stringContaining("400") });
    expect(registry.exchanges.filter(({ request }) => isOfUpload(request)).at(-1)?.answer.status).toBe(400);
  };
}

async function readsWhereItLies(stage: Stage): Promise<void> {
  await pushesBlob(stage);
  const stored = new URL(lastOf(stage, "PUT").answer.headers.location ?? "", "http://x/").pathname;
  const read = lastOf(stage, "GET");
  expect([read.request.path, read.answer.status]).toEqual([stored, 200]);
}

async function getsNoneByDigest({ client, place }: Stage): Promise<void> {
  const named = { ...place, digest: freshBlob().digest };
  await expect(client.manifest(named)).rejects.toMatchObject({ code: "image-not-found" });
}

async function refusesOtherDigests({ registry, client, place }: Stage): Promise<void> {
  expect(parseReference(`${registry.host}/${place.repository}@sha256:baddigeststring`)).toBeUndefined();
  const named = { ...place, digest: freshBlob().digest };
  const pushed = client.pushManifest(named, { bytes: Buffer.from('{"layers":[]}'), mediaType: ociManifestType });
  await expect(pushed).rejects.toMatchObject({ code: "digest-mismatch" });
  expect(registry.exchanges).toEqual([]);
}

async function putsByDigest(stage: Stage): Promise<void> {
  const { client, place } = stage;
  const { digest } = await pushesImage(stage);
  const { bytes, mediaType } = await client.manifest({ ...place, digest });
  await client.pushManifest({ ...place, digest }, { bytes: Buffer.from(bytes), mediaType });
  const { request, answer } = lastOf(stage, "PUT");
  expect([request.path, answer.status]).toEqual([`/v2/${place.repository}/manifests/${digest}`, 201]);
}

/** A registry may refuse a manifest whose blobs it does not have. */
async function putsOfMissingBlob({ client, place }: Stage): Promise<void> {
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: freshBlob().digest, size: 2 };
  const document = { schemaVersion: 2, mediaType: ociManifestType, config, layers: [] };
  const manifest = { bytes: Buffer.from(JSON.stringify(document)), mediaType: ociManifestType };
  const outcome = await client.pushManifest({ ...place, tag: "v1" }, manifest).catch((cause: unknown) => cause);
  const refused = { code: "registry-failed", message: expect.stringContaining("MANIFEST_BLOB_UNKNOWN") as string };
  expect([expect.objectContaining(refused), expect.objectContaining({ mediaType: ociManifestType })]).toContainEqual(
    outcome,
  );
}

async function listsNone({ client, place }: Stage): Promise<void> {
  await expect(listOf(client.tags(place))).rejects.toMatchObject({ code: "image-not-found" });
}
