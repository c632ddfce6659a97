import type { PackageType } from "./package.ts";

const packageTypes: Readonly<Record<PackageType, true>> = {
  apk: true,
  bitnami: true,
  cargo: true,
  cocoapods: true,
  composer: true,
  conan: true,
  conda: true,
  cran: true,
  deb: true,
  gem: true,
  generic: true,
  github: true,
  golang: true,
  hackage: true,
  hex: true,
  julia: true,
  k8s: true,
  maven: true,
  npm: true,
  nuget: true,
  opam: true,
  pub: true,
  pypi: true,
  rpm: true,
  swift: true,
  "vscode-extension": true,
};

/** True for the types of package that Plimsoll knows. */
export function isPackageType(type: string): type is PackageType {
  return Object.hasOwn(packageTypes, type);
}

/** True for the packages that a Linux distribution builds and its own advisories speak for. */
export function isDistributionType(type: string): type is "apk" | "deb" | "rpm" {
  return type === "deb" || type === "rpm" || type === "apk";
}
