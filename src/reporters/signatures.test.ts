import { expect, test } from "vitest";
import type { SignatureFact, SignatureVerdict } from "../model/images/signature.ts";
import { referenceVerdictText, signatureJson, signatureText } from "./signatures.ts";

const key: SignatureFact = {
  kind: "signature",
  format: "simple-signing",
  place: "tag",
  manifest: "sha256:11",
  verified: true,
  signer: { kind: "key", fingerprint: "sha256:ab" },
  annotations: { stage: "production" },
};
const identity: SignatureFact = {
  kind: "attestation",
  format: "bundle",
  place: "referrer",
  manifest: "sha256:22",
  verified: false,
  signer: { kind: "identity", identity: "me@example.test", issuer: "https://id.example.test" },
  predicateType: "https://slsa.dev/provenance/v1",
  time: "2026-03-01T12:00:00.000Z",
  reason: "its signer is not trusted",
};
const verdict: SignatureVerdict = {
  repository: "example.test/app",
  digest: "sha256:00",
  outcome: "verified",
  signatures: [identity, key],
  problems: [],
};

function told(changes: Partial<SignatureVerdict>): string {
  return [...signatureText({ ...verdict, ...changes })].join("");
}

test("the answer comes first, then what counts, then what does not and why", () => {
  expect(told({})).toBe(`example.test/app@sha256:00 is verified.

  signature
    by       the key sha256:ab
    says     stage=production
    in       sha256:11 (tag)

Not counted:
  attestation  https://slsa.dev/provenance/v1
    by       me@example.test (issuer https://id.example.test)
    at       2026-03-01T12:00:00.000Z
    but      its signer is not trusted
    in       sha256:22 (referrer)
`);
});

test("an image without signatures and one that could not be looked at have other answers", () => {
  expect(told({ outcome: "not-verified", signatures: [] })).toBe(
    "example.test/app@sha256:00 is not verified: no signature was found.\n",
  );
  expect(told({ outcome: "not-verified", signatures: [identity] })).toMatch(
    "example.test/app@sha256:00 is not verified: no trusted signature was found.\n\nFound, but not verified:\n",
  );
  const problems = [{ code: "unreadable", message: "the referrers could not be examined: no answer" }] as const;
  expect(told({ outcome: "cannot-tell", signatures: [], problems })).toBe(
    "example.test/app@sha256:00 cannot be verified: some of the data could not be read.\n\nNot examined:\n  the referrers could not be examined: no answer\n",
  );
});

test("nothing in the lines can steer a terminal", () => {
  const evil = "\u001b[2J\r\n\u202e";
  const fact: SignatureFact = {
    ...identity,
    signer: { kind: "identity", identity: evil, issuer: evil },
    predicateType: evil,
    annotations: { [evil]: evil },
    reason: evil,
    time: evil,
    manifest: evil,
  };
  const problems = [{ code: "unreadable", message: evil }] as const;
  for (const line of signatureText({ ...verdict, repository: evil, signatures: [fact], problems })) {
    expect(line).toMatch(/^\n?[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n*$/u);
  }
});

test("the answer about a reference begins with what the reference stands for", () => {
  const asked = { ...verdict, reference: "example.test/app:1", kind: "image", signatures: [] } as const;
  const [first, second] = [...referenceVerdictText(asked)].join("").split("\n");
  expect(first).toBe("example.test/app:1 is an image.");
  expect(second).toBe("example.test/app@sha256:00 is verified.");
});

test("an index that is not signed names those of its images that are", () => {
  const images = [
    { platform: "linux/amd64", digest: "sha256:33", outcome: "verified" },
    { platform: "linux/arm64", digest: "sha256:44", outcome: "not-verified" },
  ] as const;
  const about = { ...verdict, reference: "example.test/app:1", kind: "index", signatures: [] } as const;
  const text = [...referenceVerdictText({ ...about, outcome: "not-verified", images })].join("");
  expect(text).toBe(
    "example.test/app:1 is an index of images.\nexample.test/app@sha256:00 is not verified: no signature was found.\n" +
      "\nThe index is not verified, but these images in it are:\n  linux/amd64  sha256:33\n" +
      "To verify one of them, use --platform.\n",
  );
});

test("the JSON is the verdict, and holds nothing that a terminal obeys", () => {
  const steering = { ...verdict, repository: "a\u009b31m\u202e" };
  expect(signatureJson(steering)).toContain("a\\u009b31m\\u202e");
  expect(JSON.parse(signatureJson(verdict))).toEqual({ schemaVersion: 1, ...verdict });
  expect(signatureJson(verdict)).toMatch(/\}\n$/);
});
