import fc from "fast-check";
import { expect, test } from "vitest";
import { MemorySource, type TestLayer } from "./fixtures/memory-source.ts";
import { PrivateSigstore } from "./fixtures/private-sigstore.ts";
import {
  bundleLayer,
  envelopeLayer,
  makeKey,
  signBytes,
  signedEnvelope,
  simpleLayer,
  simplePayload,
  statementOf,
} from "./fixtures/sign.ts";
import type { SignaturePolicy } from "./signature-policy.ts";
import { signaturePredicate } from "./statement.ts";
import { verifyImage } from "./verify-image.ts";

const source = new MemorySource();
const digest = source.putImage();
const key = makeKey();
const sigstore = new PrivateSigstore();
const job = { identity: "https://ci.example.test/build", issuer: "https://token.example.test" };
const policy: SignaturePolicy = {
  keys: [key.trusted],
  identities: [job],
  trustedRoot: () => Promise.resolve(sigstore.trustedRoot),
};
const layers = goodLayers();

test("an undamaged layer of each form is verified", async () => {
  for (const layer of layers) expect(await outcome(layer)).toBe("verified");
});

test("bytes that change, vanish or come in give a verdict and never an error", async () => {
  const damage = fc.record({
    layer: fc.nat(layers.length - 1),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    cut: fc.nat(3),
    put: fc.uint8Array({ maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ layer: index, at, cut, put }) => {
      const layer = layers[index];
      if (!layer) return;
      const place = Math.floor(at * layer.content.length);
      const { content } = layer;
      const damaged = Buffer.concat([content.subarray(0, place), put, content.subarray(place + cut)]);
      expect(["verified", "not-verified"]).toContain(await outcome({ ...layer, content: damaged }));
    }),
    { numRuns: 400 },
  );
});

test("annotations that are damaged give a verdict and never an error", async () => {
  const layer = layers[3];
  const names = Object.keys(layer?.annotations ?? {});
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.nat(5000), fc.string({ maxLength: 4 }), async (name, at, put) => {
      const text = layer?.annotations?.[name] ?? "";
      const place = at % (text.length + 1);
      const annotations = { ...layer?.annotations, [name]: `${text.slice(0, place)}${put}${text.slice(place + 1)}` };
      expect(["verified", "not-verified"]).toContain(await outcome({ ...layer, annotations } as TestLayer));
    }),
    { numRuns: 200 },
  );
});

test("an attestation of ten megabytes is verified", async () => {
  const predicateType = "https://spdx.dev/Document";
  const predicate = { text: "x".repeat(10 * 1024 * 1024) };
  const large = envelopeLayer(signedEnvelope(key, { ...statementOf(digest, predicateType), predicate }));
  const own = new MemorySource();
  own.putUnderTag(digest, "att", [large]);
  const verdict = await verifyImage(own, { repository: "app", digest }, { ...policy, predicateType });
  expect(verdict.outcome).toBe("verified");
});

function goodLayers(): readonly TestLayer[] {
  const payload = simplePayload(digest, { stage: "test" });
  const statement = statementOf(digest, signaturePredicate);
  const signer = sigstore.issue(job);
  const dsseEnvelope = signedEnvelope(signer, statement);
  const material = {
    certificate: { rawBytes: signer.certificate.toString("base64") },
    tlogEntries: [sigstore.entryForEnvelope(dsseEnvelope)],
  };
  const signature = signBytes(signer, payload);
  const receipt = sigstore.receipt(sigstore.entryForMessage(payload, signature, signer));
  return [
    simpleLayer(payload, signBytes(key, payload)),
    bundleLayer({ dsseEnvelope: signedEnvelope(key, statement) }),
    bundleLayer({ dsseEnvelope }, material),
    simpleLayer(payload, signature, {
      "dev.sigstore.cosign/certificate": signer.pem,
      "dev.sigstore.cosign/bundle": receipt,
    }),
  ];
}

async function outcome(layer: TestLayer): Promise<string> {
  const own = new MemorySource();
  own.putUnderTag(digest, "sig", [layer]);
  return (await verifyImage(own, { repository: "app", digest }, policy)).outcome;
}
