import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { verifyEd25519ph } from "./ed25519ph.ts";

// RFC 8032, section 7.3.
const key = keyOf("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
const message = Buffer.from("abc");
const signature = Buffer.from(
  "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
  "hex",
);
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

test("the example of the specification is verified", () => {
  expect(verifyEd25519ph(key, message, signature)).toBe(true);
});

test("a change of one bit, in any byte, is noticed", () => {
  expect(verifyEd25519ph(key, Buffer.from("abd"), signature)).toBe(false);
  for (let at = 0; at < signature.length * 8; at += 7) {
    const changed = Buffer.from(signature);
    changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
    expect(verifyEd25519ph(key, message, changed)).toBe(false);
  }
});

test("a signature is refused when its number is not reduced, or its length is wrong", () => {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + order;
  const grown = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
  expect(verifyEd25519ph(key, message, Buffer.concat([signature.subarray(0, 32), grown]))).toBe(false);
  expect(verifyEd25519ph(key, message, signature.subarray(0, 63))).toBe(false);
  expect(verifyEd25519ph(key, message, Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false);
});

test("a key that is not a point of the curve verifies nothing", () => {
  const bad = ["02".padEnd(64, "0"), "f".repeat(64), `ed${"f".repeat(60)}7f`];
  for (const hex of bad) expect(verifyEd25519ph(keyOf(hex), message, signature)).toBe(false);
});

test("signatures over points that Node computed are verified, and over no other message or key", () => {
  for (let number = 0; number < 40; number++) {
    const text = Buffer.from(`message ${number}`);
    const own = signed(text, createHash("sha256").update(`key ${number}`).digest());
    expect(verifyEd25519ph(own.key, text, own.signature)).toBe(true);
    expect(verifyEd25519ph(own.key, Buffer.from("another"), own.signature)).toBe(false);
    expect(verifyEd25519ph(key, text, own.signature)).toBe(false);
  }
});

/** A signature as RFC 8032 has it in 5.1.6; both of its points are public keys of Node. */
function signed(text: Buffer, seed: Buffer): { readonly key: KeyObject; readonly signature: Buffer } {
  const a = pointOf(seed);
  const r = pointOf(createHash("sha256").update(seed).update("nonce").digest());
  const domain = Buffer.from("SigEd25519 no Ed25519 collisions\u0001\0", "latin1");
  const hashed = createHash("sha512").update(text).digest();
  const k = numberOf(createHash("sha512").update(domain).update(r.encoded).update(a.encoded).update(hashed).digest());
  const s = (r.scalar + k * a.scalar) % order;
  const end = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
  return { key: keyOf(a.encoded.toString("hex")), signature: Buffer.concat([r.encoded, end]) };
}

/** A point that Node derives from 32 bytes, and the factor of the base point that gives it: RFC 8032, 5.1.5. */
function pointOf(seed: Buffer): { readonly encoded: Buffer; readonly scalar: bigint } {
  const header = Buffer.from("302e020100300506032b657004220420", "hex");
  const secret = createPrivateKey({ key: Buffer.concat([header, seed]), format: "der", type: "pkcs8" });
  const encoded = Buffer.from(createPublicKey(secret).export({ format: "jwk" }).x ?? "", "base64url");
  const half = createHash("sha512").update(seed).digest().subarray(0, 32);
  half[0] = (half[0] ?? 0) & 248;
  half[31] = ((half[31] ?? 0) & 127) | 64;
  return { encoded, scalar: numberOf(half) };
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function keyOf(hex: string): KeyObject {
  const x = Buffer.from(hex, "hex").toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
