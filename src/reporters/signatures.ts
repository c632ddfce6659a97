import type { ReferenceVerdict, SignatureFact, SignatureVerdict } from "../model/images/signature.ts";
import { harmlessJson } from "./json.ts";
import { printable } from "./terminal-text.ts";

/**
 * The verdict as lines of plain text: the answer, then the signatures that were verified, then the others with the
 * reason, then what could not be looked at. Nothing in them can steer a terminal.
 */
export function* signatureText({
  repository,
  digest,
  outcome,
  signatures,
  problems,
}: SignatureVerdict): Iterable<string> {
  const answer = outcome === "not-verified" && signatures.length === 0 ? answers.none : answers[outcome];
  yield `${printable(`${repository}@${digest}`)} ${answer}\n`;
  const [verified, others] = [signatures.filter((fact) => fact.verified), signatures.filter((fact) => !fact.verified)];
  if (verified.length > 0) yield "\n";
  for (const fact of verified) yield* factLines(fact);
  if (others.length > 0) yield `\n${verified.length > 0 ? "Not counted" : "Found, but not verified"}:\n`;
  for (const fact of others) yield* factLines(fact);
  if (problems.length > 0) yield "\nNot examined:\n";
  for (const { message } of problems) yield `  ${printable(message)}\n`;
}

/** {@link signatureText}, after a line that says what was asked about and before one on the images of an index. */
export function* referenceVerdictText(verdict: ReferenceVerdict): Iterable<string> {
  const { reference, kind, images = [] } = verdict;
  yield `${printable(reference)} is ${kind === "index" ? "an index of images" : "an image"}.\n`;
  yield* signatureText(verdict);
  const signed = images.filter(({ outcome }) => outcome === "verified");
  if (signed.length === 0) return;
  yield "\nThe index is not verified, but these images in it are:\n";
  for (const { platform, digest } of signed) yield `  ${printable(platform ?? "any platform")}  ${printable(digest)}\n`;
  yield "To verify one of them, use --platform.\n";
}

/** The verdict as JSON, with a line break at its end. */
export function signatureJson(verdict: SignatureVerdict): string {
  return `${harmlessJson(JSON.stringify({ schemaVersion: 1, ...verdict }, undefined, 2))}\n`;
}

const answers = {
  verified: "is verified.",
  "not-verified": "is not verified: no trusted signature was found.",
  none: "is not verified: no signature was found.",
  "cannot-tell": "cannot be verified: some of the data could not be read.",
};

function* factLines(fact: SignatureFact): Iterable<string> {
  const { kind, predicateType, signer, time, annotations, reason, manifest, place } = fact;
  const about = predicateType === undefined ? "" : `  ${printable(predicateType)}`;
  yield `  ${kind}${about}\n`;
  if (signer) yield `    by       ${signerText(signer)}\n`;
  if (time !== undefined) yield `    at       ${printable(time)}\n`;
  for (const [name, value] of Object.entries(annotations ?? {}))
    yield `    says     ${printable(`${name}=${value}`)}\n`;
  if (reason !== undefined) yield `    but      ${printable(reason)}\n`;
  yield `    in       ${printable(manifest)} (${place})\n`;
}

function signerText(signer: NonNullable<SignatureFact["signer"]>): string {
  if (signer.kind === "key") return `the key ${printable(signer.fingerprint)}`;
  return `${printable(signer.identity)} (issuer ${printable(signer.issuer)})`;
}
