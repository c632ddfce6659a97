import type { PackageType } from "./package.ts";

const packageTypes: Readonly<Record<PackageType, true>> = {
  alpm: true,
  apk: true,
  bitnami: true,
  brew: true,
  cargo: true,
  cocoapods: true,
  composer: true,
  conan: true,
  conda: true,
  cpan: true,
  cran: true,
  deb: true,
  ebuild: true,
  gem: true,
  generic: true,
  github: true,
  golang: true,
  hackage: true,
  hex: true,
  julia: true,
  k8s: true,
  luarocks: true,
  maven: true,
  npm: true,
  nuget: true,
  opam: true,
  opkg: true,
  pub: true,
  pypi: true,
  rpm: true,
  snap: true,
  swift: true,
  terraform: true,
  "vscode-extension": true,
};

/** True for the types of package that Plimsoll knows. */
export function isPackageType(type: string): type is PackageType {
  return Object.hasOwn(packageTypes, type);
}

/** True for the packages that a Linux distribution builds and its own advisories speak for. */
export function isDistributionType(type: string): type is "alpm" | "apk" | "deb" | "ebuild" | "opkg" | "rpm" {
  return distributionTypes.has(type);
}

const distributionTypes: ReadonlySet<string> = new Set(["alpm", "apk", "deb", "ebuild", "opkg", "rpm"]);
