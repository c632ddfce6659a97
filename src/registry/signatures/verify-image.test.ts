import { expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import type { SignatureVerdict } from "../../model/images/signature.ts";
import { digestOf } from "../content/content-digest.ts";
import { MemorySource } from "./fixtures/memory-source.ts";
import {
  bundleLayer,
  bundleType,
  envelopeLayer,
  makeKey,
  signBytes,
  signedEnvelope,
  simpleLayer,
  simplePayload,
  statementOf,
} from "./fixtures/sign.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import { simpleSigningType } from "./simple-signing.ts";
import { signaturePredicate } from "./statement.ts";
import { verifyImage } from "./verify-image.ts";

const key = makeKey();
const other = makeKey();
const artifactType = "application/vnd.dev.cosign.artifact.sig.v1+json";
const provenance = "https://slsa.dev/provenance/v1";
const signer = { kind: "key", fingerprint: key.trusted.fingerprint };

test("signatures are found under cosign's tags, as referrers and in bundles", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest, { stage: "production", builds: 7 });
  const first = source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  const second = source.putUnderTag(digest, "att", [
    envelopeLayer(signedEnvelope(key, statementOf(digest, provenance))),
  ]);
  const third = source.putReferrer(digest, artifactType, [simpleLayer(payload, signBytes(key, payload))]);
  const statement = statementOf(digest, signaturePredicate, { annotations: { stage: "test" } });
  const fourth = source.putReferrer(digest, bundleType, [
    bundleLayer({ dsseEnvelope: signedEnvelope(key, statement) }),
  ]);
  const verdict = await verify(source, digest);
  expect(verdict).toEqual({
    repository: "team/app",
    digest,
    outcome: "verified",
    problems: [],
    signatures: [
      fact({ format: "simple-signing", place: "tag", manifest: first, annotations: { stage: "production" } }),
      fact({ kind: "attestation", format: "envelope", place: "tag", manifest: second, predicateType: provenance }),
      fact({ format: "simple-signing", place: "referrer", manifest: third, annotations: { stage: "production" } }),
      fact({ format: "bundle", place: "referrer", manifest: fourth, annotations: { stage: "test" } }),
    ],
  });
});

test("a bundle with a public key may sign the image's manifest itself", async () => {
  const [source, digest] = signed();
  const signature = signBytes(key, source.manifests.get(digest) ?? Buffer.alloc(0)).toString("base64");
  const messageDigest = {
    algorithm: "SHA2_256",
    digest: Buffer.from(digest.slice("sha256:".length), "hex").toString("base64"),
  };
  source.putReferrer(digest, bundleType, [bundleLayer({ messageSignature: { messageDigest, signature } })]);
  expect((await verify(source, digest)).outcome).toBe("verified");
});

test("a signature in lines, as base64 of coreutils writes it and cosign attach keeps it, is verified", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest);
  const text = signBytes(key, payload).toString("base64").replace(/.{76}/g, "$&\n");
  source.putUnderTag(digest, "sig", [
    simpleLayer(payload, Buffer.alloc(0), { "dev.cosignproject.cosign/signature": `${text}\n` }),
  ]);
  expect((await verify(source, digest)).outcome).toBe("verified");
});

test.each(["application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", "application/vnd.example"])(
  "an attestation in a referrer of the type %s is found",
  async (type) => {
    const [source, digest] = signed();
    source.putReferrer(digest, type, [envelopeLayer(signedEnvelope(key, statementOf(digest, provenance)))]);
    if (type !== "application/vnd.example") {
      expect((await verify(source, digest, { predicateType: provenance })).outcome).toBe("verified");
    }
    // A registry's client has read the manifest when it says what it is.
    const [first] = source.listed;
    const manifest = first && (await source.manifest("team/app", first.digest));
    source.listed.splice(0, 1, { ...first, digest: first?.digest ?? "", ...(manifest && { manifest }) });
    expect((await verify(source, digest, { predicateType: provenance })).outcome).toBe("verified");
  },
);

test("one trusted signature among others is enough, and the others tell why they are none", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest);
  const layers = [other, key, other].map((by) => simpleLayer(payload, signBytes(by, payload)));
  source.putUnderTag(digest, "sig", layers);
  const { outcome, signatures } = await verify(source, digest);
  expect(outcome).toBe("verified");
  const lines = signatures.map(({ verified, reason, signer: by }) => ({ verified, reason, by }));
  const stranger = { verified: false, reason: "it was not made with any of the keys", by: undefined };
  expect(lines).toEqual([stranger, { verified: true, reason: undefined, by: signer }, stranger]);
});

test("an attestation is not a signature, and a signature no attestation", async () => {
  const [source, digest] = signed();
  source.putUnderTag(digest, "att", [envelopeLayer(signedEnvelope(key, statementOf(digest, provenance)))]);
  expect((await verify(source, digest)).outcome).toBe("not-verified");
  expect((await verify(source, digest, { predicateType: provenance })).outcome).toBe("verified");
  const { outcome, signatures } = await verify(source, digest, { predicateType: "https://spdx.dev/Document" });
  expect(outcome).toBe("not-verified");
  expect(signatures[0]).toMatchObject({ predicateType: provenance, signer, verified: false });
  const [plain, image] = signed();
  const payload = simplePayload(image);
  plain.putUnderTag(image, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  expect(await verify(plain, image, { predicateType: provenance })).toMatchObject({
    outcome: "not-verified",
    signatures: [{ verified: false, reason: "it is a signature, but an attestation is required" }],
  });
});

test.each([
  ["https://spdx.dev/Document/*", "https://spdx.dev/Document", "verified"],
  ["https://spdx.dev/Document/*", "https://spdx.dev/Document/v2.3", "verified"],
  ["https://spdx.dev/Document/*", "https://spdx.dev/Documents", "not-verified"],
  ["https://spdx.dev/Document", "https://spdx.dev/Document/v2.3", "not-verified"],
])("asked for %s, an attestation of the type %s is %s", async (wanted, type, outcome) => {
  const [source, digest] = signed();
  source.putUnderTag(digest, "att", [envelopeLayer(signedEnvelope(key, statementOf(digest, type)))]);
  expect((await verify(source, digest, { predicateType: wanted })).outcome).toBe(outcome);
});

test("signatures of a kind that is not read are told of, once for each kind", async () => {
  const notation = "application/vnd.cncf.notary.signature";
  const newer = "application/vnd.dev.sigstore.bundle.v0.4+json";
  const layer = (mediaType: string, text: string) => ({ mediaType, content: Buffer.from(text) });
  const [source, digest] = signed();
  source.putReferrer(digest, notation, [layer("application/jose+json", "{}")]);
  source.putReferrer(digest, notation, [layer("application/cose", "x")]);
  const told = (type: string) => ({
    code: "not-examined",
    message: `the image has signatures of an unsupported type (${type})`,
  });
  expect(await verify(source, digest)).toMatchObject({
    outcome: "cannot-tell",
    signatures: [],
    problems: [told(notation)],
  });
  source.putReferrer(digest, "", [layer(newer, "{}")]);
  expect((await verify(source, digest)).problems).toEqual([told(notation), told(newer)]);
  const payload = simplePayload(digest);
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  expect((await verify(source, digest)).outcome).toBe("verified");
});

test("wanted annotations and a wanted name must be signed", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest, { stage: "production" }, "registry.example.test/team/app:1");
  const unsigned = { stage: "test", "dev.sigstore.cosign/stage": "test" };
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload), unsigned)]);
  const outcome = async (policy: SignaturePolicy) => (await verify(source, digest, policy)).outcome;
  expect(await outcome({ annotations: { stage: "production" } })).toBe("verified");
  expect(await outcome({ annotations: { stage: "test" } })).toBe("not-verified");
  expect(await outcome({ annotations: { toString: "x" } })).toBe("not-verified");
  source.putUnderTag(digest, "att", [envelopeLayer(signedEnvelope(key, statementOf(digest, provenance)))]);
  const { signatures } = await verify(source, digest, {
    predicateType: provenance,
    annotations: { stage: "production" },
  });
  expect(signatures[1]?.reason).toBe("it is an attestation, which has no annotations, but annotations are required");
  expect(await outcome({ reference: "registry.example.test/team/app" })).toBe("verified");
  expect(await outcome({ reference: "registry.example.test/team/app:1" })).toBe("verified");
  expect(await outcome({ reference: "registry.example.test/team/app:2" })).toBe("not-verified");
  expect(await outcome({ reference: "registry.example.test/team/ap" })).toBe("not-verified");
  expect(await outcome({ reference: "team/app" })).toBe("not-verified");
});

test("an image without signatures is not verified, and a policy that trusts nobody verifies nothing", async () => {
  const [source, digest] = signed();
  expect(await verify(source, digest)).toMatchObject({ outcome: "not-verified", signatures: [], problems: [] });
  const payload = simplePayload(digest);
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  expect((await verify(source, digest, { keys: [] })).outcome).toBe("not-verified");
});

test("what cannot be looked at makes cannot-tell of not verified, and no difference to verified", async () => {
  const [source, digest] = signed();
  source.referrers = () => {
    throw new PlimsollError("registry-unreachable", "the registry does not respond");
  };
  const verdict = await verify(source, digest);
  expect(verdict).toMatchObject({ outcome: "cannot-tell", signatures: [] });
  expect(verdict.problems).toEqual([
    { code: "unreadable", message: "the referrers could not be examined: the registry does not respond" },
  ]);
  const payload = simplePayload(digest);
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  expect(await verify(source, digest)).toMatchObject({ outcome: "verified", problems: verdict.problems });
});

test("an interruption and a fault of ours end it, a blob that fails does not", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest);
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  const failing = (cause: Error) => Object.assign(source, { blob: () => Promise.reject(cause) });
  failing(new PlimsollError("registry-failed", "the registry broke off"));
  expect(await verify(source, digest)).toMatchObject({ outcome: "cannot-tell", signatures: [] });
  failing(new PlimsollError("image-not-found", "there is none"));
  expect(await verify(source, digest)).toMatchObject({
    outcome: "not-verified",
    signatures: [{ verified: false, reason: "its content is not in the registry" }],
  });
  for (const cause of [new PlimsollError("cancelled", "it was interrupted"), new TypeError("a fault")]) {
    failing(cause);
    await expect(verify(source, digest)).rejects.toBe(cause);
  }
});

test("a tag in place of a digest, and more keys than are useful, are wrong usage", async () => {
  const [source, digest] = signed();
  await expect(verify(source, "latest")).rejects.toMatchObject({ code: "usage" });
  const keys = Array.from({ length: 17 }, () => key.trusted);
  await expect(verify(source, digest, { keys })).rejects.toMatchObject({ code: "usage" });
});

test("an image with a SHA-512 digest has only referrers, its tag would be too long", async () => {
  const source = new MemorySource();
  const digest = `sha512:${"ab".repeat(64)}`;
  const envelope = signedEnvelope(key, statementOf(digest, signaturePredicate));
  source.putReferrer(digest, bundleType, [bundleLayer({ dsseEnvelope: envelope })]);
  expect((await verify(source, digest)).outcome).toBe("verified");
});

test("a manifest that is listed twice counts once, and foreign referrers are not fetched", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest);
  source.putReferrer(digest, artifactType, [simpleLayer(payload, signBytes(key, payload))]);
  source.listed.push(...source.listed, { digest: `sha256:${"0".repeat(64)}`, artifactType: "application/spdx+json" });
  const { signatures, problems } = await verify(source, digest);
  expect(signatures).toHaveLength(1);
  expect(problems).toEqual([]);
});

test.each<[string, (manifest: string) => string]>([
  ["a name that comes twice", (text) => text.replace('"schemaVersion":2', '"schemaVersion":1,"schemaVersion":2')],
  ["a byte order mark", (text) => `\ufeff${text}`],
  ["lists in lists", (text) => text.replace("{", `{"deep":${"[".repeat(80)}${"]".repeat(80)},`)],
])("%s in a foreign referrer stands in no way, in one of signatures it is told", async (_, loosen) => {
  for (const [type, outcome] of [
    ["application/vnd.example", "not-verified"],
    [artifactType, "cannot-tell"],
    [bundleType, "cannot-tell"],
    ["application/vnd.oci.empty.v1+json", "cannot-tell"],
    ["", "cannot-tell"],
    ["application/vnd.cncf.notary.signature", "cannot-tell"],
  ] as const) {
    const [source, digest] = signed();
    const payload = simplePayload(digest);
    const good = source.putReferrer(digest, type, [simpleLayer(payload, signBytes(key, payload))]);
    const bytes = Buffer.from(loosen(source.manifests.get(good)?.toString() ?? ""));
    // As a registry's client does it, the manifest comes with its place in the list.
    const manifest = { bytes, mediaType: "", digest: digestOf(bytes) };
    source.referrers = async function* () {
      yield { digest: manifest.digest, artifactType: type, manifest };
    };
    expect((await verify(source, digest)).outcome, type).toBe(outcome);
    source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
    expect((await verify(source, digest)).outcome, type).toBe("verified");
  }
});

test("registries that list a referrer without its type, or with that of its config, hide nothing", async () => {
  for (const listed of [undefined, "application/vnd.oci.empty.v1+json", "application/vnd.oci.image.config.v1+json"]) {
    const [source, digest] = signed();
    const envelope = signedEnvelope(key, statementOf(digest, signaturePredicate));
    const referrer = source.putReferrer(digest, bundleType, [bundleLayer({ dsseEnvelope: envelope })]);
    source.listed.splice(0, 1, { digest: referrer, ...(listed !== undefined && { artifactType: listed }) });
    expect((await verify(source, digest)).outcome).toBe("verified");
  }
});

test("layers of other kinds beside a signature are passed over", async () => {
  const [source, digest] = signed();
  const payload = simplePayload(digest);
  const stranger = { mediaType: "text/plain", content: Buffer.from("hello") };
  source.putUnderTag(digest, "sig", [stranger, simpleLayer(payload, signBytes(key, payload))]);
  expect((await verify(source, digest)).signatures).toHaveLength(1);
  expect(simpleSigningType).not.toBe(stranger.mediaType);
});

function fact(members: object): object {
  return { kind: "signature", verified: true, signer, ...members };
}

function signed(): [MemorySource, string] {
  const source = new MemorySource();
  return [source, source.putImage()];
}

function verify(source: MemorySource, digest: string, policy: SignaturePolicy = {}): Promise<SignatureVerdict> {
  return verifyImage(source, { repository: "team/app", digest }, { keys: [key.trusted], ...policy });
}
