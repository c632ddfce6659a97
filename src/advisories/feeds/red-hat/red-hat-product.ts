import type { Channel } from "../../../model/findings/advisory.ts";
import { isRpmVersion } from "../errata/rpm-version-text.ts";

// Red Hat names a product by its CPE 2.2 URI (a name of CPE 2.3 is read as well) and a package by a package URL:
//
//   cpe:/o:redhat:enterprise_linux:9::baseos         the repositories of a major release
//   cpe:/o:redhat:enterprise_linux:10.1              the same from RHEL 10 on, by minor release
//   cpe:/a:redhat:rhel_eus:9.4::appstream            supported for longer, by minor release: EUS, AUS, TUS, E4S, ELS
//   cpe:/o:redhat:enterprise_linux:9                 the release as a whole, for packages without a fix
//
//   pkg:rpm/redhat/openssl-libs@3.0.7-16.el9_2?arch=x86_64&epoch=1
//   pkg:rpm/redhat/nodejs@18.19.1-1.module%2Bel9.3.0%2B21388?arch=src&rpmmod=nodejs:18:9030020240301110036:rhel9
//   pkg:rpm/redhat/openssl?arch=src                  a source package, any version
//   pkg:rpm/redhat/openssl-libs                      a binary package, any version
//
//   An epoch stands in the qualifier and in the id of the product, `openssl-libs-1:3.0.7-16.el9_2.x86_64`. An epoch in
//   only one of these places counts, and two that differ are not read.
//
// Documents from before 2024 have no package URL: then the product's name is `openssl-1:3.0.7-16.el9_2.x86_64`,
// `openssl`, or `nodejs:18/nodejs`, and older ones name the module in the combination that the package is part of.

/** Where Red Hat ships something. */
export interface RedHatPlace {
  /** `Red Hat:enterprise_linux:9::baseos`: OSV's form. */
  readonly ecosystem: string;
  readonly channel?: Channel;
}

/** A package as Red Hat names it. */
export interface RedHatPackage {
  readonly name: string;
  /** With the epoch, 0 unless given; undefined when no version is meant or it cannot be read. */
  readonly version?: string;
  /** Why the version cannot be read: `its epoch is not a number`. */
  readonly wrongVersion?: string;
  /** `src` for a source package. */
  readonly architecture?: string;
  readonly names: "source" | "binary";
  /** `nodejs:18`; undefined when the name does not mention it. */
  readonly module?: string;
}

/** Undefined for what is not a product of Red Hat, or none that can be read. */
export function redHatPlace(cpe: string): RedHatPlace | undefined {
  const suffix = /^cpe:\/[aho]:redhat:([\w.~:+-]{1,200})$/.exec(uriOf(cpe))?.[1];
  if (suffix === undefined) return undefined;
  return { ecosystem: `Red Hat:${suffix}`, ...(extended.test(suffix) && { channel: "eus" as const }) };
}

/** True for the CPE name of another vendor's product. */
export function belongsToOtherVendor(cpe: string): boolean {
  const vendor = /^cpe:(?:\/|2\.3:)[aho]:([\w.-]+)(?::|$)/.exec(cpe)?.[1];
  return vendor !== undefined && vendor.toLowerCase() !== "redhat";
}

/**
 * The CPE 2.2 URI for a formatted string of CPE 2.3, `cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*`, which
 * CSAF allows too. A name that has more than the seven parts of a URI, or escapes, stays as it is.
 */
function uriOf(cpe: string): string {
  const parts = /^cpe:2\.3((?::[\w.~+*-]{1,100}){11})$/.exec(cpe)?.[1]?.slice(1).split(":");
  if (!parts || parts.slice(7).some((part) => part !== "*")) return cpe;
  const stated = parts.slice(0, 7).map((part) => (part === "*" ? "" : part));
  return `cpe:/${stated.join(":").replace(/:{1,7}$/, "")}`;
}

/** What Red Hat calls its extended channels; `enterprise_linux_eus` is what they are called from RHEL 10 on. */
const extended = /^(?:rhel|enterprise_linux)_(?:eus|aus|tus|e4s|e2s|els|eus_long_life|mission_critical)(?::|$)/;

/** Why a package URL is not read. */
export interface RefusedPackage {
  readonly refused: string;
  /** True for a flatpak, which is left out: its module has no stream, `rpmmod=rhel10`. */
  readonly isFlatpak?: boolean;
}

/** Reads a package URL of an rpm, with the id of its product. `undefined` for what is not an rpm of Red Hat. */
export function redHatPackage(purl: string, id = ""): RedHatPackage | RefusedPackage | undefined {
  const match = /^pkg:rpm\/redhat\/([^@?#/]+)(?:@([^?#]*))?(?:\?([^#]*))?$/.exec(purl);
  if (!match) return undefined;
  const [, encodedName = "", encodedVersion = "", query = ""] = match;
  const name = decode(encodedName);
  const version = decode(encodedVersion);
  if (!name || version === undefined) return { refused: "its package URL cannot be read" };
  const qualifiers = new Map<string, string>();
  for (const pair of query === "" ? [] : query.split("&")) {
    const equals = pair.indexOf("=");
    const value = decode(pair.slice(equals + 1));
    if (equals <= 0 || value === undefined) return { refused: "its package URL cannot be read" };
    qualifiers.set(pair.slice(0, equals), value);
  }
  const module = moduleStream(qualifiers.get("rpmmod"));
  if (module === null) return { refused: "its module has no stream", isFlatpak: true };
  const architecture = qualifiers.get("arch");
  return {
    name,
    ...(version !== "" && versionOf(version, { epoch: qualifiers.get("epoch"), id })),
    ...(architecture && { architecture }),
    names: isSource(architecture) ? "source" : "binary",
    ...(module !== undefined && { module }),
  };
}

/** `version` of a package URL may begin with an epoch. */
function versionOf(
  version: string,
  { epoch, id }: { readonly epoch: string | undefined; readonly id: string },
): Pick<RedHatPackage, "version" | "wrongVersion"> {
  const colon = version.indexOf(":");
  const build = version.slice(colon + 1);
  const inVersion = colon < 0 ? undefined : version.slice(0, colon);
  const inId = epochIn(id, build);
  const stated = epoch ?? inVersion ?? inId ?? "0";
  for (const text of [epoch, inVersion, inId]) {
    if (text === undefined) continue;
    if (!/^\d{1,9}$/.test(text)) return { wrongVersion: "its epoch is not a number" };
    if (Number(text) !== Number(stated)) return { wrongVersion: "it states several epochs" };
  }
  if (!/^[^:]*-/.test(build) || !isRpmVersion(build)) return { wrongVersion: "its version is not valid" };
  return { version: `${Number(stated)}:${build}` };
}

/** The epoch before a version in `perl-FCGI-1:0.78-12.el8.x86_64`, which need not have one. */
function epochIn(id: string, build: string): string | undefined {
  const at = id.indexOf(`:${build}`);
  return at < 0 ? undefined : /-(\d{1,9})$/.exec(id.slice(Math.max(0, at - 10), at))?.[1];
}

/** `nodejs:18` for `nodejs:18:9030020240301110036:rhel9`; null when there is no stream in it. */
export function moduleStream(text: string | undefined): string | undefined | null {
  if (text === undefined) return undefined;
  const [name, stream] = text.split(":");
  return name && stream ? `${name}:${stream}` : null;
}

/**
 * Reads the name of a product that has no package URL. A name alone is a source package: Red Hat tracks them.
 * Undefined for what is not a name of an rpm, such as `openshift4/ose-cli`.
 */
export function redHatPackageOfName(text: string): RedHatPackage | undefined {
  const build = /^([\w.+-]{1,200})-(\d{1,9}):([\w.+~^]{1,200}-[\w.+~^]{1,200})\.([a-z]\w{1,15})$/.exec(text);
  if (build) {
    const [, name = "", epoch = "0", version = "", architecture = ""] = build;
    const names = isSource(architecture) ? "source" : "binary";
    const readVersion = isRpmVersion(version)
      ? { version: `${epoch}:${version}` }
      : { wrongVersion: "its version is not valid" };
    return { name, ...readVersion, architecture, names };
  }
  const [, module, name] = /^(?:([\w.+-]{1,100}:[\w.+-]{1,100})\/)?([\w.+-]{1,200})$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { name, names: "source", ...(module !== undefined && { module }) };
}

/** True for what holds nothing but symbols and sources for debuggers. */
export function isDebugPackage(name: string): boolean {
  return /-debug(?:info|source)(?:-common)?(?:-|$)/.test(name);
}

function isSource(architecture: string | undefined): boolean {
  return architecture === "src" || architecture === "nosrc";
}

function decode(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
