import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { SignatureFact } from "../../model/images/signature.ts";
import { MemorySource } from "./fixtures/memory-source.ts";
import { PrivateSigstore } from "./fixtures/private-sigstore.ts";
import { bundleLayer, bundleType, makeKey, signBytes, signedEnvelope, statementOf } from "./fixtures/sign.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import { signaturePredicate } from "./statement.ts";
import { verifyImage } from "./verify-image.ts";

const key = makeKey();
const sigstore = new PrivateSigstore();
const job = { identity: "https://ci.example.test/build", issuer: "https://token.example.test" };
const policy: SignaturePolicy = {
  keys: [key.trusted],
  identities: [job],
  trustedRoot: () => Promise.resolve(sigstore.trustedRoot),
};
type Members = Record<string, unknown>;

test.each([63, 90])(
  "a certificate or a timestamp of %i KiB is read only where somebody could have made it",
  async (size) => {
    // Sigstore's reader makes an object of every NULL.
    const nulls = Buffer.alloc(size * 768, Buffer.from([5, 0]));
    const der = Buffer.concat([Buffer.from([0x30, 0x83, 0, nulls.length >> 8, nulls.length & 255]), nulls]).toString(
      "base64",
    );
    const certificate = await keyless(({ material }) => Object.assign(material, { certificate: { rawBytes: der } }));
    const timestamps = { rfc3161Timestamps: [{ signedTimestamp: der }] };
    const timestamp = await keyless(({ material }) =>
      Object.assign(material, { timestampVerificationData: timestamps }),
    );
    const reason =
      size < 64
        ? /^its certificate or proof is not valid: /
        : /^its (certificate|timestamp) cannot be read or is too long$/;
    for (const fact of [certificate, timestamp])
      expect(fact).toMatchObject({ verified: false, reason: expect.stringMatching(reason) });
  },
);

test.each<[string, (parts: Parts) => void]>([
  ["an index of the log with a million digits", ({ proof }) => (proof["logIndex"] = "9".repeat(1_000_000))],
  ["a size of the log in hexadecimal", ({ proof }) => (proof["treeSize"] = "0x1")],
  ["a checkpoint of a mebibyte", ({ proof }) => (proof["checkpoint"] = { envelope: "a\n".repeat(500_000) })],
  ["an entry of two mebibytes", ({ entry }) => (entry["canonicalizedBody"] = "AAAA".repeat(500_000))],
  [
    "a time in hexadecimal",
    ({ entry }) => (entry["integratedTime"] = `0x${Number(entry["integratedTime"]).toString(16)}`),
  ],
  ["a time with a leading zero", ({ entry }) => (entry["integratedTime"] = `0${entry["integratedTime"]}`)],
  ["a time that is a fraction", ({ entry }) => (entry["integratedTime"] = 1.5)],
  ["a list for the kind of its entry", ({ entry }) => (entry["kindVersion"] = { kind: ["dsse"], version: "0.0.1" })],
  ["a list for a promise", ({ entry }) => (entry["inclusionPromise"] = { signedEntryTimestamp: ["AAAA"] })],
  ["a text for its entries", ({ material }) => (material["tlogEntries"] = "none")],
  ["a list for its certificate's bytes", ({ material }) => (material["certificate"] = { rawBytes: ["AAAA"] })],
  ["a number for its timestamps", ({ material }) => (material["timestampVerificationData"] = 7)],
])("a bundle with %s is refused before it is verified", async (_, change) => {
  expect(await keyless(change)).toMatchObject({
    verified: false,
    reason: expect.stringMatching(/^its (certificate|timestamp|log entry) cannot be read or is too long$/),
  });
});

test("numbers as numbers, members that are null and a proof in lines say the same", async () => {
  const fact = await keyless(({ entry, proof, material }) => {
    Object.assign(entry, { logIndex: 0, integratedTime: Number(entry["integratedTime"]) });
    Object.assign(proof, { treeSize: 1, hashes: null });
    Object.assign(material, { timestampVerificationData: null });
  });
  expect(fact).toMatchObject({ verified: true });
});

test.each<[string, (digest: Buffer) => unknown, string | undefined]>([
  ["of the manifest", (digest) => ({ algorithm: "SHA2_256", digest: digest.toString("base64") }), undefined],
  [
    "of something else",
    () => ({ algorithm: "SHA2_256", digest: Buffer.alloc(32).toString("base64") }),
    "it is about another image",
  ],
  [
    "by another hash",
    (digest) => ({ algorithm: "SHA2_512", digest: digest.toString("base64") }),
    "it is about another image",
  ],
  [
    "by a hash that nobody knows",
    (digest) => ({ algorithm: "MD5", digest: digest.toString("base64") }),
    "it has no digest of its message",
  ],
  ["that is missing", () => undefined, "it has no digest of its message"],
  ["that is a list", () => [], "it has no digest of its message"],
  ["that is empty", () => ({ algorithm: "SHA2_256", digest: "" }), "it has no digest of its message"],
])("a signature of the manifest with a digest %s counts as cosign has it", async (_, messageDigest, reason) => {
  const source = new MemorySource();
  const image = source.putImage();
  const manifest = source.manifests.get(image) ?? Buffer.alloc(0);
  const messageSignature = {
    messageDigest: messageDigest(createHash("sha256").update(manifest).digest()),
    signature: signBytes(key, manifest).toString("base64"),
  };
  source.putReferrer(image, bundleType, [bundleLayer({ messageSignature })]);
  const { signatures } = await verifyImage(source, { repository: "app", digest: image }, policy);
  expect(signatures[0]?.verified).toBe(reason === undefined);
  expect(signatures[0]?.reason).toBe(reason);
});

interface Parts {
  readonly material: Members;
  readonly entry: Members;
  readonly proof: Members;
}

/** What comes of a good bundle with a certificate after a change. */
async function keyless(change: (parts: Parts) => unknown): Promise<SignatureFact | undefined> {
  const source = new MemorySource();
  const digest = source.putImage();
  const signer = sigstore.issue(job);
  const dsseEnvelope = signedEnvelope(signer, statementOf(digest, signaturePredicate));
  const made = sigstore.entryForEnvelope(dsseEnvelope);
  const proof: Members = { ...("inclusionProof" in made && (made.inclusionProof as object)) };
  const entry: Members = { ...made, inclusionProof: proof };
  const material: Members = { certificate: { rawBytes: signer.certificate.toString("base64") }, tlogEntries: [entry] };
  change({ material, entry, proof });
  source.putReferrer(digest, bundleType, [bundleLayer({ dsseEnvelope }, material)]);
  return (await verifyImage(source, { repository: "app", digest }, policy)).signatures[0];
}
