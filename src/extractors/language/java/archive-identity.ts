import { type ArchiveName, parseArchiveName } from "./archive-name.ts";
import { artifactOfManifest } from "./artifact-of-manifest.ts";
import { artifactOfName } from "./artifact-of-name.ts";
import { groupOfBundle } from "./bundle-name.ts";
import { type Coordinates, isMavenId, isMavenVersion } from "./coordinates.ts";
import { type GroupEvidence, groupOfArchive } from "./group-of-archive.ts";
import { type JavaManifest, manifestVersions, symbolicNameOf, versionIn } from "./java-manifest.ts";
import { speaksOfArchive } from "./speaks-of-archive.ts";
import { wellKnownGroup } from "./well-known-groups.ts";

/** What an archive holds that may tell what it is. */
export interface ArchiveEvidence {
  /** Without folders. */
  readonly fileName: string;
  readonly manifest: JavaManifest;
  /**
   * Coordinates from every `pom.properties`: the archive's own, and those of archives packed into it. The version is
   * empty where its place alone tells.
   */
  readonly poms: readonly Required<Coordinates>[];
  /** Coordinates from every `META-INF/maven/<group>/<artifact>/pom.xml`, from the path alone. */
  readonly pomFolders: readonly { readonly group: string; readonly artifact: string }[];
  /** True when it holds classes other than those that an application has apart from its libraries. */
  readonly hasClasses: boolean;
  /** As {@link GroupEvidence.classes}. */
  readonly classes: ReadonlySet<string>;
}

/**
 * The packages that an archive is and holds, each once, its own first. Every `pom.properties` is a package. The archive
 * itself is the one among them that fits its file name or manifest. Where none fits, it is what file name and manifest
 * say: the file name where it has a version, else the manifest; a `pom.properties` that does not fit never names the
 * archive.
 *
 * A `pom.properties` without coordinates that can be ones is a package without a version, by its place.
 *
 * The group then is what {@link groupOfArchive} finds, and stays open where that would be a guess: coordinates that do
 * not exist are compared with nothing and look clean. A manifest that was carried over from what was packed into the
 * archive tells nothing of it. The version is empty where nothing tells it of a well-known artifact, or of an archive
 * with classes in it.
 */
export function identifyArchive(evidence: ArchiveEvidence): Coordinates[] {
  const name = parseArchiveName(evidence.fileName);
  const poms = evidence.poms.filter(({ version }) => version !== "");
  const versionless = evidence.poms.filter(({ version }) => version === "");
  const whole = { ...evidence, poms, pomFolders: [...evidence.pomFolders, ...versionless] };
  const own = poms.find((pom) => isOwnPom(pom, name, whole)) ?? guess(name, whole);
  const found = new Map<string, Coordinates>();
  for (const coordinates of own ? [own, ...poms] : poms) {
    found.set(`${coordinates.group ?? ""}:${coordinates.artifact}:${coordinates.version}`, coordinates);
  }
  const known = new Set([...found.values()].map(({ group = "", artifact }) => `${group}:${artifact}`));
  for (const pom of versionless)
    if (!known.has(`${pom.group}:${pom.artifact}`)) found.set(`${pom.group}:${pom.artifact}:`, pom);
  return [...found.values()];
}

function isOwnPom(
  { group, artifact, version }: Required<Coordinates>,
  name: ArchiveName | undefined,
  { fileName, manifest, poms }: ArchiveEvidence,
): boolean {
  const claimed = name?.artifact.toLowerCase();
  if (claimed === artifact.toLowerCase() || claimed === `${group}.${artifact}`.toLowerCase()) return true;
  // The version may begin with a letter or be cut at another place than the file name's reader thinks.
  if (fileName.startsWith(`${artifact}-${version}`)) return true;
  const symbolicName = symbolicNameOf(manifest);
  if (manifest.get("implementation-title") === artifact) return true;
  const bundles = [group, artifact];
  if (
    symbolicName !== undefined &&
    (bundles.includes(symbolicName) || groupOfBundle(symbolicName, artifact) === group)
  ) {
    return true;
  }
  return poms.length === 1 && name?.version === undefined && manifestVersions(manifest).includes(version);
}

/**
 * Without a fitting `pom.properties`: what file name and manifest say together; undefined when they do not tell what it
 * is.
 */
function guess(claimed: ArchiveName | undefined, evidence: ArchiveEvidence): Coordinates | undefined {
  const { poms, pomFolders, classes } = evidence;
  // A part of the Java runtime, which no repository holds.
  if (evidence.manifest.get("implementation-title") === "Java Runtime Environment") return undefined;
  const plugin = jenkinsPlugin(evidence.manifest);
  if (plugin !== undefined) return plugin;
  if (claimed === undefined) return undefined;
  const name = withPoints(claimed, evidence.manifest);
  const speaks = speaksOfArchive(evidence.manifest, { version: name.version, packed: poms });
  const manifest: JavaManifest = speaks ? evidence.manifest : new Map();
  const guessed = name.version === undefined ? guessByManifest(name, manifest) : guessByName(name, manifest);
  const coordinates = guessed && isMavenVersion(guessed.version) ? guessed : withoutVersion(name, evidence);
  if (coordinates === undefined || !isMavenId(coordinates.artifact)) return undefined;
  const hasMavenName = name.version !== undefined;
  const group = groupOfArchive(coordinates, { manifest, pomFolders, classes, hasMavenName });
  return group === undefined ? coordinates : { ...coordinates, group };
}

/** What nothing tells the version of: left out, it would count as not there. */
function withoutVersion({ artifact }: ArchiveName, { hasClasses }: ArchiveEvidence): Coordinates | undefined {
  return hasClasses || wellKnownGroup(artifact) !== undefined ? { artifact, version: "" } : undefined;
}

/** Jenkins writes a plug-in's coordinates into its manifest. */
function jenkinsPlugin(manifest: JavaManifest): Coordinates | undefined {
  const artifact = manifest.get("short-name");
  const version = versionIn(manifest.get("plugin-version"));
  if (!isMavenId(artifact) || version === undefined) return undefined;
  const group = manifest.get("group-id");
  return isMavenId(group) ? { group, artifact, version } : { artifact, version };
}

/** `bcprov-160.jar` is of version 1.60. Longer numbers are dates. */
function withPoints(name: ArchiveName, manifest: JavaManifest): ArchiveName {
  const { artifact, version = "" } = name;
  if (!/^\d{3,5}$/.test(version)) return name;
  const isMeant = (one: string): boolean =>
    !one.startsWith(`${version}.`) && one.includes(".") && one.replaceAll(".", "").startsWith(version);
  const exact = manifestVersions(manifest).find(isMeant);
  return exact === undefined ? name : { artifact, version: exact };
}

function guessByName(name: ArchiveName, manifest: JavaManifest): Coordinates {
  const artifact = artifactOfName(name, manifest);
  const { version = "" } = name;
  // `lib-2.jar` is a short name for what the manifest knows as 2.9.1.
  const exact = versionIn(manifest.get("implementation-version"));
  if (exact?.startsWith(`${version}.`) && !version.includes(".")) return { artifact, version: exact };
  return { artifact, version };
}

function guessByManifest({ artifact }: ArchiveName, manifest: JavaManifest): Coordinates | undefined {
  const version = manifestVersions(manifest)[0];
  return version === undefined ? undefined : { artifact: artifactOfManifest(manifest, artifact), version };
}
