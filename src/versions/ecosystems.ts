import { alpm } from "./alpm.ts";
import { apk } from "./apk.ts";
import { bitnami } from "./bitnami.ts";
import { conan } from "./conan.ts";
import { cran } from "./cran.ts";
import { dpkg } from "./dpkg.ts";
import { echoNpm } from "./echo-npm.ts";
import { gentoo } from "./gentoo.ts";
import { go } from "./go.ts";
import { hackage } from "./hackage.ts";
import { maven } from "./maven.ts";
import { nuget } from "./nuget.ts";
import { opam } from "./opam.ts";
import { packagist } from "./packagist.ts";
import { pep440 } from "./pep440.ts";
import { pub } from "./pub.ts";
import { root } from "./root.ts";
import { rpm } from "./rpm.ts";
import { rubygems } from "./rubygems.ts";
import { semver } from "./semver.ts";
import type { VersionScheme } from "./version-scheme.ts";

const schemes: ReadonlyMap<string, VersionScheme<unknown>> = new Map<string, VersionScheme<unknown>>([
  ["AlmaLinux", rpm],
  ["Alpaquita", apk],
  ["Alpine", apk],
  ["Amazon Linux", rpm],
  ["Arch Linux", alpm],
  ["Azure Linux", rpm],
  ["BellSoft Hardened Containers", apk],
  ["Bioconductor", cran],
  ["Bitnami", bitnami],
  ["CRAN", cran],
  ["Chainguard", apk],
  ["CleanStart", apk],
  ["CocoaPods", rubygems],
  ["ConanCenter", conan],
  ["Debian", dpkg],
  ["Docker Hardened Images", semver],
  ["Echo", dpkg],
  ["Fedora", rpm],
  ["GHC", semver],
  ["Gentoo", gentoo],
  ["Go", go],
  ["Hackage", hackage],
  ["Hex", semver],
  ["Julia", semver],
  ["Kubernetes", semver],
  ["Mageia", rpm],
  ["Maven", maven],
  ["MinimOS", apk],
  ["NuGet", nuget],
  ["Oracle Linux", rpm],
  ["Packagist", packagist],
  ["Photon OS", rpm],
  ["Pub", pub],
  ["PyPI", pep440],
  ["Red Hat", rpm],
  ["Rocky Linux", rpm],
  ["RubyGems", rubygems],
  ["SUSE", rpm],
  ["SwiftURL", semver],
  ["Ubuntu", dpkg],
  ["VSCode", semver],
  ["Wolfi", apk],
  ["crates.io", semver],
  ["npm", semver],
  ["openEuler", rpm],
  ["openSUSE", rpm],
  ["opam", opam],
]);

/** How Root calls the ecosystems that OSV calls otherwise. */
const rootNames: ReadonlyMap<string, string> = new Map([
  ["Composer", "Packagist"],
  ["Python", "PyPI"],
  ["Ruby", "RubyGems"],
]);

const rootSchemes: ReadonlyMap<VersionScheme<unknown>, VersionScheme<unknown>> = new Map(
  [...new Set(schemes.values())].map((scheme) => [scheme, root(scheme)]),
);

/** The ecosystems whose versions can be compared, as OSV names them, without a release, sorted. */
export const ecosystemsWithOrder: readonly string[] = [...schemes.keys()].sort();

/**
 * How an ecosystem orders its versions. `ecosystem` is a name of the OSV schema, with or without a release after ":"
 * (`Debian`, `Debian:12`, `Ubuntu:22.04:LTS`); upper and lower case matter. Undefined when the name is not known or its
 * order is not one of those implemented.
 *
 * `TuxCare:X` has the order of X, `Root:X` that of X with the numbers of Root's patches. `Echo` alone is Debian's,
 * `Echo:PyPI` and `Echo:Maven` have the order of their registries, `Echo:npm` that of npm with the numbers of Echo's
 * rebuilds.
 *
 * Source: OSV schema, "affected[].package", and the ecosystems that it lists.
 */
export function schemeOf(ecosystem: string): VersionScheme<unknown> | undefined {
  const colon = ecosystem.indexOf(":");
  if (colon < 0) return schemes.get(ecosystem);
  const name = ecosystem.slice(0, colon);
  const suffix = ecosystem.slice(colon + 1);
  if (name === "TuxCare") return suffix.startsWith("TuxCare") ? undefined : schemeOf(suffix);
  if (name === "Root") return schemeOfRoot(suffix);
  if (name === "Echo" && suffix === "PyPI") return pep440;
  if (name === "Echo" && suffix === "Maven") return maven;
  if (name === "Echo" && suffix === "npm") return echoNpm;
  return schemes.get(name);
}

function schemeOfRoot(suffix: string): VersionScheme<unknown> | undefined {
  const [name = ""] = suffix.split(":", 1);
  const inner = schemes.get(rootNames.get(name) ?? name);
  return inner && rootSchemes.get(inner);
}

/**
 * Compares two versions by the rule of their ecosystem, named as for {@link schemeOf}: -1 when `a` is lower, 1 when it
 * is higher, 0 when the ecosystem holds them for the same. Undefined when the ecosystem has no known order or when one
 * of the two is not a version there: then nothing may be concluded, in particular not that one is higher. Never throws.
 */
export function compareVersions(ecosystem: string, a: string, b: string): -1 | 0 | 1 | undefined {
  const scheme = schemeOf(ecosystem);
  const left = scheme?.parse(a);
  const right = scheme?.parse(b);
  if (scheme === undefined || left === undefined || right === undefined) return undefined;
  return scheme.compare(left, right);
}
