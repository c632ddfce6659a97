import type { Distribution } from "../../../model/packages/distribution.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import { isDistributionType } from "../../../model/packages/package-type.ts";
import { distributionId } from "../ecosystems/distribution-ecosystem.ts";

// The builder of a package of a distribution's package manager. An rpm names its vendor, which is an organisation. A
// deb names its maintainer, which in Debian is a team, a developer with a debian.org address, or now and then a person
// with a private one; the repositories of third parties write theirs the same way, and some of them keep Debian's
// maintainer. There the version tells, because a builder for several releases marks them: 16.1-1.pgdg120+1,
// 18.19.0-1nodesource1, 5:24.0.7-1~debian.12~bookworm. Debian's own mark is that of its stable updates,
// 0.4.2-1+deb12u1; deb-multimedia.org writes it as well, after a mark of its own.

/** The builder of a package, as far as it is known. */
export type PackageOrigin =
  | { readonly kind: "distribution" }
  /** Another organisation; its feed, if it has one, is not the distribution's. */
  | { readonly kind: "elsewhere"; readonly maker: string }
  /**
   * A deb whose maintainer is none of the distribution's known ones while its version looks like the distribution's.
   */
  | { readonly kind: "unsure" };

/** By id of a distribution, how its own packages name their vendor (rpm) or maintainer (deb). */
const makers: Readonly<Record<string, RegExp>> = {
  almalinux: /almalinux/i,
  amzn: /amazon/i,
  azurelinux: /microsoft/i,
  centos: /centos|red hat/i,
  debian: /debian/i,
  fedora: /fedora/i,
  mageia: /mageia/i,
  mariner: /microsoft/i,
  ol: /oracle/i,
  openeuler: /openeuler/i,
  photon: /vmware|broadcom/i,
  rhel: /red hat/i,
  rocky: /rocky/i,
  "sl-micro": /suse/i,
  "sle-micro": /suse/i,
  "sle-micro-rancher": /suse/i,
  sled: /suse/i,
  sles: /suse/i,
  sles_sap: /suse/i,
  ubuntu: /ubuntu|canonical|debian/i,
};

/**
 * Marks that only the repository of this maker writes into versions, whatever maintainer or vendor the package keeps.
 */
const versionMarks: readonly (readonly [RegExp, string])[] = [
  [/nodesource/i, "NodeSource"],
  [/pgdg/i, "the PostgreSQL project"],
  [/\+0~20\d{6}\.\d+\+(?:debian|ubuntu)/, "deb.sury.org"],
  [/\+maria~/, "the MariaDB project"],
  [/-dmo\d/, "deb-multimedia.org"],
  [/\.remi\b/, "Remi's repository"],
  [/[~+.]ppa\d*(?![a-z])/, "a personal package archive"],
  [/\.elrepo\b/, "ELRepo"],
];

/**
 * A release of the distribution in the version, as those write it who build for several: `~bookworm`, `~debian.12~`,
 * `+jammy1`.
 */
const releaseMark =
  /[~+](?:debian|ubuntu|deb|wheezy|jessie|stretch|buster|bullseye|bookworm|trixie|trusty|xenial|bionic|focal|jammy|noble)(?![a-z])[.\d]*(?:[~+]|$)/;

/**
 * The mark of an update of a stable release of Debian, at the end; a rebuild may follow. Developer's Reference,
 * "NMUs and debian/changelog".
 */
const stableUpdate = /[~+]deb\d+u\d+(?:\+b\d+)?$/;

/**
 * The builder of a package. `kind` is `distribution` where neither vendor nor distribution is known: then the package
 * manager is believed. Never `elsewhere` for a deb by its maintainer alone, because that error would hide its
 * vulnerabilities.
 */
export function packageOrigin(
  { type, vendor, version }: Pick<FoundPackage, "type" | "vendor" | "version">,
  distribution: Distribution | null,
): PackageOrigin {
  if (distribution === null || !isDistributionType(type)) return { kind: "distribution" };
  const marked = type === "apk" ? undefined : versionMarks.find(([mark]) => mark.test(version));
  if (marked) return { kind: "elsewhere", maker: marked[1] };
  if (vendor === undefined || isVendorOfDistribution(vendor, distribution)) return { kind: "distribution" };
  if (type === "rpm") return { kind: "elsewhere", maker: vendor };
  if (type === "deb" && isStableUpdate(version, distribution)) return { kind: "distribution" };
  const looksLikeDebian = /[~+]deb\d+u\d|~bpo\d+\+\d/.test(version);
  if (type === "deb" && !looksLikeDebian && releaseMark.test(version)) return { kind: "elsewhere", maker: vendor };
  return { kind: "unsure" };
}

/** Only Debian itself: in another distribution's database a package with the mark was put there by hand. */
function isStableUpdate(version: string, distribution: Distribution): boolean {
  return distributionId(distribution) === "debian" && stableUpdate.test(version);
}

function isVendorOfDistribution(vendor: string, distribution: Distribution): boolean {
  const id = distribution.id.startsWith("opensuse") ? "sles" : distributionId(distribution);
  const maker = Object.hasOwn(makers, id) ? makers[id] : undefined;
  if (maker) return maker.test(vendor);
  return vendor.toLowerCase().includes(id) || /debian|ubuntu|red hat|fedora|suse/i.test(vendor);
}
