import { expect, test } from "vitest";
import type { SignatureFact } from "../../model/images/signature.ts";
import { MemorySource } from "./fixtures/memory-source.ts";
import { PrivateSigstore } from "./fixtures/private-sigstore.ts";
import { signBytes, simpleLayer, simplePayload } from "./fixtures/sign.ts";
import { verifyImage } from "./verify-image.ts";

const sigstore = new PrivateSigstore();
const job = { identity: "https://ci.example.test/build", issuer: "https://token.example.test" };
const unreadableReceipt = "its log receipt cannot be read";
const wrongEntry = "its log entry cannot be read or is too long";
const numbers = (count: number) => Array.from({ length: count }, () => 1);
const encoded = (document: object) => Buffer.from(JSON.stringify(document)).toString("base64");
const entryWith = (members: object) => encoded({ apiVersion: "0.0.1", kind: "hashedrekord", ...members });

type Members = Record<string, unknown>;
interface Parts {
  readonly annotations: Record<string, string>;
  readonly receipt: Members;
  readonly payload: Members;
}

test("a receipt with a few members that nobody knows is verified", async () => {
  expect(await judged(({ receipt }) => (receipt["more"] = numbers(10_000)))).toMatchObject({ verified: true });
});

test.each<[string, (parts: Parts) => unknown, string]>([
  ["a receipt of many members", ({ receipt }) => (receipt["more"] = numbers(20_001)), unreadableReceipt],
  [
    "an entry of many members",
    ({ payload }) => (payload["body"] = entryWith({ spec: numbers(20_001) })),
    unreadableReceipt,
  ],
  [
    "an entry of over a mebibyte",
    ({ payload }) => (payload["body"] = entryWith({ spec: "x".repeat(800_000) })),
    wrongEntry,
  ],
  [
    "a promise of the log of 90 KiB",
    ({ receipt }) => (receipt["SignedEntryTimestamp"] = "AAAA".repeat(23_040)),
    wrongEntry,
  ],
  ["an empty promise of the log", ({ receipt }) => (receipt["SignedEntryTimestamp"] = ""), wrongEntry],
  ["a promise that is not base64", ({ receipt }) => (receipt["SignedEntryTimestamp"] = "AAA"), wrongEntry],
  ["a place in the log before its first", ({ payload }) => (payload["logIndex"] = -1), wrongEntry],
  ["a time before all times", ({ payload }) => (payload["integratedTime"] = -1), wrongEntry],
  ["a fraction for a time", ({ payload }) => (payload["integratedTime"] = 1.5), unreadableReceipt],
  ["a list for a promise", ({ receipt }) => (receipt["SignedEntryTimestamp"] = ["AAAA"]), unreadableReceipt],
  [
    "a certificate of 90 KiB",
    ({ annotations }) =>
      (annotations["dev.sigstore.cosign/certificate"] =
        `-----BEGIN CERTIFICATE-----\n${"AAAA".repeat(23_040)}\n-----END CERTIFICATE-----`),
    "its certificate cannot be read",
  ],
  [
    "a timestamp of 90 KiB",
    ({ annotations }) =>
      (annotations["dev.sigstore.cosign/rfc3161timestamp"] = JSON.stringify({
        SignedRFC3161Timestamp: "AAAA".repeat(23_040),
      })),
    "its timestamp cannot be read",
  ],
])("annotations with %s are refused before they are verified", async (_, change, reason) => {
  expect(await judged(change)).toMatchObject({ verified: false, reason });
});

/** What comes of a good signature with a certificate, as older versions of cosign write it, after a change. */
async function judged(change: (parts: Parts) => unknown): Promise<SignatureFact | undefined> {
  const source = new MemorySource();
  const digest = source.putImage();
  const signer = sigstore.issue(job);
  const message = simplePayload(digest);
  const signature = signBytes(signer, message);
  const receipt = JSON.parse(sigstore.receipt(sigstore.entryForMessage(message, signature, signer)));
  const annotations: Parts["annotations"] = { "dev.sigstore.cosign/certificate": signer.pem };
  change({ annotations, receipt, payload: receipt.Payload });
  annotations["dev.sigstore.cosign/bundle"] = JSON.stringify(receipt);
  source.putUnderTag(digest, "sig", [simpleLayer(message, signature, annotations)]);
  const trustedRoot = () => Promise.resolve(sigstore.trustedRoot);
  return (await verifyImage(source, { repository: "app", digest }, { identities: [job], trustedRoot })).signatures[0];
}
