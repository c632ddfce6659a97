import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import { failed } from "../connection/registry-failure.ts";
import { pushPurpose, type RepositoryAt } from "../connection/repository-at.ts";
import { digestMismatch, digestOf } from "./content-digest.ts";
import { type Descriptor, readAnnotations, readDescriptor } from "./descriptor.ts";
import { fromTag, referrersTag } from "./list-referrers.ts";
import { ociIndexType, readManifest } from "./manifest.ts";

/** A manifest or an index that is to be pushed. */
export interface NewManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/**
 * Puts a manifest at a registry, under a tag, or under its digest alone. When it has a subject and the registry does
 * not say that it keeps a list of referrers, it is added to the index at the tag that stands in for that list.
 *
 * Errors: `manifest-malformed` for bytes that are none, `digest-mismatch` when the registry stored something else or
 * the reference has another digest, those of a request.
 * Source: OCI Distribution Specification 1.1, "Pushing Manifests", "Pushing Manifests with Subject".
 */
export async function pushManifest(
  place: RepositoryAt,
  reference: ImageReference,
  manifest: NewManifest,
): Promise<Descriptor> {
  const { bytes, mediaType } = manifest;
  const digest = digestOf(bytes, reference.digest);
  const what = referenceText(reference);
  if (reference.digest !== undefined && reference.digest !== digest) {
    throw digestMismatch(what, { wanted: reference.digest, actual: digest });
  }
  const { document } = readManifest(bytes, { digest, contentType: mediaType, what });
  const subjectKept = await put(place, { manifest, digest, name: reference.tag ?? digest, what });
  const subject = readDescriptor(document["subject"]);
  const descriptor = describe({ digest, size: bytes.length, mediaType }, document);
  if (subject && !subjectKept) await addToIndex(place, subject.digest, descriptor);
  return descriptor;
}

/** True when the registry says that it has taken note of the subject. */
async function put(
  place: RepositoryAt,
  {
    manifest,
    digest,
    name,
    what,
  }: { readonly manifest: NewManifest; readonly digest: string; readonly name: string; readonly what: string },
): Promise<boolean> {
  const answer = await place.host.send({
    method: "PUT",
    path: `/v2/${place.repository}/manifests/${name}`,
    headers: { "content-type": manifest.mediaType, "content-length": String(manifest.bytes.length) },
    body: () => manifest.bytes,
    ...pushPurpose(place),
  });
  if (answer.status < 200 || answer.status > 299) {
    throw await place.host.refusal(answer, `the push of ${what}`, pushPurpose(place));
  }
  const stored = answer.header("docker-content-digest");
  if (stored?.startsWith(digest.slice(0, 7)) && stored !== digest) {
    throw digestMismatch(what, { wanted: digest, actual: stored });
  }
  return answer.header("oci-subject") !== undefined;
}

function describe(content: Pick<Descriptor, "digest" | "size" | "mediaType">, document: JsonObject): Descriptor {
  const { artifactType, config } = document;
  const configType = isJsonObject(config) ? config["mediaType"] : undefined;
  const type = [artifactType, configType].find((value): value is string => typeof value === "string" && value !== "");
  const annotations = readAnnotations(document["annotations"]);
  return { ...content, ...(type !== undefined && { artifactType: type }), ...(annotations && { annotations }) };
}

/** Number of checks whether another client's change of the same index removed ours. */
const mostRounds = 5;

async function addToIndex(place: RepositoryAt, subject: string, descriptor: Descriptor): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    const { index } = await fromTag(place, subject);
    const listed: readonly unknown[] = Array.isArray(index?.document["manifests"]) ? index.document["manifests"] : [];
    if (listed.some((entry) => readDescriptor(entry)?.digest === descriptor.digest)) return;
    const { mediaType, digest, size, artifactType, annotations } = descriptor;
    const entry = { mediaType, digest, size, artifactType, annotations };
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests: [...listed, entry] }),
    );
    const manifest = { bytes, mediaType: ociIndexType };
    const name = referrersTag(subject);
    await put(place, { manifest, digest: digestOf(bytes), name, what: `the list of artifacts attached to ${subject}` });
  }
  throw failed("a push", {
    registry: place.host.name,
    reason: `the referrer list of ${subject} was overwritten repeatedly; the attached artifact is not in it`,
  });
}
