import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../../src/registry/connection/registry-settings.ts";
import { blobOf } from "../../../src/registry/content/blob-source.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { signsOf } from "../../../src/registry/vendors/registry-signs.ts";
import { zot } from "../../../src/registry/vendors/zot.ts";
import { type FakeRegistry, type FakeRequest, fakeRegistry, sendJson, sha256 } from "../setup/fake-registry.ts";
import { basic, listOf, reference, testClient } from "../setup/registry-client.ts";

/*
 * What zot answers, in shapes taken from its source: project-zot/zot `pkg/api/authn.go` (`authFail`),
 * `pkg/common/http_server.go` (`AuthzFailWithReason`), `pkg/api/errors/errors.go`, `pkg/api/routes.go`
 * (`CheckVersionSupport`, `UpdateManifest`, `GetReferrers`), `pkg/storage/common/common.go` (`IsSupportedMediaType`),
 * `pkg/api/session.go`; didip/tollbooth 7.0.2 `tollbooth.go`.
 */

const dockerManifestType = "application/vnd.docker.distribution.manifest.v2+json";
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;
const challenge = { "www-authenticate": 'Basic realm="zot"' };
const image = { schemaVersion: 2, mediaType: ociManifestType, config: {}, layers: [] };

interface ZotOptions {
  /** Milliseconds of `failDelay`, which has seconds. */
  readonly failDelay?: number;
  /** Repositories that strangers may read. */
  readonly open?: readonly string[];
  /** True where Docker's manifests are taken: `"compat": ["docker2s2"]`. */
  readonly compat?: boolean;
}

function error(code: string, message: string, detail: object = {}): object {
  return { code, message, detail: { description: `What ${code} means.`, ...detail } };
}

/** A zot whose user alice has the password `wonder`, and may read everything. */
async function startZot({ failDelay = 0, open = [], compat = false }: ZotOptions = {}): Promise<FakeRegistry> {
  const registry = await fakeRegistry({ referrers: true });
  registry.intercept = (request, response) => {
    const { path, headers } = request;
    const user = headers.authorization;
    if (user !== undefined && user !== alice) {
      setTimeout(() => sendJson(response, 401, error("UNAUTHORIZED", "authentication required"), challenge), failDelay);
      return true;
    }
    if (path === "/v2/" && (user === alice || open.length > 0)) {
      // Here alone the realm has no quotes, and the challenge comes with a success.
      response.writeHead(200, { "content-type": "application/json", "www-authenticate": "basic realm=zot" }).end();
      return true;
    }
    if (path.startsWith("/v2/_catalog")) {
      const all = ["public/app", "team/app"];
      if (user === undefined && open.length === 0) return refuse(response);
      return sendJson(response, 200, { repositories: user === alice ? all : open });
    }
    if (user === undefined && !open.some((name) => path.startsWith(`/v2/${name}/`))) {
      setTimeout(() => refuse(response), path === "/v2/" ? 0 : failDelay);
      return true;
    }
    if (new URL(path, "http://zot/").searchParams.has("artifactType")) {
      // The list is filtered already.
      response.setHeader("OCI-Filters-Applied", "artifactType");
    }
    return refuseManifest(request, response, compat);
  };
  return registry;
}

/** To a stranger; what is wrong is told in a list here, and not where a password is wrong. */
function refuse(response: ServerResponse): true {
  return sendJson(response, 401, { errors: [error("UNAUTHORIZED", "authentication required")] }, challenge);
}

function refuseManifest({ method, headers }: FakeRequest, response: ServerResponse, compat: boolean): boolean {
  const mediaType = headers["content-type"] ?? "";
  if (method !== "PUT" || !mediaType.includes(".manifest.") || mediaType === ociManifestType) return false;
  if (compat && mediaType === dockerManifestType) return false;
  return sendJson(response, 415, { errors: [error("MANIFEST_INVALID", "manifest invalid", { mediaType })] });
}

const named = ({ host }: FakeRegistry, name = "team/app:1"): ReturnType<typeof reference> =>
  reference(`${host}/${name}`);
const known = ({ host }: FakeRegistry, password = "wonder"): Parameters<typeof testClient>[0] => ({
  credentials: { [host]: basic("alice", password) },
});

describe("zot after a wrong password", () => {
  test("answers late, which is waited for and told, and the password is not shown again", async () => {
    const registry = await startZot({ failDelay: 300 });
    const waited: string[] = [];
    const client = testClient({
      ...known(registry, "wrong"),
      limits: { longWait: 100 },
      waiting: (sentence) => void waited.push(sentence),
    });
    await expect(client.manifest(named(registry))).rejects.toMatchObject({
      code: "registry-refused",
      message: `the registry ${registry.host} refuses the request: HTTP status 401 (authentication required)`,
      hint: expect.stringContaining("Check that the credentials") as string,
    });
    expect(waited).toEqual([`waiting for the registry ${registry.host}: it has not responded for 1 seconds`]);
    expect(registry.requests.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1);
  });

  test("is no silent registry, as its examples have five seconds", () => {
    expect(defaultLimits.idleTimeout).toBeGreaterThan(5_000);
    expect(defaultLimits.longWait).toBeGreaterThan(5_000);
  });

  test("lists nothing, though a stranger would see something", async () => {
    const registry = await startZot({ open: ["public/app"] });
    const { host } = registry;
    expect(await listOf(repositoriesBelow(testClient(), host, ""))).toEqual(["public/app"]);
    expect(await listOf(repositoriesBelow(testClient(known(registry)), host, ""))).toEqual(["public/app", "team/app"]);
    const wrong = listOf(repositoriesBelow(testClient(known(registry, "wrong")), host, ""));
    await expect(wrong).rejects.toMatchObject({ code: "registry-refused" });
  });
});

describe("zot that lets strangers read something", () => {
  test("asks nobody for a password at its door, so a log-in is not proved there", async () => {
    const registry = await startZot({ open: ["public/app"] });
    expect(await testClient(known(registry, "wrong")).checkLogin(registry.host)).toBe("open");
    const closed = await startZot();
    expect(await testClient(known(closed)).checkLogin(closed.host)).toBe("accepted");
    const wrong = testClient(known(closed, "wrong")).checkLogin(closed.host);
    await expect(wrong).rejects.toMatchObject({ code: "registry-refused" });
  });

  test("asks for it where it is needed", async () => {
    const registry = await startZot({ open: ["public/app"] });
    for (const name of ["public/app", "team/app"]) registry.putManifest(name, image, { tag: "1" });
    await testClient().manifest(named(registry, "public/app:1"));
    await expect(testClient().manifest(named(registry))).rejects.toMatchObject({
      code: "registry-refused",
      hint: expect.stringContaining(`plimsoll login ${registry.host}`) as string,
    });
    await testClient(known(registry)).manifest(named(registry));
  });

  test("is known by its name all the same, with quotes around it and without", async () => {
    for (const open of [[], ["public/app"]]) {
      const { host } = await startZot({ open });
      expect(zot.isShown?.(await signsOf(testClient().host(host)))).toBe(true);
    }
  });
});

describe("zot and manifests of Docker", () => {
  const push = async (registry: FakeRegistry): Promise<unknown> => {
    const client = testClient(known(registry));
    const config = blobOf(Buffer.from("{}"));
    await client.pushBlob(named(registry), config);
    const bytes = docker(config);
    return client.pushManifest(named(registry), { bytes, mediaType: dockerManifestType });
  };

  test("are refused without compat, and the message says which and that it stays so", async () => {
    await expect(push(await startZot())).rejects.toMatchObject({
      code: "registry-failed",
      message: expect.stringContaining("HTTP status 415 (MANIFEST_INVALID: manifest invalid)") as string,
      hint: expect.stringContaining("a retry will not help") as string,
    });
  });

  test("are taken with it, and come back as they were", async () => {
    const registry = await startZot({ compat: true });
    await push(registry);
    const manifest = await testClient(known(registry)).manifest(named(registry));
    expect(manifest).toMatchObject({ kind: "image", mediaType: dockerManifestType });
  });

  test("have another digest once they were made OCI's, under which zot does not have them", async () => {
    const registry = await startZot();
    const config = blobOf(Buffer.from("{}"));
    const original = docker(config);
    const converted = { ...JSON.parse(original.toString("utf8")), mediaType: ociManifestType };
    const digest = registry.putManifest("team/app", converted, { tag: "1" });
    const client = testClient(known(registry));
    expect((await client.manifest(named(registry))).digest).toBe(digest);
    expect(sha256(original)).not.toBe(digest);
    await expect(client.manifest(named(registry, `team/app@${sha256(original)}`))).rejects.toMatchObject({
      code: "image-not-found",
    });
  });

  function docker({ digest, size }: { readonly digest: string; readonly size: number }): Buffer {
    const config = { mediaType: "application/vnd.docker.container.image.v1+json", digest, size };
    return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: dockerManifestType, config, layers: [] }));
  }
});

test("zot lists what is attached to an image itself, and gets no tag for it", async () => {
  const registry = await startZot();
  const digest = registry.putManifest("team/app", image, { tag: "1" });
  const client = testClient(known(registry));
  expect(await listOf(client.referrers(named(registry), digest))).toEqual([]);
  const artifactType = "application/vnd.cyclonedx+json";
  await client.pushArtifact(named(registry, "team/app"), {
    artifactType,
    layers: [{ mediaType: artifactType, blob: blobOf(Buffer.from("{}")) }],
    subject: { mediaType: ociManifestType, digest, size: JSON.stringify(image).length },
  });
  const [found, ...others] = await listOf(client.referrers(named(registry), digest, { artifactType }));
  expect({ type: found?.artifactType, others }).toEqual({ type: artifactType, others: [] });
  expect(await listOf(client.tags(named(registry)))).toEqual(["1"]);
  expect(registry.requests.filter(({ path }) => path.includes("/manifests/sha256-"))).toEqual([]);
});

test("zot's limit of requests in a second is waited for, and is no count of pulls", async () => {
  const registry = await startZot();
  registry.putManifest("team/app", image, { tag: "1" });
  const answer = registry.intercept;
  let refusals = 2;
  registry.intercept = (request, response) => {
    for (const [name, value] of Object.entries({
      "x-rate-limit-limit": "10.00",
      "x-rate-limit-duration": "1",
      "ratelimit-limit": "10",
      "ratelimit-reset": "1",
      "ratelimit-remaining": "0",
    }))
      response.setHeader(name, value);
    if (request.method !== "GET" || !request.path.includes("/manifests/") || refusals-- <= 0) {
      return answer(request, response);
    }
    response.writeHead(429, { "content-type": "text/plain; charset=utf-8" }).end("Too Many Requests");
    return true;
  };
  const client = testClient(known(registry));
  await client.head(named(registry));
  await client.manifest(named(registry));
  expect(refusals).toBeLessThan(0);
});
