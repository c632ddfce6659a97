import type { Channel } from "../../../model/findings/advisory.ts";

// SUSE names a product by its marketing name and a package by its name, with version and release when a build is meant:
//
//   SUSE Linux Enterprise Server 15 SP5
//   SUSE Linux Enterprise Server 15 SP4-LTSS                also written "15 SP1 LTSS"
//   SUSE Linux Enterprise Module for Basesystem 15 SP5      openSUSE Leap 15.6         openSUSE Tumbleweed
//
//   libwebkit2gtk-4_0-37-2.24.2-3.27.1
//     pkg:rpm/suse/libwebkit2gtk-4_0-37@2.24.2-3.27.1?upstream=webkit2gtk3-2.24.2-3.27.1.src.rpm
//   libwebkit2gtk-4_0-37
//     pkg:rpm/suse/libwebkit2gtk@4_0-37
//
// The package URL of a name without a version takes the end of the name for a version, so there the product's id is the
// name. Its `upstream`, where it has one, is right in both: the source package, without version in the second.

/** Where SUSE ships something. */
export interface SusePlace {
  /** OSV's form: `SUSE:Linux Enterprise Server 15 SP5`, `openSUSE:Leap 15.5`. */
  readonly ecosystem: string;
  readonly channel?: Channel;
}

/**
 * The products whose packages a scan can meet, by how their names begin. Left out are cloud images and containers,
 * whose packages are those of the products that they are made of; flavours of the server for SAP, high-performance
 * computing, Teradata and the like, whose packages are the server's; and products that are not a distribution, such as
 * SUSE Manager.
 */
const product =
  /^(?:SUSE (?<suse>Linux Enterprise (?:Server|Desktop|Micro|Real Time(?: Extension)?|Module for [A-Za-z0-9 .]{2,60}|Software Development Kit|Workstation Extension|High Availability Extension|Live Patching)|Linux Micro|Package Hub)|openSUSE(?<opensuse>(?: Leap(?: Micro)?)?)) (?<release>\d{1,2}(?:\.\d{1,2})?(?: SP\d)?)(?:[- ](?<support>LTSS|ESPOS|BCL|LTSS[- ](?:Extended[- ]Security|EXTREME[- ]CORE|Core)))?$/;

/** Undefined for a product that is left out. */
export function susePlace(name: string): SusePlace | undefined {
  if (name === "openSUSE Tumbleweed") return { ecosystem: "openSUSE:Tumbleweed" };
  const { suse, opensuse, release, support } = product.exec(name)?.groups ?? {};
  if (release === undefined) return undefined;
  if (opensuse !== undefined) return { ecosystem: `openSUSE:${`${opensuse} ${release}`.trimStart()}` };
  const ecosystem = `SUSE:${suse} ${release}${support === undefined ? "" : `-${support}`}`;
  if (support !== undefined) return { ecosystem, channel: "ltss" };
  return { ecosystem, ...(suse === "Linux Enterprise Live Patching" && { channel: "livepatch" as const }) };
}

/** A build of a package. */
export interface SuseBuild {
  readonly name: string;
  /** `2.24.2-3.27.1`; SUSE gives no epoch. */
  readonly version: string;
}

/**
 * Divides `NAME-VERSION-RELEASE`, with the help of the package URL where it agrees; undefined when it is no such text.
 */
export function suseBuild(id: string, purl: string | undefined): SuseBuild | undefined {
  const [, purlName, purlVersion] = /^pkg:rpm\/[\w-]+\/([^@?#/]+)@([^?#]+)/.exec(purl ?? "") ?? [];
  const [name, version] = [decode(purlName), decode(purlVersion)];
  if (name && version?.includes("-") && id === `${name}-${version}`) return { name, version };
  const release = id.lastIndexOf("-");
  const split = id.lastIndexOf("-", release - 1);
  if (split < 1 || release === id.length - 1 || release === split + 1) return undefined;
  return { name: id.slice(0, split), version: id.slice(split + 1) };
}

/** The name of the source package, by the package URL: `webkit2gtk3`. */
export function suseSource(purl: string | undefined): string | undefined {
  const file = decode(/[?&]upstream=([^&#]+)\.src\.rpm(?=[&#]|$)/.exec(purl ?? "")?.[1]);
  const version = decode(/^[^?#]*@([^?#]*)/.exec(purl ?? "")?.[1]);
  if (!file) return undefined;
  if (version && file.endsWith(`-${version}`)) return file.slice(0, -version.length - 1);
  // The version of a package can be another than its source's.
  return /^(.{1,200}?)-\d[^-]{0,100}-[^-]{1,100}$/.exec(file)?.[1] ?? file;
}

/** True for a module of a live patch: it fixes the kernel that runs, and no other package comes in its place. */
export function isLivePatch(name: string): boolean {
  return name.startsWith("kernel-livepatch-") || name.startsWith("kgraft-patch-");
}

function decode(text: string | undefined): string | undefined {
  if (!text?.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
