import { groupOfBundle } from "./bundle-name.ts";
import { type Coordinates, isDomainLike, isMavenId } from "./coordinates.ts";
import { type JavaManifest, symbolicNameOf } from "./java-manifest.ts";
import { familyGroup, wellKnownGroup } from "./well-known-groups.ts";
import { witnessedGroup } from "./witnessed-groups.ts";

/** Where the group of an archive may stand. */
export interface GroupEvidence {
  /** Empty where the archive's manifest does not describe it. */
  readonly manifest: JavaManifest;
  /** Coordinates from every `META-INF/maven/<group>/<artifact>/pom.xml`. */
  readonly pomFolders: readonly { readonly group: string; readonly artifact: string }[];
  /** Those of {@link witnessClasses} that it holds. */
  readonly classes: ReadonlySet<string>;
  /** Whether the file is named as Maven names it, with a version, so that its name tells the artifact. */
  readonly hasMavenName: boolean;
}

/**
 * The group of an archive without a fitting `pom.properties`: from the path of a `pom.xml`, from well-known artifacts,
 * from attributes or classes that show it, from the manifest, from families of artifacts; undefined where none tells.
 * What the manifest says counts where it bears the artifact out: by a symbolic name that ends with it, by a title that
 * is it, by a vendor that ends with it, or where the file has the name that Maven gives it.
 */
export function groupOfArchive({ artifact, version }: Coordinates, evidence: GroupEvidence): string | undefined {
  const folder = evidence.pomFolders.find((pom) => pom.artifact === artifact);
  return (
    folder?.group ??
    wellKnownGroup(artifact, version) ??
    witnessedGroup({ artifact, version }, evidence) ??
    groupOfManifest(artifact, evidence) ??
    familyGroup(artifact)
  );
}

function groupOfManifest(artifact: string, { manifest, hasMavenName }: GroupEvidence): string | undefined {
  const byTitle = groupOfTitle(artifact, manifest.get("implementation-title"));
  if (byTitle !== undefined) return byTitle;
  const symbolicName = symbolicNameOf(manifest);
  const byBundle = projectGroup(groupOfBundle(symbolicName ?? "", artifact));
  const vendor = projectGroup(manifest.get("implementation-vendor-id"));
  // `com.example.guava` with `guava` fits two groups; the vendor decides.
  if (byBundle !== undefined) return symbolicName === vendor ? vendor : byBundle;
  const extension = groupOfExtension(artifact, manifest.get("extension-name"));
  if (extension !== undefined) return extension;
  const isTitle = manifest.get("implementation-title") === artifact;
  // Either an artifact that begins with its group, or one with its group before it.
  if (vendor !== undefined && artifact.startsWith(`${vendor}.`) && !isTitle) return undefined;
  const isBorneOut = hasMavenName || isTitle;
  return vendor !== undefined && (isBorneOut || vendor.endsWith(`.${artifact}`)) ? vendor : undefined;
}

/** Builds of Netflix's Gradle plug-ins write `group#artifact;version` as the title. */
function groupOfTitle(artifact: string, title = ""): string | undefined {
  const hash = title.indexOf("#");
  const group = title.slice(0, Math.max(0, hash));
  return isMavenId(group) && title.startsWith(`#${artifact};`, hash) ? group : undefined;
}

/** Archives of the Java EE interfaces have their group as the name of an extension. */
function groupOfExtension(artifact: string, extension: string | undefined): string | undefined {
  if (extension === undefined || !/^(?:javax|jakarta)(?:\.[a-z]+)+$/.test(extension)) return undefined;
  const last = extension.slice(extension.lastIndexOf(".") + 1);
  const fits = [last, extension].some((name) => artifact === name || artifact.startsWith(`${name}-`));
  return fits ? extension : undefined;
}

/**
 * A group that is only the domain of an organisation or of a host of projects says too little to be the whole group.
 */
function projectGroup(group: string | undefined): string | undefined {
  return group === undefined || !isDomainLike(group) || domainsOfMany.has(group) ? undefined : group;
}

const domainsOfMany: ReadonlySet<string> = new Set([
  "com.github",
  "com.gitlab",
  "com.google",
  "com.google.code",
  "com.googlecode",
  "com.ibm",
  "com.microsoft",
  "com.oracle",
  "com.redhat",
  "com.sun",
  "io.github",
  "io.gitlab",
  "net.java",
  "net.java.dev",
  "net.sf",
  "net.sourceforge",
  "org.apache",
  "org.codehaus",
  "org.eclipse",
  "org.glassfish",
  "org.jboss",
]);
