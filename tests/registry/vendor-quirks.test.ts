import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { imagesIn } from "../../src/registry/content/images-in.ts";
import { openRemoteImage } from "../../src/registry/content/open-remote-image.ts";
import type { Credential } from "../../src/registry/credentials/credential.ts";
import { Secret } from "../../src/registry/credentials/secret.ts";
import { type FakeRegistry, type FakeRegistryOptions, fakeRegistry, listen, sendJson } from "./setup/fake-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { basic, collect, listOf, reference, testClient } from "./setup/registry-client.ts";

const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;

/** A registry that wants a header, and answers with challenges where it does not come. */
async function guarded(
  challenges: (host: string) => string | string[],
  { accepts, token, ...options }: FakeRegistryOptions & { accepts: string; token?: object },
): Promise<FakeRegistry & { readonly asked: URL[]; readonly shown: (string | undefined)[] }> {
  const registry = await fakeRegistry(options);
  registry.putManifest("team/app", image, { tag: "v1" });
  const asked: URL[] = [];
  const shown: (string | undefined)[] = [];
  registry.intercept = ({ path, headers }, response) => {
    if (path.startsWith("/token")) {
      asked.push(new URL(path, "http://x/"));
      shown.push(headers.authorization);
      return sendJson(response, 200, token ?? { token: "good" });
    }
    return path !== "/v2/" && headers.authorization !== accepts && refuse(response, challenges(registry.host));
  };
  return Object.assign(registry, { asked, shown });
}

function refuse(response: ServerResponse, challenges: string | string[]): true {
  response.writeHead(401, { "content-type": "application/json", "www-authenticate": challenges }).end("{}");
  return true;
}

const bearer = (host: string, scope?: string): string =>
  `Bearer realm="http://${host}/token",service="of a test"${scope === undefined ? "" : `,scope="${scope}"`}`;

function known(registry: FakeRegistry): { credentials: Record<string, Credential> } {
  return { credentials: { [registry.host]: basic("alice", "wonder") } };
}

describe("challenges", () => {
  test("a scope of another repository in the challenge does not matter (GHCR)", async () => {
    const registry = await guarded((host) => bearer(host, "repository:user/image:pull"), { accepts: "Bearer good" });
    await testClient(known(registry)).manifest(reference(`${registry.host}/team/app:v1`));
    expect(registry.asked.map((url) => url.searchParams.getAll("scope"))).toEqual([["repository:team/app:pull"]]);
    expect(registry.asked[0]?.searchParams.get("account")).toBe("alice");
    expect(registry.shown).toEqual([alice]);
  });

  test("a scope that only the registry knows is asked for when ours is not enough (ECR Public)", async () => {
    const registry = await fakeRegistry();
    registry.putManifest("team/app", image, { tag: "v1" });
    registry.intercept = ({ path, headers }, response) => {
      const scopes = new URL(path, "http://x/").searchParams.getAll("scope");
      if (path.startsWith("/token"))
        return sendJson(response, 200, { token: scopes.includes("aws") ? "good" : "poor" });
      return headers.authorization !== "Bearer good" && refuse(response, bearer(registry.host, "aws"));
    };
    const client = testClient();
    await client.manifest(reference(`${registry.host}/team/app:v1`));
    registry.forget();
    await client.manifest(reference(`${registry.host}/team/app:v1`));
    expect(registry.requests).toHaveLength(1);
  });

  test("a realm that is no address gets the credentials themselves", async () => {
    const registry = await guarded(() => 'Bearer realm="the registry"', { accepts: alice });
    await testClient(known(registry)).manifest(reference(`${registry.host}/team/app:v1`));
  });

  test("schemes are read in any case, and among others (Nexus, Gitea)", async () => {
    const nexus = await guarded(() => 'BASIC realm="Sonatype Nexus Repository Manager"', { accepts: alice });
    await testClient(known(nexus)).manifest(reference(`${nexus.host}/team/app:v1`));
    const two = await guarded((host) => ["Negotiate", `${bearer(host, "*")},Basic realm="Gitea"`], {
      accepts: "Bearer good",
    });
    await testClient(known(two)).manifest(reference(`${two.host}/team/app:v1`));
    const useless = await guarded((host) => `${bearer(host)}, Basic realm="x"`, { accepts: alice });
    await testClient(known(useless)).manifest(reference(`${useless.host}/team/app:v1`));
  });

  test("Basic and a service in one challenge (ECR)", async () => {
    const registry = await guarded((host) => `Basic realm="https://${host}/",service="ecr.amazonaws.com"`, {
      accepts: alice,
    });
    await testClient(known(registry)).manifest(reference(`${registry.host}/team/app:v1`));
    expect(registry.requests.filter(({ path }) => path.includes("manifests"))).toHaveLength(2);
  });

  test("a 401 without any challenge is answered with what there is, once", async () => {
    const registry = await guarded(() => [], { accepts: alice });
    await testClient(known(registry)).manifest(reference(`${registry.host}/team/app:v1`));
    const wrong = testClient({ credentials: { [registry.host]: basic("alice", "wrong") } });
    await expect(wrong.manifest(reference(`${registry.host}/team/app:v1`))).rejects.toMatchObject({
      code: "registry-refused",
    });
  });

  test("a server that never has enough is not asked forever", async () => {
    const registry = await guarded((host) => bearer(host, `repository:${randomBytes(4).toString("hex")}:pull`), {
      accepts: "nothing",
    });
    await expect(testClient().manifest(reference(`${registry.host}/team/app:v1`))).rejects.toMatchObject({
      code: "registry-refused",
    });
    expect(registry.requests.length).toBeLessThan(15);
  });

  test.each([
    [{ tolkien: "x" }],
    [{ token: "" }],
    [{ token: "two words" }],
    [{ token: "line\r\nx-other: header" }],
    [{ token: 7 }],
    [[]],
  ])("a reply that holds no token is a failure of the registry: %j", async (token) => {
    const registry = await guarded((host) => bearer(host), { accepts: "Bearer good", token });
    await expect(testClient().manifest(reference(`${registry.host}/team/app:v1`))).rejects.toMatchObject({
      code: "registry-failed",
    });
  });

  test("many requests at once ask for one token", async () => {
    const registry = await guarded((host) => bearer(host), { accepts: "Bearer good" });
    const client = testClient();
    const named = reference(`${registry.host}/team/app:v1`);
    await Promise.all(Array.from({ length: 10 }, () => client.manifest(named)));
    expect(registry.asked).toHaveLength(1);
  });

  test("a token server that is busy is asked again", async () => {
    const registry = await guarded((host) => bearer(host), { accepts: "Bearer good" });
    const answer = registry.intercept;
    let busy = 2;
    registry.intercept = (request, response) =>
      request.path.startsWith("/token") && busy-- > 0 ? sendJson(response, 503, {}) : answer(request, response);
    await testClient().manifest(reference(`${registry.host}/team/app:v1`));
  });

  test.each([
    "http://169.254.169.254/token",
    "http://10.0.0.1/token",
    "http://127.0.0.1:1/token",
    "http://user:pass@HOST/token",
  ])("a realm that nobody named is not asked: %s", async (realm) => {
    const registry = await guarded((host) => `Bearer realm="${realm.replace("HOST", host)}"`, {
      accepts: "Bearer good",
    });
    const failure = testClient(known(registry)).manifest(reference(`${registry.host}/team/app:v1`));
    await expect(failure).rejects.toMatchObject({ code: "registry-refused" });
    expect(registry.asked).toEqual([]);
  });
});

describe("registries that do not ask", () => {
  test("a catalogue that anybody sees a part of is asked for with credentials (Quay, Artifactory)", async () => {
    const registry = await fakeRegistry();
    registry.putManifest("team/app", image, { tag: "v1" });
    registry.intercept = ({ path, headers }, response) =>
      path.startsWith("/v2/_catalog") &&
      headers.authorization !== alice &&
      sendJson(response, 200, { repositories: [] });
    expect(await listOf(testClient(known(registry)).catalog(registry.host))).toEqual(["team/app"]);
    expect(await listOf(testClient().catalog(registry.host))).toEqual([]);
  });

  test.each([404, 403])("what is hidden behind a %d is asked for again with credentials", async (status) => {
    const registry = await fakeRegistry();
    registry.putManifest("team/app", image, { tag: "v1" });
    registry.intercept = ({ path, headers }, response) =>
      path.includes("/manifests/") && headers.authorization !== alice && sendJson(response, status, {});
    await testClient(known(registry)).manifest(reference(`${registry.host}/team/app:v1`));
    const code = status === 404 ? "image-not-found" : "registry-refused";
    await expect(testClient().manifest(reference(`${registry.host}/team/app:v1`))).rejects.toMatchObject({ code });
  });
});

describe("pushing", () => {
  test("an upload may go elsewhere, but not with our credentials", async () => {
    const registry = await guarded(() => 'Basic realm="x"', { accepts: alice });
    const seen: (string | undefined)[] = [];
    const store = createServer((request, response) => {
      seen.push(request.headers.authorization);
      request.resume().on("end", () => response.writeHead(201).end());
    });
    const storeHost = await listen(store);
    const answer = registry.intercept;
    registry.intercept = (request, response) => {
      if (request.method !== "POST" || request.headers.authorization !== alice) return answer(request, response);
      response.writeHead(202, { location: `http://${storeHost}/upload?signature=a%2Fb` }).end();
      return true;
    };
    const settings = new Map([[registry.host, { trustedHosts: [storeHost] }]]);
    const blob = blobOf(Buffer.from("blob"));
    const place = reference(`${registry.host}/team/app`);
    expect(await testClient({ ...known(registry), settings }).pushBlob(place, blob)).toBe("uploaded");
    expect(seen).toEqual([undefined]);
    await expect(testClient(known(registry)).pushBlob(place, blob)).rejects.toMatchObject({
      code: "registry-unreachable",
    });
    expect(seen).toHaveLength(1);
  });

  test("an upload that breaks off begins again, one in chunks goes on", async () => {
    const registry = await fakeRegistry();
    let broken = 0;
    registry.intercept = ({ method, path }, response) => {
      if (!path.includes("/uploads/upload-") || !["PUT", "PATCH"].includes(method) || ++broken % 2 === 0) return false;
      response.socket?.destroy();
      return true;
    };
    const client = testClient();
    const blob = blobOf(randomBytes(10_000));
    const place = reference(`${registry.host}/team/app`);
    expect(await client.pushBlob(place, blob)).toBe("uploaded");
    const chunked = blobOf(randomBytes(10_000));
    expect(await client.pushBlob(place, chunked, { chunkSize: 3_000 })).toBe("uploaded");
    for (const one of [blob, chunked]) expect(await collect(client.blob(place, one))).toEqual(one.open());
    expect(
      registry.requests.filter(({ method, path }) => method === "GET" && path.includes("/uploads/")).length,
    ).toBeGreaterThan(2);
  });

  test("a registry that keeps referrers needs no tag, and its own words about them are not believed", async () => {
    const registry = await fakeRegistry({ referrers: true });
    const client = testClient();
    const place = reference(`${registry.host}/team/app`);
    const subject = await pushImage(client, reference(`${registry.host}/team/app:v1`), { texts: ["subject"] });
    const push = (artifactType: string): Promise<{ digest: string }> =>
      client.pushArtifact(place, { artifactType, layers: [], subject: subject.descriptor });
    const sbom = await push("application/spdx+json");
    await push("application/other");
    expect(await listOf(client.tags(place))).toEqual(["v1"]);
    const unrelated = registry.putManifest("team/app", { ...image, artifactType: "application/spdx+json" });
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/referrers/")) return false;
      const entries = [sbom.digest, unrelated, `sha256:${"0".repeat(64)}`].map((digest) => ({
        mediaType: image.mediaType,
        digest,
        size: 1,
        artifactType: "application/vnd.oci.empty.v1+json",
      }));
      return sendJson(response, 200, {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: entries,
      });
    };
    const problems: string[] = [];
    const options = { artifactType: "application/spdx+json", problem: (reason: string) => void problems.push(reason) };
    const found = await listOf(client.referrers(place, subject.descriptor.digest, options));
    expect(found.map(({ manifest }) => manifest.digest)).toEqual([sbom.digest]);
    expect(problems).toHaveLength(1);
  });
});

describe("images", () => {
  test("attestations in an index are no images, and another platform is taken only when any will do", async () => {
    const registry = await fakeRegistry();
    const client = testClient();
    const pushed = await pushImage(client, reference(`${registry.host}/team/app:one`), {
      texts: ["one"],
      architecture: "riscv64",
    });
    const entry = { mediaType: image.mediaType, digest: pushed.descriptor.digest, size: pushed.descriptor.size };
    const manifests = [
      {
        ...entry,
        platform: { os: "unknown", architecture: "unknown" },
        annotations: { "vnd.docker.reference.type": "attestation-manifest" },
      },
      { ...entry, platform: { os: "linux", architecture: "riscv64" } },
    ];
    registry.putManifest(
      "team/app",
      { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests },
      { tag: "index" },
    );
    const named = reference(`${registry.host}/team/app:index`);
    await expect(openRemoteImage(client, named, { platform: "linux/amd64" })).rejects.toMatchObject({
      code: "platform-not-found",
      hint: "Available platforms: linux/riscv64.",
    });
    const opened = await openRemoteImage(client, named, { platform: "linux/amd64", orAny: true });
    expect(opened.platform).toBe("linux/riscv64");
  });

  test("an image without an index is refused for a platform that it is not for, and taken when any will do", async () => {
    const registry = await fakeRegistry();
    const client = testClient();
    const named = reference(`${registry.host}/team/app:one`);
    await pushImage(client, named, { texts: ["one"], architecture: "arm64" });
    await expect(openRemoteImage(client, named, { platform: "linux/amd64" })).rejects.toMatchObject({
      code: "platform-not-found",
      hint: "The only image is for linux/arm64.",
    });
    for (const platform of ["linux/arm64", "linux/arm64/v8", "linux/aarch64"]) {
      expect((await openRemoteImage(client, named, { platform })).platform).toBe("linux/arm64");
    }
    expect((await openRemoteImage(client, named, { platform: "linux/amd64", orAny: true })).platform).toBe(
      "linux/arm64",
    );
  });

  test("what runs for a platform is an image, though it is called an artifact or an attestation", async () => {
    const registry = await fakeRegistry();
    const client = testClient();
    const named = reference(`${registry.host}/team/app:plain`);
    await pushImage(client, named, { texts: ["one"] });
    const { document } = await client.manifest(named);
    const hidden = { ...document, artifactType: "application/x" };
    const digest = registry.putManifest("team/app", hidden, { tag: "hidden" });
    const size = JSON.stringify(hidden).length;
    const platform = { os: "linux", architecture: "amd64" };
    const annotations = { "vnd.docker.reference.type": "attestation-manifest" };
    const manifests = [{ mediaType: image.mediaType, digest, size, platform, artifactType: "a/b", annotations }];
    registry.putManifest(
      "team/app",
      { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests },
      { tag: "index" },
    );
    for (const tag of ["hidden", "index"]) {
      const opened = await openRemoteImage(client, { ...named, tag }, { platform: "linux/amd64" });
      expect(opened.reference.digest).toBe(digest);
      expect(opened.layers).toHaveLength(1);
    }
  });

  test("nothing of a layer is downloaded before it is read", async () => {
    const registry = await fakeRegistry();
    const client = testClient();
    const named = reference(`${registry.host}/team/app:v1`);
    const pushed = await pushImage(client, named, { texts: ["one", "two"] });
    registry.forget();
    const opened = await openRemoteImage(client, named, { platform: "linux/amd64" });
    expect(registry.requests.map(({ path }) => path.replace(/^.*\//, ""))).toEqual(["v1", pushed.config.digest]);
    let progress = 0;
    const [, second] = opened.layers;
    const bytes = second && (await collect(second.read({ progress: (count) => (progress += count) })));
    expect(bytes).toHaveLength(progress);
    expect(second?.digest).toBe(pushed.layers[1]?.digest);
  });

  test("an index with an entry that names nothing is not taken for one that lacks it", async () => {
    const registry = await fakeRegistry();
    const entry = { mediaType: image.mediaType, digest: `sha256:${"1".repeat(64)}` };
    const manifests = [{ ...entry, platform: { os: "linux", architecture: "amd64" } }];
    const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
    registry.putManifest("team/app", index, { tag: "v1" });
    const manifest = await testClient().manifest(reference(`${registry.host}/team/app:v1`));
    expect(() => imagesIn(manifest)).toThrow("its entry 1 has no digest or no size");
  });

  test("an index that holds itself ends", async () => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) => {
      const manifests = [
        { mediaType: "application/vnd.oci.image.index.v1+json", digest: `sha256:${"1".repeat(64)}`, size: 1 },
      ];
      return path.includes("/manifests/") && sendJson(response, 200, { schemaVersion: 2, manifests });
    };
    const failure = openRemoteImage(testClient(), reference(`${registry.host}/team/app:v1`), {
      platform: "linux/amd64",
    });
    await expect(failure).rejects.toMatchObject({ code: "digest-mismatch" });
  });
});

test("a credential of one registry is never shown to another", async () => {
  const [one, other] = [await fakeRegistry(), await fakeRegistry()];
  one.putManifest("team/app", image, { tag: "v1" });
  other.intercept = ({ path }, response) => path !== "/v2/" && refuse(response, 'Basic realm="x"');
  const client = testClient({
    credentials: { [one.host]: { kind: "registry-token", token: new Secret("only-for-one") } },
  });
  await expect(client.manifest(reference(`${other.host}/team/app:v1`))).rejects.toMatchObject({
    code: "registry-refused",
  });
  expect(other.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
});
