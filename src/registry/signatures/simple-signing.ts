import { isJsonObject } from "../../model/objects/json-object.ts";
import { isDigest } from "../../model/packages/reference.ts";
import { type Claim, textAnnotations } from "./claim.ts";
import { parseStrictJson } from "./strict-json.ts";

/*
 * The payload that cosign signs, after Red Hat's "simple signing":
 *
 *   {"critical": {"identity": {"docker-reference": NAME}, "image": {"docker-manifest-digest": DIGEST}, "type": TYPE},
 *    "optional": {…} | null}
 *
 * Readers must refuse a `critical` with members that they do not know. Sources: containers/image,
 * "containers-signature(5)"; cosign, "Signature Specification".
 */

/** The media type of the payload. */
export const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";
/** The most bytes of a payload. */
export const largestPayload: number = 128 * 1024;

const types: ReadonlySet<unknown> = new Set(["cosign container image signature", "atomic container signature"]);

/** Reads a payload; the text says why it is refused, as a clause about "it". */
export function readSimpleSigning(bytes: Uint8Array): Claim | string {
  const document = parseStrictJson(bytes);
  if (typeof document === "string") return document;
  if (!hasOnly(document, ["critical", "optional"])) return "it has unknown members";
  const critical = document["critical"];
  if (!isJsonObject(critical)) return "it has no critical part";
  if (!hasOnly(critical, ["identity", "image", "type"])) return "its critical part has unknown members";
  if (!types.has(critical["type"])) return "its type is not that of an image signature";
  const image = critical["image"];
  const digest = isJsonObject(image) && hasOnly(image, ["docker-manifest-digest"]) && image["docker-manifest-digest"];
  if (typeof digest !== "string" || !isDigest(digest)) return "it has no image digest";
  const identity = critical["identity"] ?? {};
  if (!isJsonObject(identity) || !hasOnly(identity, ["docker-reference"])) return "its identity cannot be read";
  const reference = identity["docker-reference"] ?? "";
  if (typeof reference !== "string" || reference.length > 1024) return "its identity cannot be read";
  const optional = document["optional"] ?? undefined;
  if (optional !== undefined && !isJsonObject(optional)) return "its optional part is not an object";
  const annotations = textAnnotations(optional);
  return {
    kind: "signature",
    digests: [digest],
    ...(reference !== "" && { reference }),
    ...(annotations && { annotations }),
  };
}

function hasOnly(object: object, names: readonly string[]): boolean {
  return Object.keys(object).every((name) => names.includes(name));
}
