import { type ArchiveName, parseArchiveName } from "./archive-name.ts";
import { groupOfBundle, splitBundle } from "./bundle-name.ts";
import { type Coordinates, isDomainLike, isMavenId, isMavenVersion } from "./coordinates.ts";
import type { JavaManifest } from "./java-manifest.ts";
import { familyGroup, wellKnownGroup } from "./well-known-groups.ts";

/** What an archive holds that may tell what it is. */
export interface ArchiveEvidence {
  /** Without folders. */
  readonly fileName: string;
  readonly manifest: JavaManifest;
  /** Of every `pom.properties`: the archive's own, and those of what was packed into it. */
  readonly poms: readonly Required<Coordinates>[];
  /** Of every `META-INF/maven/<group>/<artifact>/pom.xml`, from the path alone. */
  readonly pomFolders: readonly { readonly group: string; readonly artifact: string }[];
  /** True when it holds classes other than those that an application has apart from its libraries. */
  readonly hasClasses: boolean;
}

/**
 * The packages that an archive is and holds, each once, its own first. Every `pom.properties` is a package. The archive
 * itself is the one among them that fits its file name or manifest. Where none fits, it is what file name and manifest say:
 * the file name where it has a version, else the manifest; a `pom.properties` that does not fit never names the archive.
 *
 * The group then comes from the path of a `pom.xml`, from well-known artifacts, or from the manifest; it stays open when
 * none of them tells. The version is empty where nothing tells it of a well-known artifact, or of an archive with classes in it.
 */
export function identifyArchive(evidence: ArchiveEvidence): Coordinates[] {
  const name = parseArchiveName(evidence.fileName);
  const own = evidence.poms.find((pom) => isOwnPom(pom, name, evidence)) ?? guess(name, evidence);
  const found = new Map<string, Coordinates>();
  for (const coordinates of own ? [own, ...evidence.poms] : evidence.poms) {
    found.set(`${coordinates.group ?? ""}:${coordinates.artifact}:${coordinates.version}`, coordinates);
  }
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
  if (symbolicName !== undefined && (symbolicName === group || groupOfBundle(symbolicName, artifact) === group)) {
    return true;
  }
  return poms.length === 1 && name?.version === undefined && manifestVersions(manifest).includes(version);
}

/** Without a fitting `pom.properties`: what file name and manifest say together; undefined when they do not tell what it is. */
function guess(name: ArchiveName | undefined, evidence: ArchiveEvidence): Coordinates | undefined {
  const { manifest } = evidence;
  // A part of the Java runtime, which no repository holds.
  if (manifest.get("implementation-title") === "Java Runtime Environment") return undefined;
  const plugin = jenkinsPlugin(manifest);
  if (plugin !== undefined) return plugin;
  if (name === undefined) return undefined;
  const guessed = name.version === undefined ? guessByManifest(name, manifest) : guessByName(name, manifest);
  const coordinates = guessed && isMavenVersion(guessed.version) ? guessed : withoutVersion(name, evidence);
  if (coordinates === undefined || !isMavenId(coordinates.artifact)) return undefined;
  const group = coordinates.group ?? guessGroup(coordinates, evidence);
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

function guessByName({ artifact, version = "" }: ArchiveName, manifest: JavaManifest): Coordinates {
  // `lib-2.jar` is a short name for what the manifest knows as 2.9.1.
  const exact = versionIn(manifest.get("implementation-version"));
  if (exact?.startsWith(`${version}.`) && !version.includes(".")) return { artifact, version: exact };
  return { artifact, version };
}

function guessByManifest({ artifact: base }: ArchiveName, manifest: JavaManifest): Coordinates | undefined {
  const version = manifestVersions(manifest)[0];
  if (version === undefined) return undefined;
  const title = manifest.get("implementation-title");
  if (title === "Apache Tomcat") {
    return { artifact: base.startsWith("tomcat-") ? base : `tomcat-${base}`, version, group: "org.apache.tomcat" };
  }
  const symbolicName = symbolicNameOf(manifest);
  const spring = /^org\.springframework\.([a-z]+)$/.exec(symbolicName ?? "")?.[1];
  if (spring !== undefined && wellKnownGroup(`spring-${spring}`)) return { artifact: `spring-${spring}`, version };
  if ((wellKnownGroup(base) ?? familyGroup(base)) !== undefined) return { artifact: base, version };
  if (groupOfBundle(symbolicName ?? "", base) !== undefined) return { artifact: base, version };
  // Maven's default title is the artifact; other titles have capitals and spaces.
  if (isMavenId(title) && /^[a-z][a-z\d]*(?:-[a-z\d]+)*$/.test(title)) return { artifact: title, version };
  const bundle = symbolicName === undefined ? undefined : guessByBundle(symbolicName);
  return bundle === undefined ? { artifact: base, version } : { ...bundle, version };
}

function guessByBundle(symbolicName: string): Omit<Coordinates, "version"> | undefined {
  const split = splitBundle(symbolicName);
  if (split === undefined) return undefined;
  // `org.apache.commons.lang3` stands for `commons-lang3`: the bundle plugin leaves out what the group says already.
  const joined = `${split.group.slice(split.group.lastIndexOf(".") + 1)}-${split.artifact}`;
  if (wellKnownGroup(joined) !== undefined) return { artifact: joined };
  if (wellKnownGroup(split.artifact) === symbolicName) return { artifact: split.artifact };
  return organisations.has(split.group) ? undefined : split;
}

/** Domains of organisations under which the groups of many projects lie. */
const organisations: ReadonlySet<string> = new Set([
  "com.google",
  "com.ibm",
  "com.microsoft",
  "com.oracle",
  "com.redhat",
  "com.sun",
  "org.apache",
  "org.eclipse",
  "org.glassfish",
  "org.jboss",
]);

function guessGroup({ artifact, version }: Coordinates, { manifest, pomFolders }: ArchiveEvidence): string | undefined {
  const folder = pomFolders.find((pom) => pom.artifact === artifact);
  if (folder !== undefined) return folder.group;
  const known = wellKnownGroup(artifact, version);
  if (known !== undefined) return known;
  // Archives of the Java EE interfaces have their group there.
  const extension = manifest.get("extension-name");
  if (extension !== undefined && /^(?:javax|jakarta)(?:\.[a-z]+)+$/.test(extension)) return extension;
  const symbolicName = symbolicNameOf(manifest);
  const byBundle = withoutOrganisations(groupOfBundle(symbolicName ?? "", artifact));
  const vendor = manifest.get("implementation-vendor-id");
  if (vendor !== undefined && isDomainLike(vendor) && withoutOrganisations(vendor) !== undefined) {
    // `com.google.guava` with `guava` fits two groups; the vendor decides.
    if (byBundle === undefined || symbolicName === vendor) return vendor;
  }
  const byModule = withoutOrganisations(groupOfBundle(manifest.get("automatic-module-name") ?? "", artifact));
  return byBundle ?? familyGroup(artifact) ?? byModule ?? groupOfDomainName(artifact);
}

/** Artifacts that begin as a domain does are named as Eclipse names its own: the group is all but the last part. */
function groupOfDomainName(artifact: string): string | undefined {
  return /^(?:com|dev|edu|io|net|org)\./.test(artifact) ? splitBundle(artifact)?.group : undefined;
}

/** A group that is only an organisation's domain says too little to be the whole group. */
function withoutOrganisations(group: string | undefined): string | undefined {
  return group === undefined || organisations.has(group) ? undefined : group;
}

/** Without directives (`;singleton:=true`). */
function symbolicNameOf(manifest: JavaManifest): string | undefined {
  const name = manifest.get("bundle-symbolicname")?.split(";", 1)[0]?.trim();
  return isMavenId(name) ? name : undefined;
}

/** The usable versions in a manifest, the one that says most about the archive first. */
function manifestVersions(manifest: JavaManifest): string[] {
  return ["implementation-version", "bundle-version", "specification-version"].flatMap(
    (key) => versionIn(manifest.get(key)) ?? [],
  );
}

/** The version at the start of an attribute: `5.6.0` in `5.6.0 (b0)`. */
function versionIn(text: string | undefined): string | undefined {
  const version = /^\d\S*/.exec(text ?? "")?.[0];
  return isMavenVersion(version) ? version : undefined;
}
