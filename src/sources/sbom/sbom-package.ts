import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package, PackageOwner, SourcePackage } from "../../model/packages/package.ts";
import { normaliseName } from "../../model/packages/package-name.ts";
import { isDistributionType, isPackageType } from "../../model/packages/package-type.ts";
import { type ParsedPackageUrl, parsePackageUrl } from "../../model/packages/package-url.ts";
import { distributionOf } from "./distribution-name.ts";
import { javaArchiveUrl } from "./java-archive-url.ts";
import { linkedProgramsFrom, platformFrom } from "./linked-programs.ts";
import { sourceFromQualifier } from "./source-package.ts";

/** What a document says about one package, in the words that CycloneDX and SPDX share. */
export interface SbomEntry {
  /** Package URLs as written, the preferred one first. */
  readonly purls: readonly string[];
  /** How the document spells the name: alone and with its group. */
  readonly names: readonly string[];
  readonly version: string | undefined;
  /** Given the package's version, the source package if the document names one outside the package URL. */
  readonly source: (version: string) => SourcePackage | undefined;
  readonly paths: readonly string[];
  readonly licenses: readonly string[];
  readonly vendor: string | undefined;
  readonly architecture: string | undefined;
  readonly module: string | undefined;
  /** The repositories of Red Hat from which the target was built, where the entry of a package tells. */
  readonly repositories: readonly string[];
  readonly ownedBy: PackageOwner | undefined;
  /** What of a Go module the program contains, when the document tells. */
  readonly linkedPackages: readonly string[] | undefined;
  /** The system and processor for which its program was built, in Go's words. */
  readonly builtFor: string | undefined;
  /** Packages linked into each of several Go programs, as {@link linkedProgramsFrom} reads it. */
  readonly linkedPrograms: readonly string[];
  /** Whether it is the main module of its program, as far as the document tells; of others than Go it means nothing. */
  readonly mainModule: boolean;
  /** Whether it is what a document was about and did not list. */
  readonly ownProject: boolean;
  /** Whether a group equal to the artifact may be what a tool wrote for want of one. */
  readonly groupMayBeGuess: boolean;
}

/** One entry, judged. */
export type SbomReading =
  | {
      readonly kind: "package";
      readonly package: Package;
      readonly distribution: Distribution | undefined;
      /** The repository from which the package itself is, as the package URLs of Red Hat tell. */
      readonly repository: string | undefined;
    }
  /** A container image or a source package of a distribution: not installed in the target. */
  | { readonly kind: "not-installed" }
  /** No package URL of a type that Plimsoll knows, or no version where it is not that of a Java archive. */
  | { readonly kind: "unknown" };

/** Makes a package of an entry, by its package URL. */
export function readEntry(entry: SbomEntry): SbomReading {
  const urls = entry.purls
    .map((purl) => parsePackageUrl(purl) ?? javaArchiveUrl(purl, entry.names))
    .filter((url) => url !== undefined);
  const url = urls.find(({ type }) => isPackageType(type));
  if (!url) return urls.some(({ type }) => type === "oci" || type === "docker") ? notInstalled : unknown;
  const { type } = url;
  const architecture = url.qualifiers["arch"] || entry.architecture;
  const isDistributionPackage = isDistributionType(type);
  if (isDistributionPackage && (architecture === "src" || architecture === "nosrc" || architecture === "source")) {
    return notInstalled;
  }
  // Where nothing tells that of a Java archive, it is compared as far as that goes, as in all other targets.
  const version = versionOf(url, entry.version) ?? (type === "maven" ? "" : undefined);
  if (version === undefined || !isPackageType(type)) return unknown;
  const source = entry.source(version) ?? sourceFromQualifier(url, version);
  const module = streamOf(url.qualifiers["rpmmod"] || url.qualifiers["modularitylabel"] || entry.module);
  const builtFor = platformFrom(entry.builtFor);
  const linkedPrograms = linkedProgramsFrom(entry.linkedPrograms, entry.paths);
  const found: Package = {
    type,
    name: spelling(url, entry.names),
    version,
    ...(architecture ? { architecture } : {}),
    ...(source ? { source } : {}),
    ...(entry.licenses.length > 0 ? { licenses: entry.licenses } : {}),
    ...(entry.vendor && !noSupplierName.test(entry.vendor) ? { vendor: entry.vendor } : {}),
    ...(module ? { module } : {}),
    purl: url.version === undefined && version !== "" ? withVersion(url, version) : url.canonical,
    paths: [...new Set(entry.paths)].sort(),
    layer: null,
    ...(entry.ownedBy ? { ownedBy: entry.ownedBy } : {}),
    ...(entry.linkedPackages && { linkedPackages: entry.linkedPackages }),
    ...(builtFor !== undefined && { builtFor }),
    ...(linkedPrograms && { linkedPrograms }),
    ...(entry.mainModule && type === "golang" && { mainModule: true }),
    ...(entry.ownProject && { ownProject: true }),
    ...(entry.groupMayBeGuess && type === "maven" && url.name === `${url.namespace}:${url.namespace}`
      ? { groupIsGuess: true }
      : {}),
  };
  return {
    kind: "package",
    package: found,
    distribution: isDistributionPackage ? distributionOf(url) : undefined,
    repository: (type === "rpm" && url.qualifiers["repository_id"]) || undefined,
  };
}

/** What tools write where they know no vendor. */
const noSupplierName = /^\W*(?:(?:none|noassertion|unknown|undefined|null|n\/a)\W*)?$/i;

const notInstalled: SbomReading = { kind: "not-installed" };
const unknown: SbomReading = { kind: "unknown" };

/**
 * The version with the epoch that package URLs of rpm, and of deb by some tools, keep apart, or that only the version
 * beside the package URL has.
 */
function versionOf({ type, version, qualifiers }: ParsedPackageUrl, written: string | undefined): string | undefined {
  const own = version || written || undefined;
  const keepsEpochApart = type === "rpm" || type === "deb";
  if (own === undefined || !keepsEpochApart || /^\d+:/.test(own)) return own;
  const epoch = qualifiers["epoch"];
  if (epoch && /^\d+$/.test(epoch)) return `${epoch}:${own}`;
  return written !== undefined && /^\d+:/.test(written) && written.endsWith(`:${own}`) ? written : own;
}

/** The document's spelling where the package URL's form of the name has lost letter case or punctuation. */
function spelling(url: ParsedPackageUrl, names: readonly string[]): string {
  const { type } = url;
  const name = type === "golang" ? withCapitals(url.name) : url.name;
  const fold = (text: string): string => (type === "pypi" ? normaliseName("PyPI", text) : text.toLowerCase());
  const find = (wanted: string): string | undefined => names.find((candidate) => fold(candidate) === fold(wanted));
  const whole = type === "golang" ? modulePath(url, find) : undefined;
  return whole ?? find(name) ?? name;
}

/** Go writes `!azure` for `Azure` in the names of its files, and no other module path has `!`. */
function withCapitals(path: string): string {
  return path.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The path of a Go module of which the package URL has a part as its subpath, as Syft and Docker Scout write paths of
 * more than three segments and those that end in a major version. Undefined where the subpath names a package of the
 * module.
 */
function modulePath(
  { name, version, subpath }: ParsedPackageUrl,
  find: (name: string) => string | undefined,
): string | undefined {
  if (subpath === undefined) return undefined;
  const written = find(`${name}/${subpath}`);
  if (written !== undefined) return written;
  const major = /^v(?:[2-9]|[1-9]\d+)$/.exec(subpath)?.[0];
  return major !== undefined && /^v?\d+/.exec(version ?? "")?.[0].replace(/^v?/, "v") === major
    ? `${name}/${major}`
    : undefined;
}

/** `nodejs:18` of `nodejs:18:8030020201124152102:229f0a1c`. */
function streamOf(module: string | undefined): string | undefined {
  return module?.split(":", 2).join(":");
}

function withVersion({ canonical }: ParsedPackageUrl, version: string): string {
  const end = canonical.search(/[?#]/);
  const start = end < 0 ? canonical : canonical.slice(0, end);
  const text = `${start}@${encodeURIComponent(version.toWellFormed())}${end < 0 ? "" : canonical.slice(end)}`;
  return parsePackageUrl(text)?.canonical ?? canonical;
}
