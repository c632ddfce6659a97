import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { makeKey, signBytes } from "./fixtures/sign.ts";
import { isSignedBy, readPublicKeys } from "./public-key.ts";

const message = Buffer.from("a message");

test.each(["p256", "p384", "ed25519", "rsa"] as const)("a signature by a key of kind %s is recognised", (kind) => {
  const key = makeKey(kind);
  const signature = signBytes(key, message);
  expect(isSignedBy(key.trusted, message, signature)).toBe(true);
  expect(isSignedBy(key.trusted, Buffer.from("another"), signature)).toBe(false);
  expect(isSignedBy(makeKey(kind).trusted, message, signature)).toBe(false);
  expect(isSignedBy(key.trusted, message, Buffer.alloc(0))).toBe(false);
  expect(isSignedBy(key.trusted, message, Buffer.alloc(signature.length))).toBe(false);
  expect(isSignedBy(key.trusted, message, Buffer.concat([signature, Buffer.alloc(5000)]))).toBe(false);
});

test("a key on P-384 signs over SHA-384 too", () => {
  const key = makeKey("p384");
  expect(isSignedBy(key.trusted, message, sign("sha384", message, key.secret))).toBe(true);
});

test("a key is never used with the algorithm of another, nor with a weak hash", () => {
  const kinds = ["p256", "p384", "ed25519", "rsa"] as const;
  const keys = kinds.map((kind) => makeKey(kind));
  for (const key of keys) {
    for (const other of keys.filter((one) => one !== key)) {
      expect(isSignedBy(other.trusted, message, signBytes(key, message))).toBe(false);
    }
  }
  const [p256, , , rsa] = keys;
  expect(p256 && isSignedBy(p256.trusted, message, sign("sha1", message, p256.secret))).toBe(false);
  expect(rsa && isSignedBy(rsa.trusted, message, sign("sha1", message, rsa.secret))).toBe(false);
  const raw = p256 && sign("sha256", message, { key: p256.secret, dsaEncoding: "ieee-p1363" });
  expect(p256 && raw && isSignedBy(p256.trusted, message, raw)).toBe(false);
});

test("a file may hold several keys, and text between them", () => {
  const pems = [pemOf("P-256"), pemOf("P-384")];
  const keys = readPublicKeys(`the first\n${pems.join("\nthe second\n")}`, "keys.pem");
  expect(new Set(keys.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  for (const { fingerprint } of keys) expect(fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("a key that is weak or of another kind, and a file that is none, are refused with the reason", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /no PEM public key found/],
    [secret, /private key/],
    [pemOf("secp256k1"), /curve/],
    [rsaPem(1024), /1024 bits/],
    [
      generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" }).toString(),
      /is not an ECDSA, Ed25519 or RSA key/,
    ],
    ["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", /cannot be read/],
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", /a PEM block that is not a public key/],
    [pemOf("P-256").repeat(17), /more than 16/],
    ["x".repeat(300_000), /too large/],
  ];
  for (const [pem, message] of cases) {
    expect(() => readPublicKeys(pem, "a file")).toThrow(
      expect.objectContaining({ code: "file-malformed", message: expect.stringMatching(message) }),
    );
  }
  // What the file holds stays out of the message.
  const body = secret.split("\n")[1] ?? "";
  expect(() => readPublicKeys(secret, "a file")).not.toThrow(body);
  expect(createPrivateKey(secret).type).toBe("private");
});

function pemOf(namedCurve: string): string {
  return generateKeyPairSync("ec", { namedCurve }).publicKey.export({ type: "spki", format: "pem" }).toString();
}

function rsaPem(modulusLength: number): string {
  return generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ type: "spki", format: "pem" }).toString();
}
