import { expect, test } from "vitest";
import type { SignatureVerdict } from "../../model/images/signature.ts";
import { MemorySource, type TestLayer } from "./fixtures/memory-source.ts";
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
import { signaturePredicate } from "./statement.ts";
import { verifyImage } from "./verify-image.ts";

const key = makeKey();
const anotherImage = `sha256:${"a".repeat(64)}`;

test("a signature of another image is none of this one, in every form", async () => {
  const payload = simplePayload(anotherImage);
  const envelope = signedEnvelope(key, statementOf(anotherImage, signaturePredicate));
  const layers = [
    simpleLayer(payload, signBytes(key, payload)),
    envelopeLayer(envelope),
    bundleLayer({ dsseEnvelope: envelope }),
  ];
  for (const layer of layers) {
    const verdict = await verifyLayers(() => [layer]);
    expect(verdict).toMatchObject({
      outcome: "not-verified",
      signatures: [{ verified: false, signer: { kind: "key" }, reason: "it is about another image" }],
    });
  }
});

test("a payload that was swapped after signing proves nobody", async () => {
  const signature = signBytes(key, simplePayload(anotherImage));
  expect(await reasons((digest) => [simpleLayer(simplePayload(digest), signature)])).toEqual([
    "it was not made with any of the keys",
  ]);
  const swapped = (digest: string) => {
    const payload = Buffer.from(JSON.stringify(statementOf(digest, signaturePredicate))).toString("base64");
    return { ...signedEnvelope(key, statementOf(anotherImage, signaturePredicate)), payload };
  };
  expect(await reasons((digest) => [bundleLayer({ dsseEnvelope: swapped(digest) })])).toEqual([
    "it was not made with any of the keys",
  ]);
});

test("a blob that does not match its digest is not read", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const payload = simplePayload(anotherImage);
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(key, payload))]);
  const good = simplePayload(digest);
  for (const blob of source.blobs.keys()) source.blobs.set(blob, good);
  expect((await verify(source, digest)).signatures).toMatchObject([
    { verified: false, reason: "its content does not match its digest" },
  ]);
});

test("a manifest that does not match its digest is a problem", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  source.listed.push({ digest: anotherImage, artifactType: bundleType });
  source.manifests.set(anotherImage, Buffer.from("{}"));
  const verdict = await verify(source, digest);
  expect(verdict.outcome).toBe("cannot-tell");
  expect(verdict.problems[0]?.message).toContain("does not match its digest");
});

test("names that come twice cannot smuggle another digest past a signature check", async () => {
  const twice = (digest: string) =>
    simplePayload(digest).toString().replace('"image":{', `"image":{"docker-manifest-digest":"${anotherImage}",`);
  expect(
    await reasons((digest) => {
      const payload = Buffer.from(twice(digest));
      return [simpleLayer(payload, signBytes(key, payload))];
    }),
  ).toEqual(["it has an object with a duplicate name"]);
  const doubled = (digest: string) =>
    JSON.stringify(statementOf(digest, signaturePredicate)).replace('"subject":', '"subject":[],"subject":');
  expect(await reasons((digest) => [bundleLayer({ dsseEnvelope: signedEnvelope(key, doubled(digest)) })])).toEqual([
    "its statement cannot be read: it has an object with a duplicate name",
  ]);
  expect(
    await reasons((digest) => {
      const layer = bundleLayer({ dsseEnvelope: signedEnvelope(key, statementOf(digest, signaturePredicate)) });
      const text = Buffer.from(layer.content)
        .toString()
        .replace('"dsseEnvelope":', '"dsseEnvelope":{},"dsseEnvelope":');
      return [{ ...layer, content: Buffer.from(text) }];
    }),
  ).toEqual(["it has an object with a duplicate name"]);
});

test.each<[string, (payload: string) => string]>([
  ["of another type", (text) => text.replace("cosign container image signature", "a receipt")],
  ["with a critical part that nobody knows", (text) => text.replace('"critical":{', '"critical":{"expires":1,')],
  ["with names in another case", (text) => text.replace("docker-manifest-digest", "Docker-Manifest-Digest")],
  ["with a digest that is none", (text) => text.replace(/sha256:[0-9a-f]{64}/, "sha256:abc")],
  ["with a list for an image", (text) => text.replace(/"image":\{[^}]*\}/, '"image":[]')],
  ["that is not JSON", (text) => `${text}}`],
  ["that is a list", (text) => `[${text}]`],
])("a signed payload %s is refused", async (_, change) => {
  const layers = (digest: string) => {
    const payload = Buffer.from(change(simplePayload(digest).toString()));
    return [simpleLayer(payload, signBytes(key, payload))];
  };
  const verdict = await verifyLayers(layers);
  expect(verdict.outcome).toBe("not-verified");
  expect(verdict.signatures[0]?.reason).toMatch(/^it/);
});

test.each<[string, (digest: string) => object]>([
  ["of an unknown kind", (digest) => ({ ...statementOf(digest, signaturePredicate), _type: "https://example.test/" })],
  ["without a subject", (digest) => ({ ...statementOf(digest, signaturePredicate), subject: [] })],
  ["without a predicate type", (digest) => statementOf(digest, "")],
  ["about a digest by a weak hash", (digest) => withDigest(digest, { sha1: digest.slice(7) })],
  ["about a list of digests", (digest) => withDigest(digest, { sha256: [digest.slice(7)] })],
  ["about a digest in capitals", (digest) => withDigest(digest, { sha256: digest.slice(7).toUpperCase() })],
])("a signed statement %s is refused", async (_, statement) => {
  const verdict = await verifyLayers((digest) => [
    bundleLayer({ dsseEnvelope: signedEnvelope(key, statement(digest)) }),
  ]);
  expect(verdict.outcome).toBe("not-verified");
  expect(verdict.signatures[0]?.reason).toMatch(/^its statement/);
});

test("an envelope of another type is not an attestation, and its type cannot be changed", async () => {
  const payloadType = "application/vnd.dev.cosign.simplesigning.v1+json";
  const make = (digest: string) => signedEnvelope(key, simplePayload(digest).toString(), payloadType);
  expect(await reasons((digest) => [envelopeLayer(make(digest))])).toEqual([
    "its envelope does not contain a statement",
  ]);
  const renamed = (digest: string) => ({ ...make(digest), payloadType: "application/vnd.in-toto+json" });
  expect(await reasons((digest) => [envelopeLayer(renamed(digest))])).toEqual(["it was not made with any of the keys"]);
});

test("a signature over the bare payload of an envelope does not count, nor one from an envelope for a payload", async () => {
  const bare = (digest: string) => {
    const envelope = signedEnvelope(key, statementOf(digest, signaturePredicate));
    const sig = signBytes(key, Buffer.from(envelope.payload, "base64")).toString("base64");
    return { ...envelope, signatures: [{ sig }] };
  };
  expect(await reasons((digest) => [bundleLayer({ dsseEnvelope: bare(digest) })])).toEqual([
    "it was not made with any of the keys",
  ]);
  const moved = (digest: string) => {
    const { signatures } = signedEnvelope(key, simplePayload(digest).toString(), "text/plain");
    return Buffer.from(signatures[0]?.sig ?? "", "base64");
  };
  expect(await reasons((digest) => [simpleLayer(simplePayload(digest), moved(digest))])).toEqual([
    "it was not made with any of the keys",
  ]);
});

test("hints and key names in a signature are not believed", async () => {
  const stranger = makeKey();
  const hint = key.trusted.fingerprint;
  const layers = (digest: string) => {
    const envelope = signedEnvelope(stranger, statementOf(digest, signaturePredicate));
    const named = { ...envelope, signatures: envelope.signatures.map(({ sig }) => ({ sig, keyid: hint })) };
    return [bundleLayer({ dsseEnvelope: named }, { publicKey: { hint } })];
  };
  expect(await reasons(layers)).toEqual(["it was not made with any of the keys"]);
});

test("a public key or a certificate that a signature brings along is not trusted", async () => {
  const stranger = makeKey();
  const pem = stranger.trusted.key.export({ type: "spki", format: "pem" }).toString();
  const layers = (digest: string) => {
    const payload = simplePayload(digest);
    const brought = { "dev.sigstore.cosign/certificate": pem, "dev.sigstore.cosign/chain": pem };
    return [simpleLayer(payload, signBytes(stranger, payload), brought)];
  };
  expect(await reasons(layers)).toEqual(["it was not made with any of the keys"]);
});

test.each<[string, unknown]>([
  ["none", ""],
  ["text that is not base64", "not base64!"],
  ["base64 with a space", "AAAA AAAA"],
  ["unpadded base64", "AAA"],
  ["a huge one", "A".repeat(1_000_000)],
])("a signature that is %s proves nobody", async (_, text) => {
  const annotations = { "dev.cosignproject.cosign/signature": String(text) };
  const verdict = await verifyLayers((digest) => [
    { ...simpleLayer(simplePayload(digest), Buffer.alloc(0)), annotations },
  ]);
  expect(verdict).toMatchObject({ outcome: "not-verified", signatures: [{ verified: false }] });
});

test("an envelope with more signatures than anybody makes is refused before they are tried", async () => {
  const layers = (digest: string) => {
    const envelope = signedEnvelope(key, statementOf(digest, signaturePredicate));
    return [envelopeLayer({ ...envelope, signatures: Array.from({ length: 5000 }, () => envelope.signatures[0]) })];
  };
  expect(await reasons(layers)).toEqual(["its envelope has more than 4 signatures"]);
});

test("bundles that say two things at once, or nothing, are refused", async () => {
  const envelope = signedEnvelope(key, statementOf(anotherImage, signaturePredicate));
  const message = { messageDigest: {}, signature: "AAAA" };
  const layers = [
    bundleLayer({ dsseEnvelope: envelope, messageSignature: message }),
    bundleLayer({}),
    bundleLayer({ dsseEnvelope: envelope }, {}),
    bundleLayer({ dsseEnvelope: envelope }, { publicKey: {}, certificate: { rawBytes: "AAAA" } }),
    bundleLayer({ dsseEnvelope: 7 }),
    bundleLayer({ messageSignature: { signature: "A" } }),
    bundleLayer({ dsseEnvelope: envelope }, { publicKey: {}, tlogEntries: {} }),
  ];
  for (const layer of layers) {
    const { outcome, signatures } = await verifyLayers(() => [layer]);
    expect(outcome).toBe("not-verified");
    expect(signatures[0]?.reason).toMatch(/^its? /);
  }
});

test("an annotation of megabytes changes nothing for the signature beside it", async () => {
  const verdict = await verifyLayers((digest) => {
    const payload = simplePayload(digest);
    return [simpleLayer(payload, signBytes(key, payload), { huge: "x".repeat(3_000_000) })];
  });
  expect(verdict.outcome).toBe("verified");
});

test("a manifest, a payload or an attestation beyond its limit is a problem and is not fetched", async () => {
  const manifest = await verifyLayers((digest) => {
    const payload = simplePayload(digest);
    return [simpleLayer(payload, signBytes(key, payload), { huge: "x".repeat(5_000_000) })];
  });
  expect(manifest).toMatchObject({ outcome: "cannot-tell", problems: [{ code: "limit-exceeded" }] });
  const source = new MemorySource();
  const digest = source.putImage();
  source.putUnderTag(digest, "sig", [simpleLayer(Buffer.alloc(200_000), Buffer.alloc(8))]);
  source.putUnderTag(digest, "att", [{ ...envelopeLayer({}), content: Buffer.alloc(17 * 1024 * 1024) }]);
  const verdict = await verify(source, digest);
  expect(verdict).toMatchObject({ outcome: "cannot-tell", signatures: [] });
  expect(verdict.problems.map(({ code }) => code)).toEqual(["limit-exceeded", "limit-exceeded"]);
  expect(source.blobsRead).toBe(0);
});

test("of thousands of signatures a bounded number is looked at, and what was left out is said", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const payload = simplePayload(digest);
  const false5000 = Array.from({ length: 5000 }, () => simpleLayer(payload, Buffer.alloc(70)));
  source.putUnderTag(digest, "sig", [...false5000, simpleLayer(payload, signBytes(key, payload))]);
  for (let count = 0; count < 2000; count++) {
    source.listed.push({ digest: `sha256:${count.toString(16).padStart(64, "0")}`, artifactType: bundleType });
  }
  const verdict = await verify(source, digest);
  expect(verdict.outcome).toBe("cannot-tell");
  expect(verdict.signatures).toHaveLength(500);
  expect(source.blobsRead).toBe(500);
  expect(verdict.problems.map(({ code }) => code)).toEqual(["limit-exceeded", "limit-exceeded"]);
});

test("what a stranger wrote is not repeated as a fact", async () => {
  const stranger = makeKey();
  const { signatures } = await verifyLayers((digest) => {
    const payload = simplePayload(digest, { stage: "production" });
    const envelope = signedEnvelope(stranger, statementOf(digest, "https://slsa.dev/provenance/v1"));
    return [simpleLayer(payload, signBytes(stranger, payload)), envelopeLayer(envelope)];
  });
  for (const fact of signatures) {
    expect(Object.keys(fact).sort()).toEqual(["format", "kind", "manifest", "place", "reason", "verified"]);
  }
});

function withDigest(digest: string, other: object): object {
  return { ...statementOf(digest, signaturePredicate), subject: [{ name: "app", digest: other }] };
}

async function reasons(layers: (digest: string) => readonly TestLayer[]): Promise<readonly (string | undefined)[]> {
  const verdict = await verifyLayers(layers);
  expect(verdict.outcome).toBe("not-verified");
  return verdict.signatures.map(({ reason }) => reason);
}

function verifyLayers(layers: (digest: string) => readonly TestLayer[]): Promise<SignatureVerdict> {
  const source = new MemorySource();
  const digest = source.putImage();
  source.putUnderTag(digest, "sig", layers(digest));
  return verify(source, digest);
}

function verify(source: MemorySource, digest: string): Promise<SignatureVerdict> {
  return verifyImage(source, { repository: "team/app", digest }, { keys: [key.trusted] });
}
