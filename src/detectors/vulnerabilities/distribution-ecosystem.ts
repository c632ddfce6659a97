import type { Distribution } from "../../model/distribution.ts";

/** How a distribution's advisories are found. */
export interface DistributionEcosystem {
  /** As OSV writes it, with the suffix of the release where there is one: `Debian:12`. */
  readonly ecosystem: string;
  /** Whether its records name source packages, binary packages, or now the one, now the other. */
  readonly names: "source" | "binary" | "both";
}

/** A distribution that OSV's ecosystems do not name, or one whose release is not known. */
export interface NoEcosystem {
  readonly reason: string;
  readonly code: "no-advisories" | "unknown-distribution";
}

type Rule = (distribution: Distribution) => DistributionEcosystem | NoEcosystem;

/**
 * The OSV ecosystem of a distribution with its release, or why it cannot be told. A derivative is not taken for what it
 * derives from, because its versions are its own.
 *
 * Source: OSV schema, "affected[].package", which says for each ecosystem what its suffix and its names are; `os-release(5)`.
 */
export function distributionEcosystem(distribution: Distribution): DistributionEcosystem | NoEcosystem {
  const rule = Object.hasOwn(rules, distribution.id) ? rules[distribution.id] : undefined;
  if (rule) return rule(distribution);
  return { code: "no-advisories", reason: `no source of advisories for ${distribution.name} is known` };
}

const rules: Readonly<Record<string, Rule>> = {
  alpaquita: bellSoft("Alpaquita"),
  "bellsoft-hardened-containers": bellSoft("BellSoft Hardened Containers"),
  alpine: release("Alpine", "source", alpineBranch),
  debian: ({ version, codename, name }) => {
    const number = version ? major(version) : debianReleases[codename ?? ""];
    if (number) return { ecosystem: `Debian:${number}`, names: "source" };
    return { code: "unknown-distribution", reason: `the release of ${name} is not known` };
  },
  ubuntu: release("Ubuntu", "source", (version) => (/^\d*[02468]\.04/.test(version) ? `${version}:LTS` : version)),
  echo: rolling("Echo", "source"),
  almalinux: release("AlmaLinux", "binary", major),
  rocky: release("Rocky Linux", "both", major),
  rhel: release("Red Hat", "binary", (version) => `enterprise_linux:${major(version)}`),
  centos: (distribution) => {
    if (/stream/i.test(distribution.name)) {
      return { code: "no-advisories", reason: `no source of advisories for ${distribution.name} is known` };
    }
    return release("Red Hat", "binary", (version) => `enterprise_linux:${major(version)}`)(distribution);
  },
  azurelinux: release("Azure Linux", "both", major),
  mariner: release("Azure Linux", "both", major),
  "opensuse-leap": release("openSUSE", "source", (version) => `Leap ${version}`),
  "opensuse-tumbleweed": rolling("openSUSE:Tumbleweed", "source"),
  sles: release("SUSE", "source", (version) => `Linux Enterprise Server ${servicePack(version)}`),
  sles_sap: release("SUSE", "source", (version) => `Linux Enterprise Server ${servicePack(version)}`),
  sled: release("SUSE", "source", (version) => `Linux Enterprise Desktop ${servicePack(version)}`),
  "sle-micro": release("SUSE", "source", (version) => `Linux Enterprise Micro ${version}`),
  "sl-micro": release("SUSE", "source", (version) => `Linux Micro ${version}`),
  mageia: release("Mageia", "source", major),
  openeuler: (distribution) => {
    const support = /\((LTS(?:-SP\d+)?)\)/.exec(distribution.name)?.[1];
    return release("openEuler", "source", (version) => (support ? `${version}-${support}` : version))(distribution);
  },
  wolfi: rolling("Wolfi", "both"),
  chainguard: rolling("Chainguard", "both"),
  minimos: rolling("MinimOS", "both"),
  cleanstart: rolling("CleanStart", "both"),
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

function release(ecosystem: string, names: DistributionEcosystem["names"], suffix: (version: string) => string): Rule {
  return ({ version, name }) => {
    if (version) return { ecosystem: `${ecosystem}:${suffix(version)}`, names };
    return { code: "unknown-distribution", reason: `the release of ${name} is not known` };
  };
}

/** Besides numbered releases there is `stream`, which an image has as VERSION_ID and an SBOM often in place of a code name. */
function bellSoft(ecosystem: string): Rule {
  const numbered = release(ecosystem, "source", (version) => version);
  return (distribution) =>
    distribution.codename === "stream" ? { ecosystem: `${ecosystem}:stream`, names: "source" } : numbered(distribution);
}

function rolling(ecosystem: string, names: DistributionEcosystem["names"]): Rule {
  return () => ({ ecosystem, names });
}

function major(version: string): string {
  return version.split(".", 1)[0] ?? version;
}

/** `3.19.1` is branch `v3.19`; a snapshot of edge is `3.21.0_alpha20240807`. */
function alpineBranch(version: string): string {
  const branch = /^(\d+\.\d+)(?:\.\d+)?$/.exec(version)?.[1];
  return branch ? `v${branch}` : "edge";
}

/** `15.5` is `15 SP5`. */
function servicePack(version: string): string {
  const [number = "", pack] = version.split(".");
  return pack && pack !== "0" ? `${number} SP${pack}` : number;
}
