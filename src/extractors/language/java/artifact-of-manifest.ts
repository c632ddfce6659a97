import { artifactOfBundle } from "./artifact-of-bundle.ts";
import { groupOfBundle } from "./bundle-name.ts";
import { isMavenId } from "./coordinates.ts";
import { type JavaManifest, symbolicNameOf } from "./java-manifest.ts";
import { familyGroup, knownGroup, tomcatArtifact, wellKnownGroup } from "./well-known-groups.ts";

/**
 * The artifact of an archive whose file name (without its extension: `base`) has no version, and so may be any name: a
 * known one of which the manifest tells, else the title where it has the form of an artifact, else the file name. Never
 * what a bundle's symbolic name has after its last point: that is often another word (`org.postgresql.jdbc` is
 * `postgresql`, `io.netty.codec` is `netty-codec`).
 */
export function artifactOfManifest(manifest: JavaManifest, base: string): string {
  const title = manifest.get("implementation-title");
  const symbolicName = symbolicNameOf(manifest) ?? "";
  const known = artifactOfBundle(symbolicName);
  if (known !== undefined) return isKnownOtherwise(base, known) ? base : known;
  if (title === "Apache Tomcat") return tomcatArtifact(base) ?? base;
  if (isLengthened(base, title)) return title;
  if (knownGroup(base) !== undefined) return base;
  if (groupOfBundle(symbolicName, base) !== undefined) return base;
  // Maven's default title is the artifact; other titles have capitals and spaces.
  return isMavenId(title) && /^[a-z][a-z\d]*(?:-[a-z\d]+)*$/.test(title) ? title : base;
}

/** Whether a well-known name contradicts an artifact that only its family makes known, and that is of another group. */
function isKnownOtherwise(base: string, known: string): boolean {
  const group = wellKnownGroup(base);
  return group !== undefined && wellKnownGroup(known) === undefined && knownGroup(known) !== group;
}

/**
 * Whether a name that only its family makes known is a title with more behind it, as Debian's `slf4j-api-debian` is.
 */
function isLengthened(base: string, title: string | undefined): title is string {
  if (title === undefined || !base.startsWith(`${title}-`) || wellKnownGroup(base) !== undefined) return false;
  const group = familyGroup(base);
  return group !== undefined && knownGroup(title) === group;
}
