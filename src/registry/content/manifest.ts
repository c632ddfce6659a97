import { ambiguityOf, ociMembers } from "../../io/documents/ambiguous-document.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Content } from "./content-digest.ts";

/**
 * A manifest or an index, as OCI and Docker write them.
 *
 * `mediaType` in the document and `Content-Type` of the answer should be the same. Where one is missing or says
 * nothing, the other counts, and else the members: `manifests` makes an index, `layers` a manifest. A document that is
 * both, or whose two types are of different kinds, is refused, and so is one with a member twice or in another case:
 * programs would disagree about what it is (CVE-2021-41190).
 *
 * Source: OCI image-spec 1.1, "Image Manifest", "Image Index"; distribution, "Image Manifest Version 2, Schema 2".
 */
export interface Manifest extends Content {
  readonly kind: "image" | "index";
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly document: JsonObject;
}

/** The media type of an OCI image manifest. */
export const ociManifestType = "application/vnd.oci.image.manifest.v1+json";
/** The media type of an OCI image index. */
export const ociIndexType = "application/vnd.oci.image.index.v1+json";

const kinds: ReadonlyMap<string, Manifest["kind"]> = new Map([
  [ociIndexType, "index"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "index"],
  [ociManifestType, "image"],
  ["application/vnd.docker.distribution.manifest.v2+json", "image"],
]);

/** True for the media types of indexes. */
export function isIndexType(mediaType: string): boolean {
  return kinds.get(mediaType) === "index";
}

/** What a client that reads all of these says that it accepts. */
export const acceptedManifests: readonly string[] = [...kinds.keys()];

/** Reads a manifest. `what` names it. Error: `manifest-malformed`. */
export function readManifest(
  bytes: Buffer,
  {
    digest,
    contentType,
    what,
  }: { readonly digest: string; readonly contentType: string | undefined; readonly what: string },
): Manifest {
  const document = parse(bytes, what);
  const declared = typeof document["mediaType"] === "string" ? document["mediaType"] : undefined;
  const answered = contentType?.replace(/;.*$/s, "").trim().toLowerCase();
  if (isSchema1(document, declared ?? answered)) {
    throw new PlimsollError("manifest-malformed", `${what} uses Docker's obsolete schema 1 format`, {
      hint: "Pull the image with an old client and push it again with a current one.",
    });
  }
  const known = [declared, answered].filter((type) => type !== undefined).filter((type) => kinds.has(type));
  const claims = new Set(
    [...known.map((type) => kinds.get(type)), kindOf(document, what)].filter((kind) => kind !== undefined),
  );
  const [kind] = claims;
  if (kind === undefined || claims.size > 1) {
    throw malformed(
      what,
      kind === undefined ? "it is neither a manifest nor an index" : "it is both a manifest and an index",
    );
  }
  const guess = kind === "index" ? ociIndexType : ociManifestType;
  return { kind, mediaType: known[0] ?? guess, digest, size: bytes.length, bytes, document };
}

/** `manifest-malformed`; `reason` is a clause. */
export function malformed(what: string, reason: string, hint = "Push the image again."): PlimsollError {
  return new PlimsollError("manifest-malformed", `${what} cannot be used: ${reason}`, { hint });
}

function parse(bytes: Buffer, what: string): JsonObject {
  const text = bytes.toString("utf8");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed(
      what,
      "it is not valid JSON",
      "Check that this is the address of a registry, not of a website or a network's log-in page.",
    );
  }
  if (!isJsonObject(document)) throw malformed(what, "it is not a JSON object");
  const ambiguity = ambiguityOf(text, ociMembers);
  if (ambiguity !== undefined) throw malformed(what, ambiguity);
  return document;
}

function isSchema1({ schemaVersion, fsLayers }: JsonObject, type: string | undefined): boolean {
  return schemaVersion === 1 || Array.isArray(fsLayers) || /\bdocker\.distribution\.manifest\.v1\+/.test(type ?? "");
}

/**
 * What the members say; an index of nothing is one too. A document with `blobs` is an artifact in the form of before
 * OCI 1.1.
 */
function kindOf(document: JsonObject, what: string): Manifest["kind"] | undefined {
  const index = Array.isArray(document["manifests"]);
  const artifact = typeof document["artifactType"] === "string" && Array.isArray(document["blobs"]);
  const image = Array.isArray(document["layers"]) || isJsonObject(document["config"]) || artifact;
  if (index && image) throw malformed(what, "it is both a manifest and an index");
  return index ? "index" : image ? "image" : undefined;
}
