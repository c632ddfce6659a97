import type { Distribution } from "../../model/distribution.ts";
import type { MatchEvidence } from "../../model/finding.ts";
import type { Package, PackageType } from "../../model/package.ts";
import { isDistributionType } from "../../model/package-type.ts";
import type { ProblemCode } from "../../model/problem.ts";
import { distributionEcosystem } from "./distribution-ecosystem.ts";

/** A name and version under which a package's advisories may stand. */
export interface LookUp {
  readonly name: string;
  readonly version: string;
  readonly matchedBy: MatchEvidence["matchedBy"];
}

/** Where a package's advisories are, or why that cannot be told. */
export type PackageEcosystem =
  | {
      /** As OSV writes it, with the suffix of the release for a distribution: `Debian:12`, `npm`. */
      readonly ecosystem: string;
      /** What to look up, the most telling first; never empty. */
      readonly lookUps: readonly LookUp[];
    }
  /** On purpose not compared: the reason is for an explanation. */
  | { readonly suppressed: string }
  /** Cannot be judged: a gap that the report must show. */
  | { readonly unknown: string; readonly code: ProblemCode };

/** Source: OSV schema, "affected[].package", and the type definitions of the package-URL specification. */
const languages: Partial<Readonly<Record<PackageType, string>>> = {
  bitnami: "Bitnami",
  cargo: "crates.io",
  composer: "Packagist",
  conan: "ConanCenter",
  cran: "CRAN",
  gem: "RubyGems",
  github: "GitHub Actions",
  golang: "Go",
  hackage: "Hackage",
  hex: "Hex",
  maven: "Maven",
  npm: "npm",
  nuget: "NuGet",
  pub: "Pub",
  pypi: "PyPI",
  swift: "SwiftURL",
};

/** Tells in which ecosystem and under which names a package's advisories are. */
export function ecosystemOf(subject: Package, distribution: Distribution | null): PackageEcosystem {
  if (isDistributionType(subject.type)) return ofDistribution(subject, distribution);
  if (subject.ownedBy) {
    const { type, name } = subject.ownedBy;
    return { suppressed: `its files belong to the ${type} package ${name}, whose own advisories count` };
  }
  const ecosystem = languages[subject.type];
  if (!ecosystem)
    return { unknown: `no advisories for packages of type ${subject.type} are known`, code: "no-advisories" };
  if (subject.type === "golang" && subject.name === "toolchain") {
    return { suppressed: "the Go toolchain is not part of what it builds" };
  }
  return { ecosystem, lookUps: [{ name: subject.name, version: versionOf(subject), matchedBy: "package" }] };
}

function versionOf({ type, name, version }: Package): string {
  return type === "golang" && name === "stdlib" ? version.replace(/^go(?=\d)/, "") : version;
}

function ofDistribution(subject: Package, distribution: Distribution | null): PackageEcosystem {
  if (!distribution) {
    return { unknown: `the distribution of the ${subject.type} packages is not known`, code: "unknown-distribution" };
  }
  const known = distributionEcosystem(distribution);
  if ("reason" in known) return { unknown: known.reason, code: known.code };
  const own: LookUp = { name: subject.name, version: subject.version, matchedBy: "package" };
  const source = sourceLookUp(subject);
  const lookUps = known.names === "binary" || !source ? [own] : known.names === "source" ? [source] : [source, own];
  return { ecosystem: known.ecosystem, lookUps };
}

/** Undefined when the source package is the package itself or is not known. */
function sourceLookUp({ type, name, version, source }: Package): LookUp | undefined {
  if (!source || (source.name === name && (type === "rpm" || source.version === version))) return undefined;
  return { name: source.name, version: sourceVersion(type, version, source.version), matchedBy: "source-package" };
}

/** An rpm names its source file, which has no epoch; the packages made from it share one. */
function sourceVersion(type: PackageType, version: string, source: string): string {
  if (source === "") return version;
  const epoch = type === "rpm" && !source.includes(":") ? /^\d+:/.exec(version)?.[0] : undefined;
  return `${epoch ?? ""}${source}`;
}
