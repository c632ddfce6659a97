import { describe, expect, test } from "vitest";
import { ociManifestType } from "../../src/registry/content/manifest.ts";
import {
  answerOf,
  attaches,
  freshBlob,
  pushesInChunks,
  type Stage,
} from "../conformance/matching/distribution-cases.ts";
import { type FakeRegistryOptions, fakeRegistry, sha256 } from "./setup/fake-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { collect, listOf, testClient } from "./setup/registry-client.ts";
import { type WatchedRegistry, type WatchedRequest, watchedRegistry } from "./setup/watched-registry.ts";

// What the client makes of the headers at which the OCI distribution specification's own tests look.

/** A registry that is watched, and a client of it. */
async function staged(options: FakeRegistryOptions = {}): Promise<Stage> {
  const registry = await watchedRegistry((await fakeRegistry(options)).host);
  const place = { registry: registry.host, repository: "team/app" };
  return { registry, client: testClient(), place, other: { ...place, repository: "team/other" } };
}

function asked({ registry }: Stage, method: string): readonly WatchedRequest[] {
  return registry.exchanges.map(({ request }) => request).filter((request) => request.method === method);
}

/** Changes the headers of the answers to a method. */
function saying(
  method: string,
  headers: (answered: Record<string, string>) => Record<string, string>,
): WatchedRegistry["between"] {
  return async (request, sendOn) => {
    const answer = await sendOn(request);
    if (request.method !== method) return answer;
    return { ...answer, headers: headers(answer.headers as Record<string, string>) };
  };
}

describe("Location", () => {
  test("an upload goes on where each answer says, with all that is in it", async () => {
    const stage = await staged();
    let step = 0;
    await pushesInChunks(stage, async (request, sendOn) => {
      if (!request.path.includes("/uploads/")) return sendOn(request);
      const own = new RegExp(`&step=${step}%2F(?=&|$)`);
      if (request.method !== "POST" && !own.test(request.path)) return answerOf(404);
      const answer = await sendOn({ ...request, path: request.path.replace(own, "") });
      const { location } = answer.headers;
      return { ...answer, headers: { ...answer.headers, location: `${location}&step=${++step}%2F` } };
    });
    expect(step).toBe(5);
  });

  test.each([undefined, "", "ftp://127.0.0.1/x", "http://user:secret@127.0.0.1/x"])(
    "without one that can be asked there is no upload: %s",
    async (location) => {
      const { registry, client, place } = await staged();
      registry.between = saying("POST", () => (location === undefined ? {} : { location }));
      const pushed = client.pushBlob(place, freshBlob());
      if (location === "") await expect(pushed).rejects.toMatchObject({ code: expect.stringMatching(/^registry-/) });
      else
        await expect(pushed).rejects.toMatchObject({
          code: "registry-failed",
          message: expect.stringContaining("gives no address for the upload"),
        });
    },
  );
});

describe("Range", () => {
  /** Of the first part only half reaches a registry that adds whatever comes to what it has. */
  const halved = (): WatchedRegistry["between"] => {
    let isFirst = true;
    return ({ headers, body, ...request }, sendOn) => {
      if (request.method !== "PATCH") return sendOn({ ...request, headers, body });
      const taken = isFirst ? body.subarray(0, 1000) : body;
      isFirst = false;
      const { "content-range": _, ...others } = headers;
      return sendOn({ ...request, headers: { ...others, "content-length": String(taken.length) }, body: taken });
    };
  };

  test("an answer that tells of less than was sent makes the upload begin again", async () => {
    const stage = await staged();
    await pushesInChunks(stage, halved());
    expect(asked(stage, "POST")).toHaveLength(2);
  });

  test.each(["0-999", "0-0", "bytes=0-999", "0-1999999", "what"])(
    "a wrong one does no harm where the upload itself is said to be whole: %s",
    async (range) => {
      const stage = await staged();
      await pushesInChunks(
        stage,
        saying("PATCH", (headers) => ({ ...headers, range })),
      );
      expect(asked(stage, "POST")).toHaveLength(1);
      expect(asked(stage, "PUT")).toHaveLength(1);
    },
  );

  test("nor where the registry does not tell of uploads", async () => {
    const stage = await staged();
    await pushesInChunks(stage, async (request, sendOn) => {
      if (request.method === "GET" && request.path.includes("/uploads/")) return answerOf(404);
      const answer = await sendOn(request);
      return request.method === "PATCH" ? { ...answer, headers: { ...answer.headers, range: "0-999" } } : answer;
    });
    expect(asked(stage, "POST")).toHaveLength(1);
  });
});

test.each([
  ["3000", [3000, 2000]],
  ["2000", [2000, 2000, 1000]],
  ["0", [2000, 2000, 1000]],
  ["-1", [2000, 2000, 1000]],
  ["much", [2000, 2000, 1000]],
])("OCI-Chunk-Min-Length: parts are no smaller than %s", async (least, sizes) => {
  const stage = await staged();
  await pushesInChunks(
    stage,
    saying("POST", (headers) => ({ ...headers, "oci-chunk-min-length": least })),
  );
  expect(asked(stage, "PATCH").map(({ body }) => body.length)).toEqual(sizes);
});

describe("OCI-Filters-Applied", () => {
  test.each([true, false])(
    "what is of another type is left out, whether the registry does so or not: %s",
    async (filters) => {
      const stage = await staged({ referrers: true, filters });
      await attaches(stage);
      const filtered = stage.registry.exchanges.filter(({ request }) => request.path.includes("?artifactType="));
      expect(filtered.map(({ answer }) => answer.headers["oci-filters-applied"])).toEqual(
        filtered.map(() => (filters ? "artifactType" : undefined)),
      );
      expect(filtered).toHaveLength(2);
    },
  );

  test("nor is it believed when it is said", async () => {
    const stage = await staged({ referrers: true });
    stage.registry.between = saying("GET", (headers) => ({ ...headers, "oci-filters-applied": "artifactType" }));
    await attaches(stage);
  });
});

describe("OCI-Subject", () => {
  test.each([
    [true, 0],
    [false, 2],
  ])(
    "of a registry that has a list of referrers and says so (%s), the tag that stands in is written %d times",
    async (referrers, count) => {
      const stage = await staged({ referrers });
      await attaches(stage);
      expect(asked(stage, "PUT").filter(({ path }) => path.includes("/manifests/sha256-"))).toHaveLength(count);
    },
  );
});

describe("Docker-Content-Digest", () => {
  const lie = `sha256:${"1".repeat(64)}`;

  test.each(["blob", "manifest"])("another one than that of a %s that was pushed is an error", async (what) => {
    const { registry, client, place } = await staged();
    const isMeant = what === "blob" ? "/uploads/" : "/manifests/";
    registry.between = async (request, sendOn) => {
      const answer = await sendOn(request);
      const isPut = request.method === "PUT" && request.path.includes(isMeant);
      return isPut ? { ...answer, headers: { ...answer.headers, "docker-content-digest": lie } } : answer;
    };
    const pushed = pushImage(client, { ...place, tag: "v1" }, { texts: ["one"] });
    await expect(pushed).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  test("is computed where it is missing, and a wrong one of a tag is an error", async () => {
    const stage = await staged();
    const { descriptor } = await pushImage(stage.client, { ...stage.place, tag: "v1" }, { texts: ["one"] });
    const named = { ...stage.place, tag: "v1" };
    stage.registry.between = async (request, sendOn) => {
      const answer = await sendOn(request);
      const { "docker-content-digest": _, ...headers } = answer.headers;
      return { ...answer, headers };
    };
    expect(await stage.client.head(named)).toEqual({ digest: descriptor.digest, mediaType: ociManifestType });
    stage.registry.between = saying("GET", (headers) => ({ ...headers, "docker-content-digest": lie }));
    await expect(stage.client.manifest(named)).rejects.toMatchObject({ code: "digest-mismatch" });
    // By its digest it is proved without the registry's word.
    const { bytes } = await stage.client.manifest({ ...stage.place, digest: descriptor.digest });
    expect(sha256(bytes)).toBe(descriptor.digest);
  });
});

test("Content-Type: a list of referrers is read as what it is, and a page for people is none", async () => {
  const stage = await staged({ referrers: true });
  stage.registry.between = saying("GET", (headers) => ({ ...headers, "content-type": "text/html" }));
  await attaches(stage);
  const page = await staged({ referrers: true });
  page.registry.between = async (request, sendOn) =>
    request.path.includes("/referrers/")
      ? { ...answerOf(200, { "content-type": "text/html" }), body: Buffer.from("<html>") }
      : sendOn(request);
  expect(await listOf(page.client.referrers(page.place, freshBlob().digest))).toEqual([]);
  expect(asked(page, "GET").map(({ path }) => path.includes("/manifests/sha256-"))).toEqual([true]);
});

test("Content-Length: a blob of another size than its manifest says is refused before it is read", async () => {
  const { client, place } = await staged();
  const blob = freshBlob();
  await client.pushBlob(place, blob);
  const other = collect(client.blob(place, { digest: blob.digest, size: blob.size + 1 }));
  await expect(other).rejects.toMatchObject({ code: "digest-mismatch", message: expect.stringContaining("3001") });
});
