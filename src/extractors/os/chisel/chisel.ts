import { zstdDecompressSync } from "node:zlib";
import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../damage.ts";

// Chisel cuts Debian packages into slices, for images without dpkg. Its manifest is JSON lines compressed with
// Zstandard, of these kinds among others:
//
//   {"kind":"package","name":"libc6","version":"2.39-0ubuntu8.4","digest":…,"arch":"amd64"}
//   {"kind":"content","slice":"libc6_libs","path":"/usr/lib/…"}      a slice is named <package>_<slice>
//
// Source: Chisel, "Manifest".

const largestFile = 32 * 1024 * 1024;
const largestText = 256 * 1024 * 1024;

/**
 * Reads the packages of which an image built by Chisel has slices, and the files in them. The manifest does not say
 * which source packages they were built from, which Ubuntu's and Debian's advisories name; that is a problem.
 */
export const chisel: Extractor = {
  id: "os/chisel",
  revision: 1,
  files: [{ path: "var/lib/chisel/manifest.wall" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path } = file;
  const text = textOf(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "line");
  const owned = new Map<string, string[]>();
  let packages = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const entry = parseJson(line);
    if (!isJsonObject(entry)) {
      broken.note("it is not a JSON object");
      continue;
    }
    const { kind, name, version, arch, slice, path: place } = entry;
    if (kind === "package" && isWord(name) && isWord(version)) {
      packages++;
      const architecture = isWord(arch) ? { architecture: arch } : {};
      yield { kind: "package", package: { type: "deb", name, version, ...architecture } };
    } else if (kind === "package") broken.note("a package has no name or no version");
    else if (kind === "content" && isWord(slice) && typeof place === "string" && /^\/.*[^/]$/s.test(place)) {
      const owner = slice.split("_")[0] ?? "";
      const paths = owned.get(owner);
      if (paths) paths.push(place.slice(1));
      else owned.set(owner, [place.slice(1)]);
    }
  }
  for (const [name, paths] of owned) {
    if (name !== "") yield { kind: "ownership", owner: { type: "deb", name }, paths };
  }
  broken.report();
  if (packages === 0) return;
  const message = `${path} does not say which source packages its ${packages} packages were built from, so advisories that name source packages may be missing`;
  context.problem({ code: "no-advisories", message, path });
}

function textOf(file: OpenFile, { problem }: Context): string | undefined {
  const { path, size } = file;
  if (size > largestFile) {
    const message = `${path} was not read: it is ${size} bytes; the limit is ${largestFile} bytes`;
    problem({ code: "limit-exceeded", message, path });
    return undefined;
  }
  try {
    const text = zstdDecompressSync(file.read(0, size), { maxOutputLength: largestText }).toString("utf8");
    if (text.startsWith('{"jsonwall"')) return text;
  } catch {
    // Damage and a text over the limit are the same to the reader: there is no manifest.
  }
  problem({
    code: "unreadable",
    message: `${path} is not a manifest of Chisel, so its packages could not be identified`,
    path,
  });
  return undefined;
}
