import { isJsonObject } from "../../model/objects/json-object.ts";
import { decodeBase64 } from "./base64.ts";

/*
 * DSSE, Dead Simple Signing Envelope, 1.0:
 *
 *   {"payloadType": TYPE, "payload": BASE64, "signatures": [{"keyid": TEXT, "sig": BASE64}, …]}
 *
 * The signature covers "DSSEv1" SP LEN(TYPE) SP TYPE SP LEN(payload) SP payload, where LEN is the number of bytes in
 * decimal. `keyid` is a hint that anybody can change, and is not read.
 */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  /** Each once. */
  readonly signatures: readonly Buffer[];
}

/** The media type of an envelope. */
export const envelopeType = "application/vnd.dsse.envelope.v1+json";

/**
 * The most members of the JSON of an envelope, and of a bundle around one: the signed part is a text in it, and the
 * rest is not signed.
 */
export const mostEnvelopeMembers = 20_000;

const mostSignatures = 4;
const longestType = 256;

/** Reads an envelope from its JSON; the text says why it is refused, as a clause about "it". */
export function readEnvelope(document: unknown): Envelope | string {
  if (!isJsonObject(document)) return "it is not an envelope";
  const { payloadType, payload: encoded, signatures } = document;
  if (typeof payloadType !== "string" || payloadType === "" || payloadType.length > longestType) {
    return "its envelope has no type";
  }
  const payload = typeof encoded === "string" ? decodeBase64(encoded) : undefined;
  if (!payload?.length) return "its envelope has no payload in base64";
  if (!Array.isArray(signatures) || signatures.length === 0) return "its envelope has no signature";
  if (signatures.length > mostSignatures) return `its envelope has more than ${mostSignatures} signatures`;
  const decoded: Buffer[] = [];
  for (const signature of signatures) {
    const text: unknown = isJsonObject(signature) ? signature["sig"] : undefined;
    const bytes = typeof text === "string" ? decodeBase64(text) : undefined;
    if (!bytes?.length) return "its envelope has a signature that is not base64";
    if (!decoded.some((other) => other.equals(bytes))) decoded.push(bytes);
  }
  return { payloadType, payload, signatures: decoded };
}

/** The bytes that the signatures of an envelope are made over. */
export function signedBytes({ payloadType, payload }: Envelope): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
