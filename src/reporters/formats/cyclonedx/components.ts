import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { isDistributionType } from "../../../model/packages/package-type.ts";
import type { Contents, Layer } from "../../../model/reports/report.ts";
import { isImage } from "../../../model/reports/target-form.ts";
import { imagePackageUrl } from "../../documents/image-package-url.ts";
import type { PackageReferences } from "../../documents/package-references.ts";
import { distributionProperties, packageProperties, targetProperties } from "../../documents/plimsoll-properties.ts";
import { licenseChoices } from "./licenses.ts";

/** The `bom-ref` of the target. */
export const targetReference = "target";
const distributionReference = "distribution";
/** The schema's limit for a version. */
const longestVersion = 1024;

/** The target, for `metadata.component`. */
export function targetComponent(contents: Contents): object {
  const { target } = contents;
  const digest = target.manifestDigest ?? target.imageId;
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(digest ?? "")?.[1];
  const purl = imagePackageUrl(target);
  return {
    type: isImage(target.kind) ? "container" : "application",
    "bom-ref": targetReference,
    name: target.name,
    ...(digest === undefined ? {} : { version: digest }),
    ...(sha256 === undefined ? {} : { hashes: [{ alg: "SHA-256", content: sha256 }] }),
    ...(purl === undefined ? {} : { purl }),
    properties: targetProperties(contents),
  };
}

/** The distribution and the packages. */
export function* components(contents: Contents, references: PackageReferences): Generator<object> {
  if (contents.distro) yield distributionComponent(contents.distro);
  for (const [index, found] of contents.packages.entries()) {
    const layer = found.layer === null ? undefined : contents.layers[found.layer];
    yield packageComponent(found, { reference: references.at(index), layer });
  }
}

/** The target contains the distribution and the packages outside it; the distribution contains its own. */
export function* dependencies({ distro, packages }: Contents, references: PackageReferences): Generator<object> {
  const ofDistribution: string[] = [];
  const ofTarget: string[] = [];
  for (const [index, found] of packages.entries()) {
    (distro && isDistributionType(found.type) ? ofDistribution : ofTarget).push(references.at(index));
  }
  yield { ref: targetReference, dependsOn: distro ? [distributionReference, ...ofTarget] : ofTarget };
  if (distro) yield { ref: distributionReference, dependsOn: ofDistribution };
}

function distributionComponent(distribution: Distribution): object {
  return {
    type: "operating-system",
    "bom-ref": distributionReference,
    name: distribution.id,
    ...versionMember(distribution.version),
    description: distribution.name,
    properties: distributionProperties(distribution),
  };
}

function packageComponent(
  found: Package,
  { reference, layer }: { readonly reference: string; readonly layer: Layer | undefined },
): object {
  const licenses = licenseChoices(found.licenses ?? []);
  return {
    type: "library",
    "bom-ref": reference,
    ...(found.vendor === undefined ? {} : { publisher: found.vendor }),
    ...groupAndName(found),
    ...versionMember(found.version),
    ...(licenses.length === 0 ? {} : { licenses }),
    purl: found.purl,
    properties: packageProperties(found, layer),
    ...(found.paths.length === 0 ? {} : { evidence: { occurrences: found.paths.map((location) => ({ location })) } }),
  };
}

function groupAndName({ type, name }: Package): { readonly group?: string; readonly name: string } {
  const hasGroup = type === "maven" || type === "npm" || type === "composer" || type === "github" || type === "swift";
  const index = !hasGroup ? -1 : type === "maven" ? name.indexOf(":") : name.lastIndexOf("/");
  return index < 1 ? { name } : { group: name.slice(0, index), name: name.slice(index + 1) };
}

function versionMember(version: string | undefined): { readonly version?: string } {
  return version === undefined || version === "" || version.length > longestVersion ? {} : { version };
}
