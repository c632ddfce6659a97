import type { ArchiveName } from "./archive-name.ts";
import { artifactOfBundle } from "./artifact-of-bundle.ts";
import { groupOfBundle } from "./bundle-name.ts";
import { type JavaManifest, symbolicNameOf } from "./java-manifest.ts";
import { knownGroup } from "./well-known-groups.ts";

/**
 * The artifact of an archive whose file name has a version. Quarkus, Jetty and others put the group before it
 * (`org.postgresql.postgresql-42.3.5.jar`), and bundles are named by their symbolic names; there are also artifacts
 * that begin with their group, so that what stands before a point is left out only of a known artifact, or where the
 * manifest bears it out.
 */
export function artifactOfName({ artifact, version }: ArchiveName, manifest: JavaManifest): string {
  if (knownGroup(artifact, version) !== undefined) return artifact;
  for (let point = artifact.indexOf("."); point >= 0; point = artifact.indexOf(".", point + 1)) {
    const rest = artifact.slice(point + 1);
    if (knownGroup(rest, version) === artifact.slice(0, point)) return rest;
  }
  return artifactOfBundle(artifact) ?? artifactOfVendor(artifact, manifest) ?? artifact;
}

/**
 * What follows the vendor, where title or symbolic name tell that this is the artifact. A symbolic name that is the
 * whole does not tell: it is that of `com.example:thing` and of `com.example:com.example.thing`.
 */
function artifactOfVendor(artifact: string, manifest: JavaManifest): string | undefined {
  const vendor = manifest.get("implementation-vendor-id") ?? "";
  if (vendor === "" || !artifact.startsWith(`${vendor}.`)) return undefined;
  const rest = artifact.slice(vendor.length + 1);
  if (manifest.get("implementation-title") === rest) return rest;
  const symbolicName = symbolicNameOf(manifest) ?? "";
  return symbolicName !== artifact && groupOfBundle(symbolicName, rest) === vendor ? rest : undefined;
}
