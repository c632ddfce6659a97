import { expect } from "vitest";
import { isDigest, isRepository, isTag } from "../../../src/model/packages/reference.ts";
import type { RegistryClient } from "../../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../../src/registry/content/blob-source.ts";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { type FakeRequest, fakeRegistry, sendJson, sha256 } from "./fake-registry.ts";
import { isLogin, playLogin, playTokenLogin } from "./play-login.ts";
import { playBadName, playLostUpload, playToTransport, playUploadStart } from "./play-unsent.ts";
import { answerWith, matches, nameOf, placeOf, type Recording, reply, type Scene } from "./recording.ts";
import { basic, collect, listOf, testClient } from "./registry-client.ts";

/** What no part of the client sends; its recordings are played to what sends all requests. */
export const unsent: Readonly<
  Record<string, { readonly reason: string; readonly is: (request: FakeRequest) => boolean }>
> = {
  "challenge-delete": { reason: "nothing is deleted", is: isDeletion },
  "delete-blob": { reason: "nothing is deleted", is: isDeletion },
  "delete-digest": { reason: "nothing is deleted", is: isDeletion },
  "delete-tag": { reason: "nothing is deleted", is: isDeletion },
  "ping-head": {
    reason: "a log-in asks with GET, as the specification has it",
    is: ({ method, path }) => method === "HEAD" && path === "/v2/",
  },
  "ping-noslash": { reason: "a log-in asks for /v2/", is: ({ path }) => path === "/v2" },
  "tags-post": {
    reason: "a list is asked for with GET",
    is: ({ method, path }) => method === "POST" && path.includes("/tags/"),
  },
  "upload-cancel": { reason: "an upload that is given up expires at the registry", is: isDeletion },
  "v1-ping": { reason: "version 1 of the protocol is not spoken", is: ({ path }) => path.startsWith("/v1/") },
};

function isDeletion({ method }: FakeRequest): boolean {
  return method === "DELETE";
}

/**
 * Plays one recording to a client that does what leads to it, and compares what the client makes of it. Gives what the
 * client asked for.
 */
export async function play(recording: Recording, all: readonly Recording[]): Promise<readonly FakeRequest[]> {
  const registry = await fakeRegistry();
  // What the recorded server held is there too.
  for (const { request, response } of all) {
    if (request.method !== "PUT" || response.status !== 201 || request.body === undefined) continue;
    const mediaType = request.headers["Content-Type"] ?? "";
    const repository = /^\/v2\/(.+)\/manifests\//.exec(request.path)?.[1] ?? "";
    registry.putManifest(repository, Buffer.from(request.body), { mediaType });
  }
  const { pathname } = new URL(recording.request.path, "http://x/");
  const [, repository = "", kind = "", name = ""] =
    /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.*)$/.exec(pathname) ?? [];
  await playScene({ recording, all, registry, repository, name }, kind);
  return registry.requests;
}

function playScene(scene: Scene, kind: string): Promise<void> | void {
  const { recording, name } = scene;
  const what = nameOf(recording);
  if (unsent[what]) return playToTransport(scene);
  if (what.startsWith("bad-name-")) return playBadName(scene);
  if (what === "upload-cancel-start") return playUploadStart(scene, () => push(scene));
  if (what === "upload-unknown-id") return playLostUpload(scene, () => push(scene, { chunkSize: 100 }));
  if (isLogin(recording)) return playLogin(scene);
  if (what === "challenge-ping") return playTokenLogin(scene);
  if (what.startsWith("challenge-") || /garbage|basic-instead/.test(recording.id)) return playChallenge(scene);
  if (/-(?:none|wrong|right|unknown-user)$/.test(what) && recording.id.includes("+basic")) return playBasic(scene);
  answerWith(scene, recording);
  if (kind === "manifests") return recording.request.method === "PUT" ? playPut(scene) : playManifest(scene);
  if (kind === "tags") return playList(scene, "tags");
  if (kind === "referrers") return playReferrers(scene);
  if (kind === "blobs") return name.startsWith("uploads/") ? playUpload(scene) : playBlob(scene);
  return playList(scene, "repositories");
}

function push(scene: Scene, options: { readonly chunkSize?: number } = {}): Promise<unknown> {
  return testClient().pushBlob(placeOf(scene), blobOf(Buffer.alloc(250, "x")), options);
}

const unfit = ["registry-failed", "registry-unreachable"];

async function expectFailure(work: Promise<unknown>, status: number): Promise<void> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  const code = (failure as { code?: string } | undefined)?.code;
  if (status === 404) expect([...unfit, "image-not-found"]).toContain(code);
  else expect(unfit).toContain(code);
}

async function playManifest(scene: Scene): Promise<void> {
  const { recording, name } = scene;
  const { method } = recording.request;
  const { status, headers } = recording.response;
  if (!isDigest(name) && !isTag(name)) return expect(name).toMatch(/^(?:sha256:abc|md5:)/);
  const reference = { ...placeOf(scene), ...(isDigest(name) ? { digest: name } : { tag: name }) };
  const client = testClient();
  if (method === "HEAD") {
    const head = await client.head(reference);
    if (status === 404) return expect(head).toBeUndefined();
    return expect(head).toEqual({ digest: headers["docker-content-digest"], mediaType: headers["content-type"] });
  }
  if (status !== 200) return expectFailure(client.manifest(reference), status);
  const manifest = await client.manifest(reference);
  expect(manifest.digest).toBe(headers["docker-content-digest"]);
  expect(manifest.mediaType).toBe(headers["content-type"]);
  expect(manifest.kind).toBe(manifest.mediaType.includes("index") ? "index" : "image");
}

async function playList(scene: Scene, member: "tags" | "repositories"): Promise<void> {
  const { status, body } = scene.recording.response;
  if (member === "tags" && !isRepository(scene.repository)) return expect(status).not.toBe(200);
  const client = testClient();
  const list = member === "tags" ? client.tags(placeOf(scene)) : client.catalog(scene.registry.host);
  if (status !== 200) return expectFailure(listOf(list), status);
  const names = (body as Record<string, string[] | null>)[member] ?? [];
  expect(await listOf(list)).toEqual(member === "tags" ? names.filter(isTag) : names);
}

async function playReferrers(scene: Scene): Promise<void> {
  const { recording, name, all } = scene;
  if (!isDigest(name)) return expect(recording.id).toContain("bad-digest");
  const client = testClient();
  const wanted = new URL(recording.request.path, "http://x/").searchParams.get("artifactType") ?? undefined;
  const options = wanted === undefined ? {} : { artifactType: wanted };
  const found = await listOf(client.referrers(placeOf(scene), name, options));
  const attached = all
    .filter(({ id }) => id.endsWith("/put-subject"))
    .map(({ request }) => JSON.parse(request.body ?? "{}") as { subject?: { digest: string }; artifactType?: string })
    .filter(
      ({ subject, artifactType }) => subject?.digest === name && (wanted === undefined || artifactType === wanted),
    );
  // Where there is no such list, nobody has written the tag that stands in for it.
  const expected = recording.response.status === 200 ? attached.map(({ artifactType }) => artifactType) : [];
  expect(found.map(({ artifactType }) => artifactType)).toEqual(expected);
}

async function playBlob(scene: Scene): Promise<void> {
  const { recording, name, registry, repository } = scene;
  const { status, headers, body } = recording.response;
  if (!isDigest(name)) return expect(status).not.toBe(200);
  const client = testClient();
  if (recording.request.method === "HEAD") {
    const size = Number(headers["content-length"]);
    const blob = { digest: name, size, open: () => new Uint8Array(size) };
    const pushed = client.pushBlob({ registry: registry.host, repository }, blob);
    if (status === 200) return expect(await pushed).toBe("was-there");
    return expect(pushed).rejects.toMatchObject({ code: "registry-failed" });
  }
  const config = configOf(scene);
  const range = /^bytes=(\d*)-(\d*)$/.exec(recording.request.headers["Range"] ?? "");
  if (range) {
    // The client says where a part begins and ends, inside of the blob.
    const from = range[1] === "" ? config.length - 5 : Math.min(Number(range[1]), config.length - 1);
    const to = range[1] === "0" ? Number(range[2]) + 1 : config.length;
    const part = await collect(client.blob(placeOf(scene), { digest: name, size: config.length }, { from, to })).catch(
      (error: unknown) => error,
    );
    if (status === 206) return expect(part).toEqual(Buffer.from(String(body)));
    return expect(unfit).toContain((part as { code?: string }).code);
  }
  const whole = collect(client.blob(placeOf(scene), { digest: name, size: config.length }));
  if (status !== 200) return expect(whole).rejects.toMatchObject({ code: "image-not-found" });
  expect(sha256(await whole)).toBe(name);
}

/** The bytes of the one blob that the recordings tell. */
function configOf({ all }: Scene): Buffer {
  return Buffer.from(all.find(({ id }) => id.endsWith("/upload-patch"))?.request.body ?? "");
}

async function playPut(scene: Scene): Promise<void> {
  const { recording, name, registry } = scene;
  const { status, headers } = recording.response;
  const bytes = Buffer.from(recording.request.body ?? "");
  const mediaType = recording.request.headers["Content-Type"] ?? "";
  const reference = { ...placeOf(scene), ...(isDigest(name) ? { digest: name } : { tag: name }) };
  const client = testClient();
  if (isDigest(name) && sha256(bytes) !== name) {
    return expect(client.pushManifest(reference, { bytes, mediaType })).rejects.toMatchObject({
      code: "digest-mismatch",
    });
  }
  if (recording.id.endsWith("/put-bad-json")) {
    return expect(client.pushManifest(reference, { bytes, mediaType })).rejects.toMatchObject({
      code: "manifest-malformed",
    });
  }
  if (status !== 201)
    return expect(client.pushManifest(reference, { bytes, mediaType })).rejects.toMatchObject({
      code: "registry-failed",
    });
  const pushed = await client.pushManifest(reference, { bytes, mediaType });
  expect(pushed.digest).toBe(headers["docker-content-digest"]);
  const subject = (JSON.parse(bytes.toString("utf8")) as { subject?: { digest: string } }).subject;
  const written = registry.requests.filter(
    ({ method, path }) => method === "PUT" && path.includes("/manifests/sha256-"),
  );
  expect(written).toHaveLength(subject && headers["oci-subject"] === undefined ? 1 : 0);
}

/** Uploads and mounts: everything that belongs to the same upload is played together. */
async function playUpload(scene: Scene): Promise<void> {
  const { recording, all, repository } = scene;
  const group = /(upload-wrong|upload-mono|upload|mount)(?:-[a-z]+)?$/.exec(recording.id)?.[1] ?? "";
  const own = all.filter(({ id, request }) => {
    const last = id.slice(id.lastIndexOf("/") + 1);
    const mine = group === "upload" ? /^upload-(?:start|status|patch|finish)$/.test(last) : last.startsWith(group);
    return mine && (group !== "mount" || request.path === recording.request.path);
  });
  answerWith(scene, ...own);
  const client = testClient();
  const bytes = configOf(scene);
  const place = placeOf(scene);
  if (group === "mount") {
    const mount = new URL(recording.request.path, "http://x/").searchParams;
    const blob = { digest: mount.get("mount") ?? "", size: 1, open: () => new Uint8Array(1) };
    const pushed = client.pushBlob(place, blob, { mountFrom: mount.get("from") ?? "" });
    if (recording.response.status === 201) return expect(await pushed).toBe("mounted");
    // The upload that the registry offers instead is used, and is not in the recording.
    return expect(pushed).rejects.toMatchObject({ code: expect.stringMatching(/^registry-/) });
  }
  if (group === "upload-wrong") {
    const digest = `sha256:${"0".repeat(64)}`;
    const wrong = client.pushBlob(place, { ...blobOf(bytes), digest });
    return expect(wrong).rejects.toMatchObject({ code: "registry-failed" });
  }
  if (group === "upload-mono") {
    const finish = own.find(({ request }) => request.method === "PUT");
    const digest = new URL(finish?.request.path ?? "", "http://x/").searchParams.get("digest") ?? "";
    return expect(await client.pushBlob(place, { ...blobOf(bytes), digest })).toBe("uploaded");
  }
  const chunked = await client.pushBlob({ ...place, repository }, blobOf(bytes), { chunkSize: bytes.length - 1 });
  expect(chunked).toBe("uploaded");
}

async function playBasic(scene: Scene): Promise<void> {
  const { recording, all, registry } = scene;
  const header = recording.request.headers["Authorization"];
  const anonymous = all.find(
    ({ request }) => request.path === recording.request.path && request.headers["Authorization"] === undefined,
  );
  registry.intercept = (request, response) => {
    const found = request.headers.authorization === header ? recording : anonymous;
    return found !== undefined && matches(request, found) && reply(response, found, registry.host);
  };
  const [user = "", password = ""] = Buffer.from(header?.slice(6) ?? "", "base64")
    .toString("utf8")
    .split(":");
  const client = testClient(header === undefined ? {} : { credentials: { [registry.host]: basic(user, password) } });
  const catalog = recording.request.path.includes("_catalog");
  const list = listOf(catalog ? client.catalog(registry.host) : client.tags(placeOf(scene)));
  const { status, body } = recording.response;
  if (status === 401) return expect(list).rejects.toMatchObject({ code: "registry-refused" });
  if (status === 404) return expect(list).rejects.toMatchObject({ code: "image-not-found" });
  expect(await list).toEqual((body as { repositories: string[] }).repositories);
}

async function playChallenge(scene: Scene): Promise<void> {
  const { recording, registry, name } = scene;
  const asked: string[] = [];
  registry.intercept = (request, response) => {
    if (request.path.startsWith("/token?")) {
      asked.push(...new URL(request.path, "http://x/").searchParams.getAll("scope"));
      return sendJson(response, 200, { token: "a-token" });
    }
    return (
      request.headers.authorization !== "Bearer a-token" &&
      matches(request, recording) &&
      reply(response, recording, registry.host)
    );
  };
  const { status, headers } = recording.response;
  if (recording.id.endsWith("/garbage-token")) {
    const credential: Credential = { kind: "registry-token", token: new Secret("not.a.jwt") };
    const client = testClient({ credentials: { [registry.host]: credential } });
    return expect(listOf(client.tags(placeOf(scene)))).rejects.toMatchObject({ code: "registry-refused" });
  }
  const known = recording.id.endsWith("/basic-instead");
  const client = testClient(known ? { credentials: { [registry.host]: basic("a", "b") } } : {});
  await act(client, { ...scene, name }).catch(() => undefined);
  const challenge = /scope="([^"]*)"/.exec(headers["www-authenticate"] ?? "")?.[1];
  const sorted = (scopes: readonly string[]): string[] =>
    scopes.map((scope) => scope.replace(/[^:]*$/, (actions) => actions.split(",").sort().join(","))).sort();
  if (status === 401) expect(sorted([...new Set(asked)])).toEqual(sorted(challenge?.split(" ") ?? []));
  else expect(asked).toEqual([]);
}

/** Does what leads to the request of a recording. */
async function act(client: RegistryClient, { recording, registry, repository, name }: Scene): Promise<unknown> {
  const place = { registry: registry.host, repository };
  const { method, path } = recording.request;
  if (path.includes("_catalog")) return listOf(client.catalog(registry.host));
  if (path.includes("/tags/")) return listOf(client.tags(place));
  if (path.includes("/referrers/")) return listOf(client.referrers(place, name));
  if (path.includes("/uploads/")) {
    const from = new URL(path, "http://x/").searchParams.get("from");
    return client.pushBlob(place, blobOf(Buffer.from("x")), from === null ? {} : { mountFrom: from });
  }
  if (method === "PUT")
    return client.pushManifest({ ...place, tag: name }, { bytes: Buffer.from('{"layers":[]}'), mediaType: "x/y" });
  return method === "HEAD" ? client.head({ ...place, tag: name }) : client.manifest({ ...place, tag: name });
}
