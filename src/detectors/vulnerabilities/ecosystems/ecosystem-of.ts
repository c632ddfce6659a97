import type { MatchEvidence } from "../../../model/findings/finding.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package, PackageType } from "../../../model/packages/package.ts";
import { isDistributionType } from "../../../model/packages/package-type.ts";
import type { ProblemCode } from "../../../model/reports/problem.ts";
import { schemeOf } from "../../../versions/ecosystems.ts";
import { isKernelHeaders } from "../kernel/kernel-headers.ts";
import { unsignedKernel } from "../kernel/unsigned-kernel.ts";
import type { ProductDoubt } from "../matching/red-hat-products.ts";
import { isUntagged, standardLibraryVersion } from "../names/go-version.ts";
import { kubernetesVersion } from "../names/kubernetes-version.ts";
import { packageOrigin } from "../names/package-origin.ts";
import { bitnamiComponent } from "../names/unpackaged-program.ts";
import { distributionEcosystem } from "./distribution-ecosystem.ts";

/** A name and version under which a package's advisories may stand. */
export interface LookUp {
  readonly name: string;
  readonly version: string;
  readonly matchedBy: MatchEvidence["matchedBy"];
  /** Which of the two names this is; absent when both are the same or there is only one. */
  readonly kind?: "source" | "binary";
}

/** The place of a package's advisories, or the reason why it is unknown. */
export type PackageEcosystem =
  | {
      /** As OSV writes it, with the suffix of the release for a distribution: `Debian:12`, `npm`. */
      readonly ecosystem: string;
      /** What to look up, the most telling first; never empty. */
      readonly lookUps: readonly LookUp[];
      /** What an entry of a record names that does not say; absent when it may be either. */
      readonly unmarked?: "source" | "binary";
      /** The products of an image of Red Hat, by `productsOfImage`; absent when not known. */
      readonly products?: ReadonlySet<string>;
      /** Why the package may be of another product of Red Hat; absent when its products are known. */
      readonly doubt?: ProductDoubt;
    }
  /** On purpose not compared: the reason is for an explanation. `maker` built it, whose packages no feed covers. */
  | { readonly suppressed: string; readonly maker?: string }
  /** Cannot be judged: a gap that the report must show. */
  | { readonly unknown: string; readonly code: ProblemCode };

/** Source: OSV schema, "affected[].package", and the type definitions of the package-URL specification. */
const languages: Partial<Readonly<Record<PackageType, string>>> = {
  bitnami: "Bitnami",
  cargo: "crates.io",
  cocoapods: "CocoaPods",
  composer: "Packagist",
  conan: "ConanCenter",
  cran: "CRAN",
  gem: "RubyGems",
  github: "GitHub Actions",
  golang: "Go",
  hackage: "Hackage",
  hex: "Hex",
  julia: "Julia",
  k8s: "Kubernetes",
  maven: "Maven",
  npm: "npm",
  nuget: "NuGet",
  opam: "opam",
  pub: "Pub",
  pypi: "PyPI",
  swift: "SwiftURL",
  "vscode-extension": "VSCode",
};

/** Any distribution with the package manager: all of them order versions alike. */
const packageManagers: Partial<Readonly<Record<PackageType, string>>> = {
  apk: "Alpine",
  deb: "Debian",
  rpm: "Red Hat",
};

/** An ecosystem that orders versions as packages of the type do; undefined when no order is known. */
export function ecosystemWithOrderOf(type: PackageType): string | undefined {
  return languages[type] ?? packageManagers[type];
}

/**
 * Tells in which ecosystem and under which names a package's advisories are. Packages that a distribution's package
 * owns are suppressed here; `placeOf` asks as if they had no owner where the database does not know the distribution.
 */
export function ecosystemOf(subject: Package, distribution: Distribution | null): PackageEcosystem {
  if (isDistributionType(subject.type)) return ofDistribution(subject, distribution);
  if (subject.ownedBy) {
    const { type, name } = subject.ownedBy;
    return { suppressed: `its files belong to the ${type} package ${name}, whose own advisories count` };
  }
  const component = subject.type === "generic" ? bitnamiComponent(subject) : undefined;
  if (component) return { ecosystem: "Bitnami", lookUps: [{ ...component, matchedBy: "package" }] };
  const ecosystem = languages[subject.type];
  if (!ecosystem) return { unknown: `no advisories for ${kindOf(subject)} are known`, code: "no-advisories" };
  if (subject.type === "golang" && subject.name === "toolchain") {
    return { suppressed: "the Go toolchain is not part of the programs that it builds" };
  }
  return { ecosystem, lookUps: [{ ...nameAndVersion(subject), matchedBy: "package" }] };
}

function kindOf({ type, name }: Package): string {
  return type === "generic" ? `the program ${name}` : `packages of type ${type}`;
}

/**
 * What Bundler writes behind the version of a gem that was built for a platform: `1.18.4-x86_64-linux-gnu`,
 * `1.18.4-java`.
 */
const gemPlatform =
  /-(?:x86(?:_64)?|x64|i[3-6]86|arm64|aarch64|arm|universal|ppc64le|s390x|riscv64|java|jruby|dalvik|mswin\d*|mingw\d*)(?:-[\w.-]*)?$/;

function nameAndVersion({ type, name, version, mainModule }: Package): Pick<LookUp, "name" | "version"> {
  if (type === "k8s") return { name, version: kubernetesVersion(version) };
  if (type === "gem") return { name, version: version.replace(gemPlatform, "") };
  // Some documents call the standard library as Go's own tools do.
  if (type === "golang" && (name === "stdlib" || name === "std")) {
    return { name: "stdlib", version: standardLibraryVersion(version) };
  }
  // What Go writes for a main module that it knew no version of; a working copy without tags tells none.
  if (mainModule && isUntagged(version)) return { name, version: "(devel)" };
  return { name, version };
}

/** The order of versions of each package manager. */
const schemes: Partial<Readonly<Record<PackageType, string>>> = { apk: "apk", deb: "dpkg", rpm: "rpm" };

function ofDistribution(subject: Package, distribution: Distribution | null): PackageEcosystem {
  if (!distribution) {
    return { unknown: `the distribution of the ${subject.type} packages is unknown`, code: "unknown-distribution" };
  }
  if (isKernelHeaders(subject)) {
    return { suppressed: "it contains kernel headers, and containers run on the kernel of the host" };
  }
  const known = distributionEcosystem(distribution);
  if ("reason" in known) return { unknown: known.reason, code: known.code };
  if (schemeOf(known.ecosystem)?.id !== schemes[subject.type]) {
    return {
      unknown: `the ${subject.type} packages are from a distribution other than ${distribution.name}, which is unknown`,
      code: "unknown-distribution",
    };
  }
  const origin = packageOrigin(subject, distribution);
  if (origin.kind === "elsewhere") {
    const { maker } = origin;
    return { suppressed: `${maker} built it, and the advisories of ${distribution.name} do not cover it`, maker };
  }
  const { ecosystem, names, unmarked = names === "both" ? undefined : names } = known;
  return { ecosystem, lookUps: lookUpsOf(subject, names), ...(unmarked && { unmarked }) };
}

/** When the source has another name, the two names are looked up separately; else one look-up serves as both. */
function lookUpsOf(subject: Package, names: "source" | "binary" | "both"): LookUp[] {
  const own: LookUp = { name: subject.name, version: subject.version, matchedBy: "package" };
  const source = sourceLookUp(subject);
  if (!source) return [own];
  // The two have one name but different versions (a Debian binary rebuild): each look-up has its own version.
  const ofSource: LookUp = { ...source, kind: "source" };
  const ofBinary: LookUp = { ...own, kind: "binary" };
  return names === "binary" ? [ofBinary] : names === "source" ? [ofSource] : [ofSource, ofBinary];
}

/** Undefined when the source package is the package itself or is not known. */
function sourceLookUp({ type, name, version, source: written }: Package): LookUp | undefined {
  const source = written && unsignedKernel(written);
  if (!source || (source.name === name && (type === "rpm" || source.version === version))) return undefined;
  return { name: source.name, version: sourceVersion(type, version, source.version), matchedBy: "source-package" };
}

/** An rpm names its source file, which has no epoch; the packages made from it share one. */
function sourceVersion(type: PackageType, version: string, source: string): string {
  if (source === "") return version;
  const epoch = type === "rpm" && !source.includes(":") ? /^\d+:/.exec(version)?.[0] : undefined;
  return `${epoch ?? ""}${source}`;
}
