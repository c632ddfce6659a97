import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { parseStrictJson } from "./strict-json.ts";

const largest = 4 * 1024 * 1024;

/**
 * The JSON of a trusted root, its outline looked at: the type, at least one certificate authority with a chain, and
 * lists where there must be some. A fault in its certificates and keys shows when the first signature is verified
 * against it. Error: `file-malformed`. Source: sigstore/protobuf-specs, `sigstore_trustroot.proto`.
 */
export function readTrustedRoot(bytes: Uint8Array): JsonObject {
  const document = bytes.length > largest ? "it is too large" : parseStrictJson(bytes);
  if (typeof document === "string") throw unusableRoot(document);
  const { mediaType, certificateAuthorities: authorities } = document;
  if (typeof mediaType !== "string" || !mediaType.startsWith("application/vnd.dev.sigstore.trustedroot")) {
    throw unusableRoot("it is not a trusted root document");
  }
  if (!Array.isArray(authorities) || authorities.length === 0) throw unusableRoot("it has no certificate authority");
  if (!authorities.every(hasChain)) throw unusableRoot("one of its certificate authorities has no certificate");
  for (const name of ["tlogs", "ctlogs", "timestampAuthorities"]) {
    const list = document[name] ?? [];
    if (!Array.isArray(list) || !list.every(isJsonObject)) throw unusableRoot(`its ${name} are not a list of objects`);
  }
  return document;
}

/** The error of a trusted root; the reason is a clause about "it". */
export function unusableRoot(reason: string): PlimsollError {
  return new PlimsollError("file-malformed", `the trusted root cannot be used: ${reason}`, {
    hint: "Use the trusted_root.json of the Sigstore instance that signs; cosign trusted-root create writes such a file.",
  });
}

function hasChain(authority: unknown): boolean {
  const chain = isJsonObject(authority) ? authority["certChain"] : undefined;
  const certificates = isJsonObject(chain) ? chain["certificates"] : undefined;
  return Array.isArray(certificates) && certificates.length > 0 && certificates.every(isJsonObject);
}
