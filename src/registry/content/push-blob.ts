import { Interruption } from "../../io/http/patience.ts";
import type { PlimsollError } from "../../model/error.ts";
import { passingErrors } from "../authorization/passing-refusal.ts";
import type { RegistryReply } from "../connection/registry-document.ts";
import { failed } from "../connection/registry-failure.ts";
import type { RegistryLimits } from "../connection/registry-settings.ts";
import { pushPurpose, type RepositoryAt } from "../connection/repository-at.ts";
import { registryPatience } from "../connection/retry.ts";
import { type BlobSource, piecesOf } from "./blob-source.ts";
import { hasBlob } from "./blob-stream.ts";
import { digestMismatch } from "./content-digest.ts";

/** How a blob is pushed. */
export interface PushBlobOptions {
  /** A repository of the same registry that may have the blob already. */
  readonly mountFrom?: string;
  /**
   * Bytes of a chunk: a larger blob goes in several. Without it a blob goes in one request, as most registries like it,
   * and in chunks only once that is too large for the registry or a proxy before it.
   */
  readonly chunkSize?: number;
}

/** What came of it. */
export type PushedBlob = "was-there" | "mounted" | "uploaded";

/**
 * Bytes of chunks that are tried one after the other where requests are too large. Proxies often take 100 MB or 1 MiB.
 */
const chunkSizes: readonly number[] = [64, 16, 4, 1].map((size) => size * 1024 * 1024);

/**
 * Brings a blob to a registry, unless it is there: by taking it over from another repository, or by an upload, which
 * begins again when it breaks off, or when the registry calls it invalid; one in chunks goes on where it broke off. A
 * blob that is refused for its size (413) is sent in chunks.
 *
 * Errors: `digest-mismatch` when the registry stored something else, those of a request.
 * Source: OCI Distribution Specification 1.1, "Pushing Blobs", "Mounting a blob from another repository".
 */
export async function pushBlob(
  place: RepositoryAt,
  source: BlobSource,
  options: PushBlobOptions & { readonly limits: RegistryLimits; readonly signal: AbortSignal },
): Promise<PushedBlob> {
  if (await hasBlob(place, source)) return "was-there";
  const patience = registryPatience({ registry: place.host.name, ...options });
  let { chunkSize } = options;
  for (;;) {
    try {
      const session = await begin(place, source, options.mountFrom);
      if (session === undefined) return "mounted";
      const chunked = chunkSize !== undefined && source.size > chunkSize;
      await (chunked ? uploadInChunks : uploadWhole)(place, source, { ...options, session, chunkSize });
      return "uploaded";
    } catch (cause) {
      if (cause instanceof TooLarge) {
        const refused = Math.min(chunkSize ?? source.size, source.size);
        chunkSize = chunkSizes.find((size) => size < refused);
        if (chunkSize === undefined) throw cause.refusal;
        continue;
      }
      await patience.afterFailure(cause);
      // The registry may have it, although its answer did not arrive.
      if (await hasBlob(place, source)) return "uploaded";
    }
  }
}

/** An upload that has begun. */
interface Session {
  readonly url: URL;
  /** The fewest bytes that a chunk but the last may have. */
  readonly smallestChunk: number;
}

interface Upload {
  readonly session: Session;
  readonly chunkSize: number | undefined;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
}

/** A new upload, undefined when the registry took the blob over from another repository. */
async function begin(
  place: RepositoryAt,
  source: BlobSource,
  mountFrom: string | undefined,
): Promise<Session | undefined> {
  const mount =
    mountFrom === undefined ? "" : `?mount=${encodeURIComponent(source.digest)}&from=${encodeURIComponent(mountFrom)}`;
  const answer = await place.host.send({
    method: "POST",
    path: `/v2/${place.repository}/blobs/uploads/${mount}`,
    headers: { "content-length": "0" },
    ...pushPurpose(place, mountFrom),
  });
  if (answer.status === 201 && mountFrom !== undefined) return undefined;
  if (answer.status !== 202)
    throw spoiled(answer) ?? (await place.host.refusal(answer, "an upload", pushPurpose(place)));
  const minimum = Number(answer.header("oci-chunk-min-length") ?? 0);
  return { url: await locationOf(place, answer), smallestChunk: Number.isSafeInteger(minimum) ? minimum : 0 };
}

async function uploadWhole(place: RepositoryAt, source: BlobSource, { session }: Upload): Promise<void> {
  await finish(place, source, { url: session.url, body: () => source.open(), size: source.size });
}

async function uploadInChunks(place: RepositoryAt, source: BlobSource, upload: Upload): Promise<void> {
  const patience = registryPatience({ registry: place.host.name, ...upload });
  let { url } = upload.session;
  let at = 0;
  for await (const chunk of piecesOf(source, chunkSizeOf(upload))) {
    for (let sent = false; !sent; ) {
      try {
        url = await sendChunk(place, url, { chunk, at });
        sent = true;
        patience.renew();
      } catch (cause) {
        if (cause instanceof Spoiled) throw cause;
        await patience.afterFailure(cause);
        const state = await uploadState(place, url);
        url = state.url;
        if (state.received !== at && state.received !== at + chunk.length) {
          throw new Interruption("it lost a part of the upload");
        }
        sent = state.received !== at;
      }
    }
    at += chunk.length;
  }
  for (;;) {
    try {
      return await finish(place, source, { url, body: () => new Uint8Array(0), size: 0 });
    } catch (cause) {
      if (cause instanceof Spoiled) throw cause;
      await patience.afterFailure(cause);
      if (await hasBlob(place, source)) return;
      const state = await uploadState(place, url);
      if (state.received !== at) throw new Interruption("it lost a part of the upload");
      url = state.url;
    }
  }
}

/** A chunk is held in memory, so a registry that wants huge ones does not get them. */
function chunkSizeOf({ chunkSize = 0, session }: Upload): number {
  return Math.min(Math.max(chunkSize, session.smallestChunk), largestChunk);
}

const largestChunk: number = 256 * 1024 * 1024;

async function sendChunk(
  place: RepositoryAt,
  url: URL,
  { chunk, at }: { readonly chunk: Buffer; readonly at: number },
): Promise<URL> {
  const answer = await place.host.send({
    method: "PATCH",
    path: url,
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(chunk.length),
      "content-range": `${at}-${at + chunk.length - 1}`,
    },
    body: () => chunk,
    again: false,
    ...pushPurpose(place),
  });
  if (answer.status === 416) throw new Interruption("it expects a different part of the upload");
  if (answer.status !== 202) throw await refusalOf(place, answer, "a part of an upload");
  const next = await locationOf(place, answer);
  const end = at + chunk.length;
  if ((endIn(answer) ?? end) >= end) return next;
  // Not every registry counts right in its answers to parts: what it says of the upload itself decides, where it does.
  const state = await uploadState(place, next).catch((cause: unknown) => {
    if (cause instanceof Interruption) return undefined;
    throw cause;
  });
  if (state && state.received > 0 && state.received < end) throw new Interruption("it lost a part of the upload");
  return state?.url ?? next;
}

/** How many bytes of an upload an answer says that there are; undefined where it does not, or says that it is empty. */
function endIn(answer: RegistryReply): number | undefined {
  const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(answer.header("range") ?? "")?.[1];
  // An empty upload is "0-0" for most registries, as one of a single byte is; no client sends chunks of one byte.
  return end === undefined || end === "0" ? undefined : Number(end) + 1;
}

/** How much of an upload the registry has. Source: OCI Distribution Specification 1.1, "Pushing a blob in chunks". */
async function uploadState(place: RepositoryAt, url: URL): Promise<{ readonly url: URL; readonly received: number }> {
  const answer = await place.host.send({ path: url, ...pushPurpose(place) });
  if (answer.status !== 204) throw new Interruption("it no longer has the upload");
  const received = endIn(answer) ?? 0;
  if (answer.header("location") !== undefined) return { url: await locationOf(place, answer), received };
  return { url, received };
}

interface Finish {
  readonly url: URL;
  readonly body: () => Uint8Array | AsyncIterable<Uint8Array>;
  readonly size: number;
}

async function finish(
  place: RepositoryAt,
  { digest }: BlobSource,
  { url: session, body, size }: Finish,
): Promise<void> {
  const url = new URL(session);
  // The query may be signed: it stays unchanged.
  url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  const answer = await place.host.send({
    method: "PUT",
    path: url,
    headers: { "content-type": "application/octet-stream", "content-length": String(size) },
    body,
    again: false,
    ...pushPurpose(place),
  });
  if (answer.status === 404 || answer.status === 416) throw new Interruption("it no longer has the upload");
  if (answer.status !== 201 && answer.status !== 204) throw await refusalOf(place, answer, "an upload");
  const stored = answer.header("docker-content-digest");
  if (stored !== undefined && stored !== digest)
    throw digestMismatch("the pushed blob", { wanted: digest, actual: stored });
}

/** The registry, or a proxy before it, takes no request as large as this one. */
class TooLarge extends Error {
  /** What there is to say when no smaller one is left. */
  readonly refusal: PlimsollError;

  constructor(refusal: PlimsollError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** An upload that cannot go on, while a new one may succeed. */
class Spoiled extends Interruption {}

/** Source: OCI Distribution Specification 1.1, "Error Codes", code-3. */
function spoiled(answer: RegistryReply): Spoiled | undefined {
  const passing = passingErrors(answer, ["BLOB_UPLOAD_INVALID"]);
  return passing && new Spoiled(passing.message, { wait: passing.wait });
}

async function refusalOf(place: RepositoryAt, answer: RegistryReply, what: string): Promise<Error> {
  const refusal = await place.host.refusal(answer, what, pushPurpose(place));
  return answer.status === 413 ? new TooLarge(refusal) : (spoiled(answer) ?? refusal);
}

/** Where an upload goes on. The registry behind a proxy may write http for https: ours is kept. */
async function locationOf(place: RepositoryAt, answer: RegistryReply): Promise<URL> {
  const location = answer.header("location");
  const base = await place.host.address("/v2/");
  const url = location === undefined ? null : URL.parse(location, answer.url.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw failed("an upload", { registry: place.host.name, reason: "it gives no address for the upload" });
  }
  if (url.protocol !== base.protocol) {
    if (url.hostname === base.hostname) return new URL(`${url.pathname}${url.search}`, base.href);
    if (url.protocol === "http:")
      throw failed("an upload", { registry: place.host.name, reason: "it wants it over plain http" });
  }
  return url;
}
