import type { FoundPackage, SourcePackage } from "../../model/packages/package.ts";

/** What rpm records about a package; `version` is `version-release`. */
export interface RpmFacts {
  readonly name: string;
  readonly version: string;
  readonly epoch: number | undefined;
  readonly architecture: string | undefined;
  readonly vendor: string | undefined;
  readonly license: string | undefined;
  /** The file name of the source package, `name-version-release.src.rpm`. */
  readonly sourceRpm: string | undefined;
  /** `name:stream:version:context:architecture`. */
  readonly modularityLabel: string | undefined;
}

/** False for the public keys that rpm keeps among its packages. */
export function isPackage(name: string): boolean {
  return name !== "gpg-pubkey";
}

/**
 * The package that rpm records. An epoch of 0 and no epoch are equal for rpm, so only a positive one is written. The
 * name of the source package does not show its epoch; it is that of the packages built from it, except in rare cases.
 */
export function rpmPackage(facts: RpmFacts): FoundPackage {
  const { name, architecture, vendor, license } = facts;
  const epoch = facts.epoch !== undefined && facts.epoch > 0 ? `${facts.epoch}:` : "";
  const source = sourcePackage(facts.sourceRpm ?? "", epoch);
  const module = facts.modularityLabel?.split(":", 2).join(":");
  return {
    type: "rpm",
    name,
    version: epoch + facts.version,
    ...(architecture ? { architecture } : {}),
    ...(source ? { source } : {}),
    ...(license ? { licenses: [license] } : {}),
    ...(vendor ? { vendor } : {}),
    ...(module ? { module } : {}),
  };
}

function sourcePackage(file: string, epoch: string): SourcePackage | undefined {
  const suffix = [".src.rpm", ".nosrc.rpm"].find((ending) => file.endsWith(ending));
  if (suffix === undefined) return undefined;
  const stem = file.slice(0, -suffix.length);
  const release = stem.lastIndexOf("-");
  const version = stem.lastIndexOf("-", release - 1);
  if (version < 1 || release <= version + 1 || release === stem.length - 1) return undefined;
  return { name: stem.slice(0, version), version: epoch + stem.slice(version + 1) };
}
