import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request that a fake registry got. */
export interface FakeRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** How a fake registry differs from a good one. */
export interface FakeRegistryOptions {
  /**
   * How lists come: `link` as they should, `all` at once whatever is asked, `silent` in pages without a word of the next one,
   * `repeating` with a link to the same page forever, `foreign` with a link to another host, `prefixless` with a link that
   * lacks the first part of the path.
   */
  readonly paging?: "link" | "all" | "silent" | "repeating" | "foreign" | "prefixless";
  /** True when it has the referrers API. */
  readonly referrers?: boolean;
  /** The most names on a page; 405 for a request of more. */
  readonly largestPage?: number;
  /** False: parts of blobs cannot be asked for. */
  readonly ranges?: boolean;
  /** True when the referrers API gives those of one type alone, and says so. */
  readonly filters?: boolean;
  /** The fewest bytes that a chunk is said to need. */
  readonly smallestChunk?: number;
}

/** A registry in memory, on the loopback interface, that a test can make misbehave. */
export interface FakeRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly requests: readonly FakeRequest[];
  /** Called before anything else; true when it has answered. Change it at will. */
  intercept: (request: FakeRequest, response: ServerResponse) => boolean;
  putBlob(repository: string, bytes: Uint8Array): { readonly digest: string; readonly size: number };
  putManifest(repository: string, manifest: object | Uint8Array, options?: PutManifestOptions): string;
  forget(): void;
}

/** Where a manifest goes, and as what. */
export interface PutManifestOptions {
  readonly tag?: string;
  readonly mediaType?: string;
}

interface Stored {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

const ociManifest = "application/vnd.oci.image.manifest.v1+json";

/** Starts a fake registry. Call it in a test: it stops when the test is done. */
export async function fakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const state = new State(options);
  const requests: FakeRequest[] = [];
  const registry: { intercept: FakeRegistry["intercept"] } = { intercept: () => false };
  const server = createServer((incoming, response) => {
    void readAll(incoming).then((body) => {
      const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
      requests.push(request);
      if (!registry.intercept(request, response)) state.answer(request, response);
    });
  });
  const host = await listen(server);
  return Object.assign(registry, {
    host,
    requests,
    putBlob: (repository: string, bytes: Uint8Array) => state.putBlob(repository, Buffer.from(bytes)),
    putManifest: (repository: string, manifest: object | Uint8Array, where: PutManifestOptions = {}) =>
      state.putManifest(repository, manifest, where),
    forget: () => void requests.splice(0),
  });
}

/** Listens on a port of the loopback interface until the test is done. Gives `127.0.0.1:PORT`. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `sha256:…` of bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  return true;
}

/** Sends the head of a body of `bytes.length` and so many bytes of it, and breaks the connection. */
export function sendCut(
  response: ServerResponse,
  bytes: Uint8Array,
  { after, status = 200, headers = {} }: CutOptions,
): true {
  response.writeHead(status, { "content-length": bytes.length, ...headers });
  response.write(bytes.subarray(0, after), () => setTimeout(() => response.socket?.destroy(), 5));
  return true;
}

interface CutOptions {
  readonly after: number;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

/** Runs of numbers that look random and are the same each time: between 0 and 1. */
export function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

class State {
  readonly #options: FakeRegistryOptions;
  readonly #blobs = new Map<string, Map<string, Buffer>>();
  readonly #manifests = new Map<string, Map<string, Stored>>();
  readonly #tags = new Map<string, Map<string, string>>();
  readonly #uploads = new Map<string, Buffer>();

  constructor(options: FakeRegistryOptions) {
    this.#options = options;
  }

  putBlob(repository: string, bytes: Buffer): { digest: string; size: number } {
    const digest = sha256(bytes);
    inner(this.#blobs, repository).set(digest, bytes);
    return { digest, size: bytes.length };
  }

  putManifest(repository: string, manifest: object | Uint8Array, { tag, mediaType }: PutManifestOptions): string {
    const bytes = manifest instanceof Uint8Array ? Buffer.from(manifest) : Buffer.from(JSON.stringify(manifest));
    const declared = manifest instanceof Uint8Array ? undefined : (manifest as { mediaType?: string }).mediaType;
    const digest = sha256(bytes);
    inner(this.#manifests, repository).set(digest, { bytes, mediaType: mediaType ?? declared ?? ociManifest });
    if (tag !== undefined) inner(this.#tags, repository).set(tag, digest);
    return digest;
  }

  answer(request: FakeRequest, response: ServerResponse): void {
    const url = new URL(request.path, "http://fake/");
    const path = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.*)$/.exec(url.pathname);
    const [, repository = "", kind, name = ""] = path ?? [];
    if (url.pathname === "/v2/") response.writeHead(200).end("{}");
    else if (url.pathname === "/v2/_catalog")
      this.#list(url, response, { member: "repositories", names: [...this.#manifests.keys()] });
    else if (kind === "tags") this.#tagList(url, response, repository);
    else if (kind === "manifests") this.#manifest(request, response, { repository, name });
    else if (kind === "referrers" && this.#options.referrers)
      this.#referrers(response, { repository, digest: name, artifactType: url.searchParams.get("artifactType") });
    else if (kind === "blobs" && name.startsWith("uploads/")) this.#upload(request, response, { repository, url });
    else if (kind === "blobs") this.#blob(request, response, { repository, name });
    else response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
  }

  #manifest(
    { method, body, headers }: FakeRequest,
    response: ServerResponse,
    { repository, name }: { repository: string; name: string },
  ): void {
    if (method === "PUT") {
      const tag = name.startsWith("sha256:") ? undefined : name;
      const mediaType = headers["content-type"];
      const digest = this.putManifest(repository, body, {
        ...(tag !== undefined && { tag }),
        ...(mediaType !== undefined && { mediaType }),
      });
      const subject = (JSON.parse(body.toString("utf8")) as { subject?: { digest: string } }).subject?.digest;
      const kept = subject !== undefined && this.#options.referrers;
      const location = `/v2/${repository}/manifests/${digest}`;
      const told = { location, "docker-content-digest": digest, ...(kept && { "oci-subject": subject }) };
      response.writeHead(201, told).end();
      return;
    }
    const digest = this.#tags.get(repository)?.get(name) ?? name;
    const stored = this.#manifests.get(repository)?.get(digest);
    if (!stored) {
      sendJson(response, 404, { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] });
      return;
    }
    const head = {
      "content-type": stored.mediaType,
      "content-length": stored.bytes.length,
      "docker-content-digest": digest,
    };
    response.writeHead(200, head).end(method === "HEAD" ? undefined : stored.bytes);
  }

  #blob(
    { method, headers }: FakeRequest,
    response: ServerResponse,
    { repository, name }: { repository: string; name: string },
  ): void {
    const bytes = this.#blobs.get(repository)?.get(name);
    if (!bytes) {
      sendJson(response, 404, { errors: [{ code: "BLOB_UNKNOWN", message: "blob unknown" }] });
      return;
    }
    response.setHeader("docker-content-digest", name);
    sendBlob(response, bytes, { method, range: this.#options.ranges === false ? undefined : headers.range });
  }

  #upload(request: FakeRequest, response: ServerResponse, { repository, url }: { repository: string; url: URL }): void {
    const id = url.pathname.split("/").at(-1) ?? "";
    const held = this.#uploads.get(id);
    if (request.method === "POST") {
      const blob = this.#blobs.get(url.searchParams.get("from") ?? "")?.get(url.searchParams.get("mount") ?? "");
      if (blob) {
        const { digest } = this.putBlob(repository, blob);
        response.writeHead(201, { location: `/v2/${repository}/blobs/${digest}` }).end();
        return;
      }
      const next = `upload-${this.#uploads.size + 1}`;
      this.#uploads.set(next, Buffer.alloc(0));
      const { smallestChunk } = this.#options;
      const begun = { location: `/v2/${repository}/blobs/uploads/${next}?_state=a%2Bb`, range: "0-0" };
      const told = smallestChunk === undefined ? begun : { ...begun, "oci-chunk-min-length": smallestChunk };
      response.writeHead(202, told).end();
      return;
    }
    const location = { location: `${url.pathname}?_state=a%2Bb` };
    const rangeOf = (bytes: Buffer): string => `0-${Math.max(0, bytes.length - 1)}`;
    if (!held) response.writeHead(404).end();
    else if (request.method === "GET") response.writeHead(204, { ...location, range: rangeOf(held) }).end();
    else {
      const start = /^(\d+)-/.exec(request.headers["content-range"] ?? "")?.[1];
      if (start !== undefined && Number(start) !== held.length) {
        response.writeHead(416, { ...location, range: rangeOf(held) }).end();
        return;
      }
      const whole = Buffer.concat([held, request.body]);
      this.#uploads.set(id, whole);
      if (request.method === "PATCH") response.writeHead(202, { ...location, range: rangeOf(whole) }).end();
      else if (url.searchParams.get("digest") === sha256(whole)) {
        const { digest } = this.putBlob(repository, whole);
        const stored = { location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest };
        response.writeHead(201, stored).end();
      } else sendJson(response, 400, { errors: [{ code: "DIGEST_INVALID", message: "digest does not match" }] });
    }
  }

  #referrers(
    response: ServerResponse,
    { repository, digest, artifactType }: { repository: string; digest: string; artifactType: string | null },
  ): void {
    const filtered = this.#options.filters === true && artifactType !== null;
    const manifests = [...(this.#manifests.get(repository) ?? [])].flatMap(([own, { bytes, mediaType }]) => {
      const document = JSON.parse(bytes.toString("utf8")) as { subject?: { digest: string }; artifactType?: string };
      if (document.subject?.digest !== digest || (filtered && document.artifactType !== artifactType)) return [];
      return [{ mediaType, digest: own, size: bytes.length }];
    });
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const head = { "content-type": mediaType, ...(filtered && { "oci-filters-applied": "artifactType" }) };
    response.writeHead(200, head).end(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  }

  #tagList(url: URL, response: ServerResponse, repository: string): void {
    const tags = this.#tags.get(repository);
    if (!tags) sendJson(response, 404, { errors: [{ code: "NAME_UNKNOWN", message: "repository name not known" }] });
    else this.#list(url, response, { member: "tags", names: [...tags.keys()] });
  }

  #list(url: URL, response: ServerResponse, { member, names }: { member: string; names: string[] }): void {
    const { paging = "link", largestPage = Number.POSITIVE_INFINITY } = this.#options;
    const asked = url.searchParams.get("n");
    if (asked !== null && Number(asked) > largestPage) {
      sendJson(response, 405, { errors: [{ code: "UNSUPPORTED", message: `value must be at most ${largestPage}` }] });
      return;
    }
    const sorted = paging === "all" || paging === "repeating" ? names : names.sort();
    const after = url.searchParams.get("last") ?? "";
    const size = Math.min(asked === null ? largestPage : Number(asked), largestPage);
    const whole = paging === "all" || paging === "repeating" ? sorted : sorted.filter((name) => name > after);
    const page = paging === "all" || paging === "repeating" ? whole : whole.slice(0, size);
    const last = encodeURIComponent(page.at(-1) ?? "");
    const targets: Readonly<Record<string, string>> = {
      link: `${url.pathname}?last=${last}&n=${size}`,
      repeating: `${url.pathname}?n=${size}`,
      foreign: `http://127.0.0.1:1${url.pathname}?last=${last}&n=${size}`,
      prefixless: `${url.pathname.replace("/prefix", "")}?last=${last}&n=${size}`,
    };
    const target = page.length < whole.length || paging === "repeating" ? targets[paging] : undefined;
    sendJson(response, 200, { [member]: page }, target === undefined ? {} : { link: `<${target}>; rel="next"` });
  }
}

/** Answers with a blob or a part of it. */
export function sendBlob(
  response: ServerResponse,
  bytes: Buffer,
  { method = "GET", range }: { method?: string; range?: string | undefined } = {},
): true {
  const [, from = "", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === "")
    response.writeHead(200, { "content-length": bytes.length }).end(method === "HEAD" ? undefined : bytes);
  else {
    const end = to === "" ? bytes.length : Math.min(Number(to) + 1, bytes.length);
    const part = bytes.subarray(Number(from), end);
    const head = { "content-length": part.length, "content-range": `bytes ${from}-${end - 1}/${bytes.length}` };
    response.writeHead(206, head).end(part);
  }
  return true;
}

function inner<K, V>(outer: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const found = outer.get(key) ?? new Map<K, V>();
  outer.set(key, found);
  return found;
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of incoming) pieces.push(piece as Buffer);
  } catch {
    // A client that went away has said what it had to say.
  }
  return Buffer.concat(pieces);
}
