import type { Coordinates } from "./coordinates.ts";
import { type JavaManifest, manifestVersions, versionIn } from "./java-manifest.ts";

/**
 * Whether a manifest describes the archive that it lies in. Tools that pack several archives into one may keep the
 * manifest of one of them: then all its versions differ from that of the file name or, where the file name does not
 * have a version, its vendor and version are those of a `pom.properties` that was packed along. A commit or a date in
 * the version's place is neutral.
 */
export function speaksOfArchive(
  manifest: JavaManifest,
  { version, packed }: { readonly version: string | undefined; readonly packed: readonly Required<Coordinates>[] },
): boolean {
  const written = versionIn(manifest.get("implementation-version"));
  if (written === undefined) return true;
  if (version !== undefined)
    return (
      isCommitOrDate(written) || manifestVersions(manifest).some((one) => !isCommitOrDate(one) && agrees(one, version))
    );
  const vendor = manifest.get("implementation-vendor-id");
  return !packed.some((pom) => pom.group === vendor && pom.version === written);
}

function isCommitOrDate(version: string): boolean {
  return /^(?:[\da-f]{5,64}$|(?:19|20)\d\d[-_]?[01]\d[-_]?[0-3]\d(?:[-_T]|$))/i.test(version) && !version.includes(".");
}

/** Whether the shorter one's numbers begin the longer one's: `2` and `2.9.1`, `1.65` and `1.65.0`. */
function agrees(one: string, other: string): boolean {
  const ones = numbersOf(one);
  const others = numbersOf(other);
  return ones.every((number, index) => index >= others.length || number === others[index]);
}

function numbersOf(version: string): string[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".").map((number) => number.replace(/^0+(?=\d)/, ""));
}
