import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { type MarkedSecret, secretsFound } from "./marked-secret.ts";

const most = 64 * 1024 * 1024;
/** How many times one file is taken for packed. */
const mostPacked = 200;

const packings: readonly (readonly [magic: Buffer, unpack: (bytes: Buffer) => Buffer])[] = [
  [Buffer.from("28b52ffd", "hex"), (bytes) => zstdDecompressSync(bytes, { maxOutputLength: most })],
  [Buffer.from("1f8b08", "hex"), (bytes) => gunzipSync(bytes, { maxOutputLength: most })],
];

/** Where secrets are: in the names and the bytes of files below a folder, also in what is packed in them. */
export function secretsInFolder(
  folder: string,
  { secrets, given = [] }: { readonly secrets: readonly MarkedSecret[]; readonly given?: readonly string[] },
): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.flatMap((entry) => {
    const path = relative(folder, join(entry.parentPath, entry.name));
    const named = secretsFound(path, secrets).map((name) => `${name} in the name ${path}`);
    if (!entry.isFile() || given.includes(path)) return named;
    return [...named, ...secretsInFile(folder, path, secrets)];
  });
}

/** Where secrets are in one file below a folder; nowhere when there is no such file. */
export function secretsInFile(folder: string, path: string, secrets: readonly MarkedSecret[]): readonly string[] {
  if (!existsSync(join(folder, path))) return [];
  const texts = textsOf(readFileSync(join(folder, path)));
  const inside = new Set(texts.flatMap((text) => secretsFound(text, secrets)));
  return Array.from(inside, (name) => `${name} in ${path}`);
}

/** The bytes as they are, and all that can be unpacked of them. */
function textsOf(bytes: Buffer): readonly string[] {
  return [bytes, ...packings.flatMap(([magic, unpack]) => unpackedIn(bytes, magic, unpack))].map((one) =>
    one.toString("latin1"),
  );
}

function unpackedIn(bytes: Buffer, magic: Buffer, unpack: (bytes: Buffer) => Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = bytes.indexOf(magic);
  for (let tries = 0; at >= 0 && tries < mostPacked; tries++) {
    try {
      found.push(unpack(bytes.subarray(at)));
    } catch {
      // Bytes that only look like the start of something packed.
    }
    at = bytes.indexOf(magic, at + 1);
  }
  return found;
}
