import { expect, test } from "vitest";
import type { SignatureFact, SignatureVerdict } from "../../model/images/signature.ts";
import { MemorySource } from "./fixtures/memory-source.ts";
import { type Issued, type IssueOptions, PrivateSigstore, signedAt } from "./fixtures/private-sigstore.ts";
import {
  bundleLayer,
  bundleType,
  envelopeLayer,
  signBytes,
  signedEnvelope,
  simpleLayer,
  simplePayload,
  statementOf,
} from "./fixtures/sign.ts";
import { openKeylessVerifier } from "./keyless.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import { signaturePredicate } from "./statement.ts";
import { verifyImage } from "./verify-image.ts";

const sigstore = new PrivateSigstore();
const job: IssueOptions = {
  identity: "https://ci.example.test/team/app/.build.yml@refs/heads/main",
  issuer: "https://token.example.test",
};
const trust: SignaturePolicy = {
  identities: [{ identity: job.identity, issuer: job.issuer }],
  trustedRoot: () => Promise.resolve(sigstore.trustedRoot),
};

test("a bundle with a certificate is verified for its identity and issuer, and has a time", async () => {
  const [verdict, fact] = await verifyOne(bundled(), trust);
  expect(verdict.outcome).toBe("verified");
  expect(fact).toEqual({
    kind: "signature",
    format: "bundle",
    place: "referrer",
    manifest: fact?.manifest,
    verified: true,
    signer: { kind: "identity", identity: job.identity, issuer: job.issuer },
    time: signedAt.toISOString(),
  });
});

test("a bundle may sign the image's manifest itself", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const message = source.manifests.get(digest) ?? Buffer.alloc(0);
  const signer = sigstore.issue(job);
  const signature = signBytes(signer, message);
  const messageSignature = {
    messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(digest.slice(7), "hex").toString("base64") },
    signature: signature.toString("base64"),
  };
  const material = materialOf(signer, sigstore.entryForMessage(message, signature, signer));
  source.putReferrer(digest, bundleType, [bundleLayer({ messageSignature }, material)]);
  const verdict = await verifyImage(source, { repository: "app", digest }, trust);
  expect(verdict.outcome).toBe("verified");
  source.manifests.delete(digest);
  const without = await verifyImage(source, { repository: "app", digest }, trust);
  expect(without.signatures[0]?.reason).toContain("is not in the registry");
});

test("what older versions of cosign write into annotations is verified too", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const signer = sigstore.issue(job);
  const payload = simplePayload(digest);
  const signature = signBytes(signer, payload);
  const proof = {
    "dev.sigstore.cosign/certificate": signer.pem,
    "dev.sigstore.cosign/bundle": sigstore.receipt(sigstore.entryForMessage(payload, signature, signer)),
  };
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signature, proof)]);
  const envelope = signedEnvelope(signer, statementOf(digest, "https://slsa.dev/provenance/v1"));
  const receipt = sigstore.receipt(sigstore.entryForEnvelope(envelope));
  const annotations = { "dev.sigstore.cosign/certificate": signer.pem, "dev.sigstore.cosign/bundle": receipt };
  source.putUnderTag(digest, "att", [envelopeLayer(envelope, annotations)]);
  const { signatures } = await verifyImage(source, { repository: "app", digest }, trust);
  expect(signatures.map(({ kind, verified, time }) => ({ kind, verified, time }))).toEqual([
    { kind: "signature", verified: true, time: signedAt.toISOString() },
    { kind: "attestation", verified: true, time: signedAt.toISOString() },
  ]);
});

test("the wanted identity and issuer are compared as a whole, not found somewhere inside", async () => {
  const wanted = (identity: string, issuer: string = job.issuer) => ({ ...trust, identities: [{ identity, issuer }] });
  const outcomes = async (policy: SignaturePolicy) => (await verifyOne(bundled(), policy))[0].outcome;
  expect(await outcomes(wanted("https://ci.example.test/team/*"))).toBe("verified");
  expect(await outcomes(wanted("https://ci.example.test/team/app"))).toBe("not-verified");
  expect(await outcomes(wanted("https://ci.exampleXtest/team/*"))).toBe("not-verified");
  expect(await outcomes(wanted(".*"))).toBe("not-verified");
  expect(await outcomes(wanted(job.identity, "https://token.example"))).toBe("not-verified");
  const [, fact] = await verifyOne(bundled(), wanted("somebody@example.test"));
  expect(fact).toMatchObject({
    verified: false,
    signer: { kind: "identity", identity: job.identity },
    reason: "its signer is not trusted",
  });
});

test("a certificate of another authority proves nobody", async () => {
  const other = new PrivateSigstore();
  const [verdict, fact] = await verifyOne(bundled({}, other), trust);
  expect(verdict.outcome).toBe("not-verified");
  expect(fact?.signer).toBeUndefined();
  expect(fact?.reason).toMatch(/^its certificate or proof is not valid: /);
});

test.each<[string, Partial<IssueOptions>]>([
  ["that is not for signing code", { usage: "1.3.6.1.5.5.7.3.1" }],
  ["that no log of certificates knows", { logged: false }],
  ["that had expired when it signed", { age: 3600 }],
  ["that was not yet valid when it signed", { age: -60 }],
])("a certificate %s proves nobody", async (_, options) => {
  const [verdict, fact] = await verifyOne(bundled(options), trust);
  expect(verdict.outcome).toBe("not-verified");
  expect(fact?.signer).toBeUndefined();
});

test("a long statement is read when somebody who is trusted makes it, and not for others", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const signer = sigstore.issue(job);
  const predicateType = "https://spdx.dev/Document";
  const predicate = { list: Array.from({ length: 1_100_000 }, () => 1) };
  const dsseEnvelope = signedEnvelope(signer, { ...statementOf(digest, predicateType), predicate });
  const material = materialOf(signer, sigstore.entryForEnvelope(dsseEnvelope));
  source.putReferrer(digest, bundleType, [bundleLayer({ dsseEnvelope }, material)]);
  const verify = (identity: string) =>
    verifyImage(source, { repository: "app", digest }, { ...trust, predicateType, identities: [{ ...job, identity }] });
  expect(await verify(job.identity)).toMatchObject({ outcome: "verified", signatures: [{ predicateType }] });
  const { signatures } = await verify("somebody@example.test");
  expect(signatures[0]).toMatchObject({ kind: "attestation", verified: false, signer: { identity: job.identity } });
  expect(signatures[0]?.predicateType).toBeUndefined();
});

test("a name or an issuer with a byte beyond ASCII names nobody, though it looks like another without its top bit", async () => {
  const wanted = (identity: string, issuer: string) => ({ ...trust, identities: [{ identity, issuer }] });
  for (const [own, policy] of [
    [{ identity: "https://ci.example.test/\u00af\u00af" }, wanted("https://ci.example.test/B/B/", job.issuer)],
    [{ issuer: "https://\u00af.example.test" }, wanted(job.identity, "https://B/.example.test")],
  ] as const) {
    const [verdict, fact] = await verifyOne(bundled(own), policy);
    expect(verdict.outcome).toBe("not-verified");
    expect(fact?.reason).toBe("its certificate has an identity with non-ASCII characters");
  }
});

test("a bundle without an log entry, or with that of another signature, is not verified", async () => {
  const without = await verifyOne((digest) => keylessLayer(digest, { entries: () => [] }), trust);
  expect(without[0].outcome).toBe("not-verified");
  const foreign = await verifyOne((digest) => keylessLayer(digest, { entries: () => [entryOfAnother(digest)] }), trust);
  expect(foreign[0].outcome).toBe("not-verified");
  const many = (digest: string) => keylessLayer(digest, { entries: (own) => Array.from({ length: 9 }, () => own) });
  expect((await verifyOne(many, trust))[1]?.reason).toContain("more than 8");
});

test("an entry with its proof of inclusion alone proves no time, so that the signature is not verified", async () => {
  const proofOnly = (digest: string) =>
    keylessLayer(digest, { entries: (own) => [{ ...own, inclusionPromise: undefined }] });
  const [{ outcome }, fact] = await verifyOne(proofOnly, trust);
  expect(outcome).toBe("not-verified");
  expect(fact?.reason).toContain("its certificate or proof is not valid");
});

test("without identities a certificate is not looked at, and without a trusted root nobody can tell", async () => {
  const rootAsked = { ...trust, identities: [], trustedRoot: () => Promise.reject(new Error("asked for")) };
  expect((await verifyOne(bundled(), rootAsked))[0].outcome).toBe("not-verified");
  const { trustedRoot: _, ...rootless } = trust;
  const [verdict, fact] = await verifyOne(bundled(), rootless);
  expect(verdict.outcome).toBe("cannot-tell");
  expect(verdict.problems.map(({ message }) => message)).toEqual([
    "certificates were not examined: no trusted root found",
  ]);
  expect(fact?.reason).toBe("its certificate could not be examined");
});

test("a trusted root that cannot be read is an error", async () => {
  const good = sigstore.trustedRoot.toString();
  const bad = ["", "[]", "{}", '{"tlogs": [], "tlogs": []}', good.replace("trustedroot", "other")];
  for (const root of [...bad, good.replace(/"rawBytes":"[^"]*"/g, '"rawBytes":"AAAA"')]) {
    expect(() => openKeylessVerifier(Buffer.from(root))).toThrow(expect.objectContaining({ code: "file-malformed" }));
  }
  for (const [change, reason] of [
    [
      { certificateAuthorities: [{ uri: "https://fulcio.example.test" }] },
      "one of its certificate authorities has no certificate",
    ],
    [{ certificateAuthorities: [null] }, "one of its certificate authorities has no certificate"],
    [{ tlogs: {} }, "its tlogs are not a list of objects"],
    [{ ctlogs: [{ baseUrl: "https://ctfe.example.test" }] }, "one of its certificates or keys cannot be read"],
  ] as const) {
    const root = Buffer.from(JSON.stringify({ ...JSON.parse(good), ...change }));
    expect(() => openKeylessVerifier(root)).toThrow(`the trusted root cannot be used: ${reason}`);
  }
});

function bundled(options: Partial<IssueOptions> = {}, by: PrivateSigstore = sigstore): (digest: string) => Layer {
  return (digest) => keylessLayer(digest, { options, by });
}

type Layer = ReturnType<typeof bundleLayer>;

interface KeylessLayerOptions {
  readonly options?: Partial<IssueOptions>;
  readonly by?: PrivateSigstore;
  readonly entries?: (own: object) => readonly object[];
}

function keylessLayer(
  digest: string,
  { options = {}, by = sigstore, entries = (own) => [own] }: KeylessLayerOptions,
): Layer {
  const signer = by.issue({ ...job, ...options });
  const dsseEnvelope = signedEnvelope(signer, statementOf(digest, signaturePredicate));
  return bundleLayer({ dsseEnvelope }, materialOf(signer, ...entries(by.entryForEnvelope(dsseEnvelope))));
}

function entryOfAnother(digest: string): object {
  const signer = sigstore.issue(job);
  return sigstore.entryForEnvelope(signedEnvelope(signer, statementOf(digest, signaturePredicate)));
}

function materialOf({ certificate }: Issued, ...tlogEntries: readonly object[]): object {
  return { certificate: { rawBytes: certificate.toString("base64") }, tlogEntries };
}

async function verifyOne(
  layer: (digest: string) => Layer,
  policy: SignaturePolicy,
): Promise<[SignatureVerdict, SignatureFact | undefined]> {
  const source = new MemorySource();
  const digest = source.putImage();
  source.putReferrer(digest, bundleType, [layer(digest)]);
  const verdict = await verifyImage(source, { repository: "app", digest }, policy);
  return [verdict, verdict.signatures[0]];
}
