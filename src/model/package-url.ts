import { PackageURL } from "packageurl-js";
import type { Distribution } from "./distribution.ts";
import type { FoundPackage } from "./package.ts";

/**
 * The package URL of a package, in canonical form. The packages of a distribution get its id as namespace and
 * `distro=<id>-<version>` as qualifier; an rpm's epoch becomes a qualifier, as the type's definition asks.
 *
 * Source: the package-URL specification and its type definitions for deb, rpm, apk, npm, maven, golang and pypi.
 */
export function packageUrl(found: FoundPackage, distribution?: Distribution): string {
  const qualifiers: Record<string, string> = { ...found.qualifiers };
  let { version } = found;
  if (found.type === "deb" || found.type === "rpm" || found.type === "apk") {
    if (found.architecture) qualifiers["arch"] = found.architecture;
    if (distribution) {
      qualifiers["distro"] = distribution.version ? `${distribution.id}-${distribution.version}` : distribution.id;
    }
    if (found.type === "rpm") {
      const colon = version.indexOf(":");
      if (colon > 0) {
        qualifiers["epoch"] = version.slice(0, colon);
        version = version.slice(colon + 1);
      }
      if (found.module) qualifiers["rpmmod"] = found.module;
    }
    return build(found.type, distribution?.id ?? defaultNamespace(found.type), found.name, version, qualifiers);
  }
  const { namespace, name } = splitName(found);
  return build(found.type, namespace, name, version, qualifiers);
}

function build(
  type: string,
  namespace: string | undefined,
  name: string,
  version: string,
  qualifiers: Record<string, string>,
): string {
  return new PackageURL(type, namespace, name, version, qualifiers, undefined).toString();
}

function defaultNamespace(type: string): string | undefined {
  return type === "apk" ? "alpine" : type === "deb" ? "debian" : undefined;
}

/** Splits an ecosystem's name at the place where its package-URL type divides namespace and name. */
function splitName({ type, name }: FoundPackage): { namespace: string | undefined; name: string } {
  if (type === "maven") return splitAt(name, name.indexOf(":"));
  if (type === "npm" || type === "golang" || type === "composer" || type === "github" || type === "swift") {
    return splitAt(name, name.lastIndexOf("/"));
  }
  return { namespace: undefined, name };
}

function splitAt(text: string, index: number): { namespace: string | undefined; name: string } {
  if (index < 1) return { namespace: undefined, name: text };
  return { namespace: text.slice(0, index), name: text.slice(index + 1) };
}
