import { createPublicKey, type KeyObject } from "node:crypto";
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

test("a change of one bit, anywhere, is noticed", () => {
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

test("a key that is no point of the curve verifies nothing", () => {
  const bad = ["02".padEnd(64, "0"), "f".repeat(64), `ed${"f".repeat(60)}7f`];
  for (const hex of bad) expect(verifyEd25519ph(keyOf(hex), message, signature)).toBe(false);
});

function keyOf(hex: string): KeyObject {
  const x = Buffer.from(hex, "hex").toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
