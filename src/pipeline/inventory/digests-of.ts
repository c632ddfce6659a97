import { createHash, type Hash } from "node:crypto";
import type { DigestKind } from "../../detectors/malware/parse-hash-list.ts";
import type { OpenFile } from "../../model/images/file.ts";

/** Bytes that are digested at once. */
const pieceSize: number = 1024 * 1024;

/** Digests of a file, in one reading. */
export function digestsOf(file: OpenFile, kinds: readonly DigestKind[]): ReadonlyMap<DigestKind, Uint8Array> {
  const hashes = kinds.map((kind): readonly [DigestKind, Hash] => [kind, createHash(kind)]);
  for (let offset = 0; offset < file.size; ) {
    const piece = file.read(offset, Math.min(pieceSize, file.size - offset));
    if (piece.length === 0) break;
    for (const [, hash] of hashes) hash.update(piece);
    offset += piece.length;
  }
  return new Map(hashes.map(([kind, hash]) => [kind, hash.digest()]));
}

/** The SHA-256 of a file, in hexadecimal. */
export function sha256Of(file: OpenFile): string {
  return Buffer.from(digestsOf(file, ["sha256"]).get("sha256") ?? []).toString("hex");
}
