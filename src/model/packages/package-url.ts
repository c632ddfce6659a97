import { PackageURL } from "packageurl-js";
import { compareText } from "../text/compare-text.ts";
import type { Distribution } from "./distribution.ts";
import type { FoundPackage, PackageType } from "./package.ts";
import { isDistributionType } from "./package-type.ts";

/** The parts of a package URL as its specification divides them: `name` is without the namespace. */
export interface PackageUrlParts {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string>> | undefined;
  readonly subpath?: string | undefined;
}

/** A package URL that was read. */
export interface ParsedPackageUrl {
  /** Lower case; not always a {@link PackageType}. */
  readonly type: string;
  readonly namespace: string | undefined;
  /**
   * As the ecosystem writes it: `@scope/name` for npm, `group:artifact` for Maven, `publisher.name` for an extension of
   * VS Code, `category/name` for an ebuild, the module path for Go, in the letter case of the URL's canonical form. For
   * other types the name alone.
   */
  readonly name: string;
  readonly version: string | undefined;
  /** Keys in lower case; empty when there are none. */
  readonly qualifiers: Readonly<Record<string, string>>;
  readonly subpath: string | undefined;
  /** The same package URL in canonical form. */
  readonly canonical: string;
}

const longestText = 16_384;

/** What stands between namespace and name where an ecosystem's own name holds both. */
const separators: Readonly<Record<string, string>> = {
  composer: "/",
  ebuild: "/",
  github: "/",
  golang: "/",
  maven: ":",
  npm: "/",
  swift: "/",
  terraform: "/",
  "vscode-extension": ".",
};

/** The vendors that package URLs of rpm name by another word than `os-release(5)`. */
const rpmVendors: Readonly<Record<string, string>> = {
  "opensuse-leap": "opensuse",
  "opensuse-tumbleweed": "opensuse",
  rhel: "redhat",
  sled: "suse",
  sles: "suse",
};

/**
 * The package URL of a package, in canonical form. The packages of a distribution get its id as namespace (the vendor's
 * word for it in rpm: `redhat`, `suse`) and `distro=<id>-<version>` as qualifier; an rpm's epoch becomes a qualifier,
 * as the type's definition asks. A package that breaks a rule of its type, such as a jar without a group, still gets a
 * URL.
 *
 * Source: the package-URL specification and its type definitions for deb, rpm, apk, npm, maven, golang and pypi.
 */
export function packageUrl(found: FoundPackage, distribution?: Distribution): string {
  const parts = isDistributionType(found.type) ? distributionParts(found, distribution) : languageParts(found);
  return formatPackageUrl(parts) ?? serialise(parts);
}

/**
 * Brings parts to the canonical form: letter case as the type's rules ask, qualifiers sorted, everything
 * percent-encoded but letters, digits, `.-_~` and the colon. Undefined when a rule of the specification or of the type
 * forbids the parts.
 */
export function formatPackageUrl(parts: PackageUrlParts): string | undefined {
  const normal = normalise(parts);
  return normal && serialise(normal);
}

/** Reads a package URL. Undefined when it is not one, breaks a rule of its type, or is longer than 16 KiB. */
export function parsePackageUrl(text: string): ParsedPackageUrl | undefined {
  if (text.length > longestText) return undefined;
  const parts = parseParts(text);
  if (!parts) return undefined;
  const { type, namespace, name, version, qualifiers, subpath } = parts;
  const separator = separators[type];
  return {
    type,
    namespace,
    name: namespace !== undefined && separator !== undefined ? `${namespace}${separator}${name}` : name,
    version,
    qualifiers: qualifiers ?? {},
    subpath,
    canonical: serialise(parts),
  };
}

function parseParts(text: string): PackageUrlParts | undefined {
  const hash = text.lastIndexOf("#");
  const beforeHash = hash < 0 ? text : text.slice(0, hash);
  const mark = beforeHash.lastIndexOf("?");
  try {
    const [type, namespace, name, version] = PackageURL.parseString(mark < 0 ? beforeHash : beforeHash.slice(0, mark));
    // The library takes `/@1.0` for a name; the specification sees a version without a name.
    if (!type || !name || (name.startsWith("@") && version === undefined && beforeHash.includes("/@")))
      return undefined;
    // Some writers encode the slash between namespace and name: pkg:npm/%40scope%2Fname.
    const divided =
      namespace || separators[type.toLowerCase()] !== "/" ? { namespace, name } : splitAt(name, name.lastIndexOf("/"));
    const qualifiers = mark < 0 ? undefined : parseQualifiers(beforeHash.slice(mark + 1));
    const subpath = hash < 0 ? undefined : decodeURIComponent(text.slice(hash + 1));
    return normalise({ type, ...divided, version, qualifiers, subpath });
  } catch {
    return undefined;
  }
}

/** The library would decode each value twice. Throws on bytes that are not UTF-8. */
function parseQualifiers(text: string): Record<string, string> {
  const qualifiers: Record<string, string> = {};
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    if (equals > 0) qualifiers[pair.slice(0, equals)] = decodeURIComponent(pair.slice(equals + 1));
  }
  return qualifiers;
}

function normalise({ type, namespace, name, version, qualifiers, subpath }: PackageUrlParts) {
  try {
    const parts = partsOf(new PackageURL(type, namespace, name, version, qualifiers && { ...qualifiers }, subpath));
    // A rule of the type that the library does not have: without its publisher an extension has no name.
    return parts.type === "vscode-extension" && parts.namespace === undefined ? undefined : parts;
  } catch {
    return undefined;
  }
}

/** The library gives empty strings for some absent parts. */
function partsOf({ type, namespace, name, version, qualifiers, subpath }: PackageURL): PackageUrlParts {
  return {
    type,
    namespace: namespace || undefined,
    name,
    version: version || undefined,
    qualifiers: qualifiers && { ...qualifiers },
    subpath: subpath || undefined,
  };
}

function serialise({ type, namespace, name, version, qualifiers, subpath }: PackageUrlParts): string {
  let text = `pkg:${encode(type)}/`;
  if (namespace) text += `${encodeSegments(namespace)}/`;
  text += encode(name);
  if (version) text += `@${encode(version)}`;
  const pairs = Object.entries(qualifiers ?? {})
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `${encode(key)}=${encode(value)}`);
  if (pairs.length > 0) text += `?${pairs.join("&")}`;
  if (subpath) text += `#${encodeSegments(subpath)}`;
  return text;
}

function encodeSegments(text: string): string {
  return text
    .split("/")
    .filter((segment) => segment !== "")
    .map(encode)
    .join("/");
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll("%3A", ":")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function distributionParts(found: FoundPackage, distribution: Distribution | undefined): PackageUrlParts {
  const { type, name, architecture, module } = found;
  const qualifiers: Record<string, string> = { ...found.qualifiers };
  let { version } = found;
  if (architecture) qualifiers["arch"] = architecture;
  if (distribution) {
    qualifiers["distro"] = distribution.version ? `${distribution.id}-${distribution.version}` : distribution.id;
  }
  if (type === "rpm") {
    const colon = version.indexOf(":");
    if (colon > 0) {
      qualifiers["epoch"] = version.slice(0, colon);
      version = version.slice(colon + 1);
    }
    if (module) qualifiers["rpmmod"] = module;
  }
  // The category of an ebuild is its namespace.
  const parts = type === "ebuild" ? splitName(type, name) : { namespace: namespaceOf(type, distribution), name };
  return { type, ...parts, version, qualifiers };
}

function namespaceOf(type: PackageType, distribution: Distribution | undefined): string | undefined {
  if (distribution) return (type === "rpm" ? rpmVendors[distribution.id] : undefined) ?? distribution.id;
  return type === "apk" ? "alpine" : type === "deb" ? "debian" : undefined;
}

function languageParts({ type, name, version, qualifiers }: FoundPackage): PackageUrlParts {
  return { type, ...splitName(type, name), version, qualifiers };
}

function splitName(type: PackageType, name: string): { namespace: string | undefined; name: string } {
  const separator = separators[type];
  if (separator === undefined) return { namespace: undefined, name };
  return splitAt(name, separator === "/" ? name.lastIndexOf("/") : name.indexOf(separator));
}

/** Splits an ecosystem's name at the place where its package-URL type divides namespace and name. */
function splitAt(text: string, index: number): { namespace: string | undefined; name: string } {
  if (index < 1) return { namespace: undefined, name: text };
  return { namespace: text.slice(0, index), name: text.slice(index + 1) };
}
