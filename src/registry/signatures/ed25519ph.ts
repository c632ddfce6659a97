import { createHash, type KeyObject } from "node:crypto";

/*
 * Ed25519ph, the variant of Ed25519 that signs a hash, with which cosign since 2.5 signs by default when the key is
 * Ed25519. Node can verify Ed25519 but not this variant. The calculation uses only public values, so its duration
 * reveals nothing.
 *
 * The curve is -x² + y² = 1 + dx²y² over the integers modulo p = 2^255 - 19; its base point has the order L. A point is
 * 32 bytes, y in little endian with the lowest bit of x on top. A signature R ‖ S is valid when [S]B = R + [k]A, where
 * A is the public key, k = SHA-512(dom2 ‖ R ‖ A ‖ SHA-512(message)) modulo L, and dom2 = "SigEd25519 no Ed25519
 * collisions" ‖ 1 ‖ 0. As in other programs the two sides are compared as bytes, and an S of L or more is refused.
 * Source: RFC 8032, sections 5.1 and 7.3.
 */

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const d = modulo(-121665n * inverse(121666n));
const rootOfMinusOne = power(2n, (p - 1n) / 4n);
const domain = Buffer.concat([Buffer.from("SigEd25519 no Ed25519 collisions"), Buffer.from([1, 0])]);
const top = 2n ** 255n;

/** X:Y:Z:T with x = X/Z, y = Y/Z, xy = T/Z. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const neutral: Point = { x: 0n, y: 1n, z: 1n, t: 0n };
const base = decodePoint(Buffer.from(`58${"66".repeat(31)}`, "hex"));

/** True when the Ed25519 key made the Ed25519ph signature, with an empty context, over the message. */
export function verifyEd25519ph(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const encoded = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  if (signature.length !== 64 || encoded.length !== 32 || !base) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const publicPoint = decodePoint(encoded);
  if (s >= order || !publicPoint) return false;
  const hash = createHash("sha512").update(domain).update(r).update(encoded);
  const k = littleEndian(hash.update(createHash("sha512").update(message).digest()).digest()) % order;
  const negated = { ...publicPoint, x: modulo(-publicPoint.x), t: modulo(-publicPoint.t) };
  return encodePoint(add(multiply(base, s), multiply(negated, k))).equals(r);
}

function multiply(point: Point, factor: bigint): Point {
  let result = neutral;
  let doubled = point;
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

function add(one: Point, other: Point): Point {
  const a = modulo((one.y - one.x) * (other.y - other.x));
  const b = modulo((one.y + one.x) * (other.y + other.x));
  const c = modulo(2n * d * modulo(one.t * other.t));
  const e = modulo(2n * one.z * other.z);
  const [f, g, h, i] = [b - a, e - c, e + c, b + a];
  return { x: modulo(f * g), y: modulo(h * i), z: modulo(g * h), t: modulo(f * i) };
}

function decodePoint(bytes: Uint8Array): Point | undefined {
  const number = littleEndian(bytes);
  const odd = number >= top;
  const y = odd ? number - top : number;
  if (y >= p) return undefined;
  const u = modulo(y * y - 1n);
  const v = modulo(d * y * y + 1n);
  // The square root of u/v: (p + 3) / 8 as its exponent, corrected by the root of -1 when it is that of -u/v.
  let x = modulo(u * power(v, 3n) * power(u * power(v, 7n), (p - 5n) / 8n));
  const square = modulo(v * x * x);
  if (square === modulo(-u)) x = modulo(x * rootOfMinusOne);
  else if (square !== u) return undefined;
  if (x === 0n && odd) return undefined;
  if ((x & 1n) !== (odd ? 1n : 0n)) x = p - x;
  return { x, y, z: 1n, t: modulo(x * y) };
}

function encodePoint({ x, y, z }: Point): Buffer {
  const scale = inverse(z);
  const number = modulo(y * scale) + (modulo(x * scale) & 1n ? top : 0n);
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function inverse(value: bigint): bigint {
  return power(value, p - 2n);
}

function power(value: bigint, exponent: bigint): bigint {
  let result = 1n;
  let squared = modulo(value);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = modulo(result * squared);
    squared = modulo(squared * squared);
  }
  return result;
}

function modulo(value: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}
