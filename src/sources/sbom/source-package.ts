import type { SourcePackage } from "../../model/packages/package.ts";
import type { ParsedPackageUrl } from "../../model/packages/package-url.ts";

/** The properties of a CycloneDX component; a name may stand more than once. */
export type Properties = ReadonlyMap<string, readonly string[]>;

/**
 * The source package that the properties of Plimsoll, Trivy (`aquasecurity:trivy:Src…`) or Syft (`syft:metadata:…`)
 * name. `version` is the package's own, for tools that leave out an equal one. Undefined when no tool names a source
 * package.
 */
export function sourceFromProperties(properties: Properties, version: string): SourcePackage | undefined {
  const first = (name: string): string | undefined => properties.get(name)?.[0] || undefined;
  const own = first("plimsoll:source:name");
  if (own !== undefined) return { name: own, version: first("plimsoll:source:version") ?? version };
  const trivy = first("aquasecurity:trivy:SrcName");
  if (trivy !== undefined) {
    return {
      name: trivy,
      version:
        assemble({
          epoch: first("aquasecurity:trivy:SrcEpoch"),
          version: first("aquasecurity:trivy:SrcVersion"),
          release: first("aquasecurity:trivy:SrcRelease"),
        }) ?? version,
    };
  }
  const rpm = sourceFromRpmName(first("syft:metadata:sourceRpm"), version);
  if (rpm) return rpm;
  const syft = first("syft:metadata:source") ?? first("syft:metadata:originPackage");
  return syft === undefined ? undefined : { name: syft, version: first("syft:metadata:sourceVersion") ?? version };
}

/**
 * The source package in the qualifier `upstream`, which holds `name`, `name@version` or the file name of a source rpm.
 * Undefined when the qualifier is absent.
 */
export function sourceFromQualifier(url: ParsedPackageUrl, version: string): SourcePackage | undefined {
  const upstream = url.qualifiers["upstream"];
  if (!upstream) return undefined;
  const rpm = sourceFromRpmName(upstream, version);
  if (rpm) return rpm;
  const at = upstream.indexOf("@");
  return at < 1 ? { name: upstream, version } : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}

/** The source package in SPDX's `sourceInfo` as Trivy writes it, `built package from: bash 5.0-4`; else undefined. */
export function sourceFromSourceInfo(sourceInfo: string | undefined): SourcePackage | undefined {
  const match = /^built package from: (\S+) (\S+)$/.exec(sourceInfo ?? "");
  return match?.[1] !== undefined && match[2] !== undefined ? { name: match[1], version: match[2] } : undefined;
}

/** The file name has no epoch; a source rpm has that of the packages built from it. */
function sourceFromRpmName(fileName: string | undefined, version: string): SourcePackage | undefined {
  const stem = /^(.*)\.(?:no)?src\.rpm$/.exec(fileName ?? "")?.[1];
  if (stem === undefined) return undefined;
  const release = stem.lastIndexOf("-");
  const start = release < 1 ? -1 : stem.lastIndexOf("-", release - 1);
  if (start < 1) return undefined;
  const epoch = /^\d+:/.exec(version)?.[0] ?? "";
  return { name: stem.slice(0, start), version: epoch + stem.slice(start + 1) };
}

function assemble({
  epoch,
  version,
  release,
}: Readonly<Record<"epoch" | "version" | "release", string | undefined>>): string | undefined {
  if (version === undefined) return undefined;
  const prefix = epoch === undefined || epoch === "0" ? "" : `${epoch}:`;
  return `${prefix}${version}${release === undefined ? "" : `-${release}`}`;
}
