import { expect, test, vi } from "vitest";
import { verifyEd25519ph } from "./ed25519ph.ts";
import { MemorySource } from "./fixtures/memory-source.ts";
import {
  envelopeLayer,
  makeKey,
  signBytes,
  signedEnvelope,
  simpleLayer,
  simplePayload,
  statementOf,
} from "./fixtures/sign.ts";
import { verifyImage } from "./verify-image.ts";

vi.mock("./ed25519ph.ts", () => ({ verifyEd25519ph: vi.fn(() => false) }));

const keys = Array.from({ length: 4 }, () => makeKey("ed25519"));
const trusted = { keys: keys.map((key) => key.trusted) };
const stranger = makeKey("ed25519");

test("a signature that an envelope holds four times is tried once", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const envelope = signedEnvelope(stranger, statementOf(digest, "https://example.test/one"));
  const [signature] = envelope.signatures;
  source.putUnderTag(digest, "att", [
    envelopeLayer({ ...envelope, signatures: [signature, signature, signature, signature] }),
  ]);
  vi.mocked(verifyEd25519ph).mockClear();
  expect((await verifyImage(source, { repository: "app", digest }, trusted)).outcome).toBe("not-verified");
  expect(verifyEd25519ph).toHaveBeenCalledTimes(keys.length);
});

test("keys on Ed25519 are tried a bounded number of times for one image, and what was left out is said", async () => {
  const source = new MemorySource();
  const digest = source.putImage();
  const payload = simplePayload(digest);
  const strangers = Array.from({ length: 400 }, (_, index) => simpleLayer(payload, Buffer.alloc(64, index)));
  source.putUnderTag(digest, "sig", strangers);
  vi.mocked(verifyEd25519ph).mockClear();
  const verdict = await verifyImage(source, { repository: "app", digest }, trusted);
  expect(verifyEd25519ph).toHaveBeenCalledTimes(1000);
  expect(verdict).toMatchObject({ outcome: "cannot-tell", problems: [{ code: "limit-exceeded" }] });
  const [key] = keys;
  if (key) source.putUnderTag(digest, "sig", [...strangers, simpleLayer(payload, signBytes(key, payload))]);
  expect((await verifyImage(source, { repository: "app", digest }, trusted)).outcome).toBe("verified");
});
