import type { Distribution } from "../../../model/packages/distribution.ts";
import { major, majorAndMinor, withMinor } from "../matching/release-number.ts";

/** How a distribution's advisories are found. */
export interface DistributionEcosystem {
  /** As OSV writes it, with the suffix of the release where there is one: `Debian:12`. */
  readonly ecosystem: string;
  /** Whether its feeds name source packages, binary packages, or both. */
  readonly names: "source" | "binary" | "both";
  /** What an entry names that does not say; `names` when absent. */
  readonly unmarked?: "source" | "binary";
}

/** A distribution that no feed covers, or one whose release is not known. */
export interface NoEcosystem {
  readonly reason: string;
  readonly code: "no-advisories" | "unknown-distribution";
}

type Rule = (distribution: Distribution) => DistributionEcosystem | NoEcosystem;

/**
 * The ecosystem of a distribution with its release, or the reason why it is unknown. A derivative is not taken for what
 * it derives from, because its versions are its own; CentOS Linux is the exception, because it was Red Hat's packages
 * built again under the same versions.
 *
 * Source: OSV schema, "affected[].package", which says for each ecosystem what its suffix and its names are;
 * `os-release(5)`; for Amazon Linux, Oracle Linux and Photon OS, which OSV does not describe, the publishers' feeds:
 * Amazon's and Oracle's name binary packages, Photon's source packages. SUSE's feeds name both without telling them
 * apart.
 */
export function distributionEcosystem(distribution: Distribution): DistributionEcosystem | NoEcosystem {
  const id = distributionId(distribution);
  const rule = Object.hasOwn(rules, id) ? rules[id] : undefined;
  if (rule) return rule(distribution);
  return { code: "no-advisories", reason: `no advisory source for ${distribution.name} is known` };
}

/** The `ID` of os-release, also where another tool's word for the distribution was written in its place. */
export function distributionId({ id }: Distribution): string {
  return (Object.hasOwn(otherWords, id) ? otherWords[id] : undefined) ?? id;
}

/**
 * CentOS Stream, which is built ahead of Red Hat's releases. From 9 on there is no other CentOS, whatever a document
 * calls it.
 */
export function isCentOsStream(distribution: Distribution): boolean {
  if (distributionId(distribution) !== "centos") return false;
  return /stream/i.test(distribution.name) || Number.parseInt(distribution.version ?? "", 10) >= 9;
}

const otherWords: Readonly<Record<string, string>> = {
  alma: "almalinux",
  amazon: "amzn",
  amazonlinux: "amzn",
  azure: "azurelinux",
  "cbl-mariner": "mariner",
  opensuse: "opensuse-leap",
  "opensuse.leap": "opensuse-leap",
  "opensuse.tumbleweed": "opensuse-tumbleweed",
  oracle: "ol",
  oraclelinux: "ol",
  redhat: "rhel",
  rockylinux: "rocky",
  "suse linux enterprise server": "sles",
};

const rules: Readonly<Record<string, Rule>> = {
  almalinux: release("AlmaLinux", "binary", major),
  alpaquita: bellSoft("Alpaquita"),
  alpine: ({ version, codename, name }) => {
    // A number alone is that of many branches.
    const release = version ?? (codename === "edge" ? codename : undefined);
    if (release !== undefined && !/^\d*$/.test(release)) {
      return { ecosystem: `Alpine:${alpineBranch(release)}`, names: "source" };
    }
    return { code: "unknown-distribution", reason: `the release of ${name} is unknown` };
  },
  amzn: release("Amazon Linux", "binary", amazonRelease),
  azurelinux: release("Azure Linux", "both", major),
  "bellsoft-hardened-containers": bellSoft("BellSoft Hardened Containers"),
  centos: (distribution) => {
    if (isCentOsStream(distribution)) {
      return { code: "no-advisories", reason: `no advisory source for ${distribution.name} is known` };
    }
    return redHat(distribution);
  },
  chainguard: rolling("Chainguard", "both"),
  cleanstart: rolling("CleanStart", "both"),
  debian: ({ version, codename, name }) => {
    const number = version ? major(version) : debianReleases[codename ?? ""];
    if (number) return { ecosystem: `Debian:${number}`, names: "source" };
    return { code: "unknown-distribution", reason: `the release of ${name} is unknown` };
  },
  echo: rolling("Echo", "source"),
  mageia: release("Mageia", "source", major),
  mariner: release("Azure Linux", "both", major),
  minimos: rolling("MinimOS", "both"),
  ol: release("Oracle Linux", "binary", major),
  openeuler: (distribution) => {
    const support = /\((LTS(?:-SP\d+)?)\)/.exec(distribution.name)?.[1];
    return release("openEuler", "source", (version) => (support ? `${version}-${support}` : version))(distribution);
  },
  "opensuse-leap-micro": release("openSUSE", "both", (version) => `Leap Micro ${version}`),
  "opensuse-leap": release("openSUSE", "both", (version) => `Leap ${majorAndMinor(version)}`),
  // Made of the packages of Tumbleweed.
  "opensuse-microos": rolling("openSUSE:Tumbleweed", "both"),
  "opensuse-tumbleweed": rolling("openSUSE:Tumbleweed", "both"),
  photon: release("Photon OS", "both", withMinor, "source"),
  rhel: redHat,
  rocky: release("Rocky Linux", "both", major),
  "sl-micro": release("SUSE", "both", (version) => `Linux Micro ${version}`),
  "sle-micro": release("SUSE", "both", (version) => `Linux Enterprise Micro ${version}`),
  "sle-micro-rancher": release("SUSE", "both", (version) => `Linux Enterprise Micro ${version}`),
  sled: release("SUSE", "both", (version) => `Linux Enterprise Desktop ${servicePack(version)}`),
  sles: release("SUSE", "both", (version) => `Linux Enterprise Server ${servicePack(version)}`),
  sles_sap: release("SUSE", "both", (version) => `Linux Enterprise Server ${servicePack(version)}`),
  ubuntu: ({ version, codename, name }) => {
    const number = version ? majorAndMinor(version) : ubuntuReleases[codename ?? ""];
    if (number) return { ecosystem: `Ubuntu:${number}${/[02468]\.04$/.test(number) ? ":LTS" : ""}`, names: "source" };
    return { code: "unknown-distribution", reason: `the release of ${name} is unknown` };
  },
  wolfi: rolling("Wolfi", "both"),
};

/** Testing has no VERSION_ID; its code name says which release it will be. Source: distro-info-data, debian.csv. */
const debianReleases: Readonly<Record<string, string>> = {
  stretch: "9",
  buster: "10",
  bullseye: "11",
  bookworm: "12",
  trixie: "13",
  forky: "14",
  duke: "15",
};

/**
 * An image has the number as well; package URLs often have the code name alone. Source: distro-info-data, ubuntu.csv.
 */
const ubuntuReleases: Readonly<Record<string, string>> = {
  trusty: "14.04",
  xenial: "16.04",
  bionic: "18.04",
  focal: "20.04",
  jammy: "22.04",
  kinetic: "22.10",
  lunar: "23.04",
  mantic: "23.10",
  noble: "24.04",
  oracular: "24.10",
  plucky: "25.04",
  questing: "25.10",
  resolute: "26.04",
};

/**
 * Fixes stand under binary names; entries without a fix stand under the name of the component, which is the source
 * package.
 */
function redHat(distribution: Distribution): DistributionEcosystem | NoEcosystem {
  return release("Red Hat", "both", (version) => `enterprise_linux:${major(version)}`, "binary")(distribution);
}

function release(
  ecosystem: string,
  names: DistributionEcosystem["names"],
  suffix: (version: string) => string,
  unmarked?: "source" | "binary",
): Rule {
  return ({ version, name }) => {
    if (!version) return { code: "unknown-distribution", reason: `the release of ${name} is unknown` };
    return { ecosystem: `${ecosystem}:${suffix(version)}`, names, ...(unmarked && { unmarked }) };
  };
}

/**
 * Besides numbered releases there is `stream`, which an image has as VERSION_ID and an SBOM often in place of a code
 * name.
 */
function bellSoft(ecosystem: string): Rule {
  const numbered = release(ecosystem, "source", (version) => version);
  return (distribution) =>
    distribution.codename === "stream" ? { ecosystem: `${ecosystem}:stream`, names: "source" } : numbered(distribution);
}

function rolling(ecosystem: string, names: DistributionEcosystem["names"]): Rule {
  return () => ({ ecosystem, names });
}

/** `3.19.1` is branch `v3.19`; a snapshot of edge is `3.21.0_alpha20240807`. */
function alpineBranch(version: string): string {
  const branch = /^(\d+\.\d+)(?:\.\d+)?$/.exec(version)?.[1];
  return branch ? `v${branch}` : "edge";
}

/** `2`, `2023`; the first Amazon Linux numbered its releases by month: `2018.03`. */
function amazonRelease(version: string): string {
  return /^201\d\.\d\d/.test(version) ? "1" : major(version);
}

/** `15.5` is `15 SP5`; from 16 on there are minor releases instead, `16.0`. */
function servicePack(version: string): string {
  const [number = "", pack] = version.split(".");
  if (Number(number) >= 16) return `${number}.${pack ?? "0"}`;
  return pack && pack !== "0" ? `${number} SP${pack}` : number;
}
