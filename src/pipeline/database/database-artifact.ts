import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, openSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { headerLength, refuseOtherFile, statedSize } from "../../advisories/database/database-file.ts";
import { formatVersion } from "../../advisories/database/database-format.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { fileIdentity, placeOf, replaceDatabase } from "../../advisories/database/replace-database.ts";
import { removeLeftovers, temporaryPath } from "../../advisories/database/temporary-files.ts";
import { type VerifiedDatabase, verifyDatabase } from "../../advisories/database/verify-database.ts";
import { decompress } from "../../io/compression/decompress.ts";
import { makeFolder } from "../../io/files/make-folder.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import type { BlobSource } from "../../registry/content/blob-source.ts";
import { readDescriptor } from "../../registry/content/descriptor.ts";
import type { SignaturePolicy } from "../../registry/signatures/signature-policy.ts";
import { nameWhatStays } from "./name-what-stays.ts";
import { refuseRollback, statusOfReadable } from "./refuse-rollback.ts";
import { requireSignature } from "./require-signature.ts";

// The database as an artifact of a registry: an OCI image manifest with `artifactType`, the empty config, and one
// layer, the database file packed with zstd. The same file gives the same manifest, so its digest dates and names a
// database. Source: OCI image-spec 1.1, "Guidelines for Artifact Usage".

const artifactType = `application/vnd.plimsoll.advisories.v${formatVersion}`;
const layerType = `${artifactType}.sqlite+zstd`;
const largestPacked: number = 8 * 1024 ** 3;
const largestDatabase: number = 64 * 1024 ** 3;
/** A database packs to about a tenth; no valid database unpacks to more than this, except a small one. */
const largestRatio = 200;
const smallDatabase: number = 64 * 1024 ** 2;

/** What was pulled. */
export interface PulledDatabase extends TransferredDatabase {
  /** What was there before; undefined when there was none that can be read. */
  readonly replaced: DatabaseStatus | undefined;
}

/** What was pushed or pulled. */
export interface TransferredDatabase {
  /** With the digest of the manifest. */
  readonly reference: string;
  readonly status: DatabaseStatus;
  readonly verified: VerifiedDatabase;
}

/** With what a database is pushed or pulled. */
export interface TransferOptions {
  /** The database file. */
  readonly database: string;
  readonly client: RegistryClient;
  readonly signal: AbortSignal;
}

/** How a database is pulled. */
export interface PullOptions extends TransferOptions {
  /** A signature that the artifact must have; none is required when absent. */
  readonly signature?: SignaturePolicy;
  /** Allows a database that is older than the one in its place, or lacks parts of it, to replace it. */
  readonly allowOlder?: boolean;
  readonly now: Date;
}

/**
 * Puts a database into a registry, after it was verified; as `latest` where the reference says nothing else.
 *
 * Errors: `database-not-found`, `database-malformed`, `output-not-written` for the temporary packed file beside the
 * database, those of the client.
 */
export async function pushDatabase(
  reference: ImageReference,
  { database, client, signal }: TransferOptions,
): Promise<TransferredDatabase> {
  const path = resolve(database);
  const verified = await verifyDatabase(path, { signal });
  const status = statusOf(path);
  using packed = new TemporaryFile(path, "packed");
  const blob = await pack(path, { packed: packed.path, signal });
  const place = orLatest(reference);
  const { digest } = await client.pushArtifact(place, {
    artifactType,
    layers: [
      { mediaType: layerType, blob, annotations: { "org.opencontainers.image.title": "advisories.sqlite.zst" } },
    ],
    annotations: {
      "org.opencontainers.image.created": status.builtAt,
      "org.opencontainers.image.title": "Plimsoll advisory database",
      "dev.plimsoll.content": verified.digest,
    },
  });
  return { reference: referenceText({ ...place, digest }), status, verified };
}

/**
 * Takes a database from a registry and puts it in its place in one step when it is whole and verified, and can be
 * opened. A symbolic link stays, and what it points to is replaced. A signature is verified before the database is
 * downloaded: it is of the manifest's digest, and the manifest names the digest of the database.
 *
 * Errors: `signature-not-verified`, `database-rollback`, `feed-malformed` for what is not a database of this format,
 * `database-malformed`, `limit-exceeded`, `output-not-written`, those of the client. Whatever goes wrong, the database
 * that was there before stays.
 */
export async function pullDatabase(reference: ImageReference, options: PullOptions): Promise<PulledDatabase> {
  const path = placeToWrite(options.database);
  try {
    return await pullTo(path, reference, options);
  } catch (cause) {
    throw nameWhatStays(cause, path);
  }
}

async function pullTo(
  path: string,
  reference: ImageReference,
  { database, client, signal, signature, allowOlder = false, now }: PullOptions,
): Promise<PulledDatabase> {
  const place = orLatest(reference);
  const manifest = await client.manifest(place);
  const name = referenceText(place);
  const layer = layerOf(manifest.document, name);
  if (signature) await requireSignature({ ...place, digest: manifest.digest }, { client, policy: signature });
  using pulled = new TemporaryFile(path, "pulled");
  const pieces = decompress(client.blob(reference, layer), { signal, limit: largestDatabase, anyRatio: true });
  const most = Math.min(largestDatabase, Math.max(smallDatabase, layer.size * largestRatio));
  try {
    makeFolder(dirname(path));
    removeLeftovers(path);
    const checked = databasePieces(pieces, { name, most });
    // Opened at once: a stream that fails early would make the file when it has been removed.
    const fd = openSync(pulled.path, "wx", 0o644);
    await pipeline(checked, createWriteStream(pulled.path, { fd, flush: true }), { signal });
  } catch (cause) {
    if (cause instanceof PlimsollError) throw ofLayer(cause, name);
    if (signal.aborted) throw new PlimsollError("cancelled", `pulling ${name} was cancelled`);
    throw notWritten(path, cause);
  }
  const { verified, status } = await examine(pulled.path, signal).catch((cause: unknown) => {
    if (!(cause instanceof PlimsollError) || cause.code !== "database-malformed") throw cause;
    throw notDatabase(name, { reason: cause.message.replace(pulled.path, "what came"), cause });
  });
  const replaced = putInPlace(pulled.path, {
    path,
    refuse: (present) => {
      if (!allowOlder) refuseRollback({ name, next: status, place: path, present, now });
    },
  });
  return {
    reference: referenceText({ ...place, digest: manifest.digest }),
    status: { ...status, path: resolve(database) },
    verified,
    replaced,
  };
}

/**
 * Puts a finished database in its place, after `refuse` has seen what is there; gives what was there. Where an update
 * puts another one there meanwhile, that one is looked at too. Errors: `output-not-written`, those of `refuse`.
 */
function putInPlace(
  finished: string,
  { path, refuse }: { readonly path: string; readonly refuse: (present: DatabaseStatus | undefined) => void },
): DatabaseStatus | undefined {
  try {
    for (;;) {
      const identity = fileIdentity(path);
      const present = statusOfReadable(path);
      refuse(present);
      if (replaceDatabase(finished, { place: path, madeFrom: { identity } })) return present;
    }
  } catch (cause) {
    throw cause instanceof PlimsollError ? cause : notWritten(path, cause);
  }
}

/** Passes on what comes as long as it can be the database that its first bytes say it is. Error: `feed-malformed`. */
async function* databasePieces(
  pieces: AsyncIterable<Buffer>,
  { name, most }: { readonly name: string; readonly most: number },
): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  let size: number | undefined;
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (size === undefined) {
      head = Buffer.concat([head, piece]);
      if (head.length < headerLength) continue;
      size = statedSize(head);
      if (size === undefined) throw notDatabase(name, { reason: "the artifact is not an advisory database" });
      if (size > most) throw notDatabase(name, { reason: `the artifact has a stated size of ${size} bytes` });
      yield head;
    } else yield piece;
    if (length > size)
      throw notDatabase(name, { reason: `the artifact is larger than its stated size of ${size} bytes` });
  }
  if (size === undefined) throw notDatabase(name, { reason: "the artifact is not an advisory database" });
}

/** Adds the layer's name to the fault of its bytes. */
function ofLayer(cause: PlimsollError, name: string): PlimsollError {
  if (cause.code === "archive-malformed") return notDatabase(name, { reason: cause.message, cause });
  if (cause.code !== "digest-mismatch" || cause.message.includes(name)) return cause;
  return new PlimsollError(cause.code, `${name}: ${cause.message}`, {
    cause,
    ...(cause.hint !== undefined && { hint: cause.hint }),
  });
}

/** Error: `output-not-written`. */
function placeToWrite(database: string): string {
  let path: string;
  try {
    path = placeOf(database);
  } catch (cause) {
    throw notWritten(resolve(database), cause);
  }
  refuseOtherFile(path);
  return path;
}

async function examine(path: string, signal: AbortSignal): Promise<Pick<TransferredDatabase, "verified" | "status">> {
  const verified = await verifyDatabase(path, { signal });
  return { verified, status: statusOf(path) };
}

function orLatest(reference: ImageReference): ImageReference {
  return (reference.tag ?? reference.digest) === undefined ? { ...reference, tag: "latest" } : reference;
}

function statusOf(path: string): DatabaseStatus {
  const index = openAdvisoryDatabase(path);
  index.close();
  return index.status;
}

function layerOf(document: unknown, name: string): { readonly digest: string; readonly size: number } {
  const layers = isJsonObject(document) && Array.isArray(document["layers"]) ? document["layers"] : [];
  const descriptors = layers.map(readDescriptor);
  const layer = descriptors.find((one) => one?.mediaType === layerType);
  const old = descriptors.find((one) => one?.mediaType.startsWith("application/vnd.plimsoll.advisories."));
  if (!layer) {
    const what = old ? `is a database of another format (${old.mediaType})` : "is not an advisory database";
    throw new PlimsollError("feed-malformed", `${name} ${what}`, {
      hint: "Push one with `plimsoll db push` from the same release of Plimsoll.",
    });
  }
  if (layer.size > largestPacked) {
    throw new PlimsollError("limit-exceeded", `${name} is ${layer.size} bytes; the limit is ${largestPacked} bytes`);
  }
  return layer;
}

/** Packs a file, always to the same bytes. */
async function pack(
  path: string,
  { packed, signal }: { readonly packed: string; readonly signal: AbortSignal },
): Promise<BlobSource> {
  const hash = createHash("sha256");
  let size = 0;
  const measure = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      size += piece.length;
      done(null, piece);
    },
  });
  const level = { params: { [constants.ZSTD_c_compressionLevel]: 12, [constants.ZSTD_c_checksumFlag]: 1 } };
  try {
    await pipeline(createReadStream(path), createZstdCompress(level), measure, createWriteStream(packed), { signal });
  } catch (cause) {
    if (signal.aborted) throw new PlimsollError("cancelled", `packing ${path} was cancelled`);
    throw notWritten(packed, cause);
  }
  return { digest: `sha256:${hash.digest("hex")}`, size, open: () => createReadStream(packed) };
}

/** A name beside a file, free again at the end. */
class TemporaryFile {
  readonly path: string;

  constructor(beside: string, kind: "pulled" | "packed") {
    this.path = temporaryPath(beside, kind);
  }

  [Symbol.dispose](): void {
    try {
      rmSync(this.path, { force: true });
    } catch {
      // The file never existed, because its parent is not a folder; the next run removes leftovers.
    }
  }
}

function notDatabase(
  name: string,
  { reason, cause }: { readonly reason: string; readonly cause?: PlimsollError },
): PlimsollError {
  return new PlimsollError("feed-malformed", `${name} does not contain a complete database: ${reason}`, {
    hint: "Push it again.",
    ...(cause && { cause }),
  });
}

function notWritten(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("output-not-written", `${path} cannot be written: ${reasonOf(cause)}`, {
    hint: "Check that its folder can be written to and has room; what was there before is unchanged.",
    cause,
  });
}
