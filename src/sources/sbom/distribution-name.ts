import type { Distribution } from "../../model/packages/distribution.ts";
import type { ParsedPackageUrl } from "../../model/packages/package-url.ts";

/**
 * The ids of `os-release(5)` for the words that SBOM tools and package URLs use in their place.
 */
const identifiers: Readonly<Record<string, string>> = {
  alma: "almalinux",
  "alpine linux": "alpine",
  amazon: "amzn",
  "amazon linux": "amzn",
  amazonlinux: "amzn",
  "cbl-mariner": "mariner",
  "centos linux": "centos",
  "centos stream": "centos",
  "debian gnu/linux": "debian",
  "fedora linux": "fedora",
  "opensuse leap": "opensuse-leap",
  "opensuse tumbleweed": "opensuse-tumbleweed",
  "opensuse.leap": "opensuse-leap",
  "opensuse.tumbleweed": "opensuse-tumbleweed",
  oracle: "ol",
  "oracle linux": "ol",
  "oracle linux server": "ol",
  oraclelinux: "ol",
  "photon os": "photon",
  "red hat enterprise linux": "rhel",
  "red hat enterprise linux server": "rhel",
  redhat: "rhel",
  "rocky linux": "rocky",
  "rocky-linux": "rocky",
  rockylinux: "rocky",
  "ubuntu linux": "ubuntu",
  suse: "sles",
  "suse linux enterprise server": "sles",
  "vmware photon os": "photon",
};

/** A distribution from the name and version that an SBOM gives it. */
export function distributionNamed(name: string, version: string | undefined): Distribution {
  const lower = name.trim().toLowerCase();
  const number = version === undefined ? undefined : numberOf(version);
  const id = knownId(lower) ?? (microNames.has(lower) ? microId(number) : lower);
  if (version === undefined && id === lower) {
    const [, start = "", rest = ""] = /^([a-z][a-z/ ]*) (v?\d[^ ]*)(?: \(.*)?$/.exec(lower) ?? [];
    if (knownId(start) !== undefined || Object.values(identifiers).includes(start))
      return { ...distributionNamed(start, rest), name: name.trim() };
  }
  const codename = number === undefined && version !== undefined ? /^[a-z]+$/.exec(version)?.[0] : undefined;
  return {
    id,
    idLike: [],
    ...(number === undefined ? {} : { version: number }),
    ...(codename === undefined ? {} : { codename }),
    name: version === undefined || version === "" ? name.trim() : `${name.trim()} ${version}`,
  };
}

function isDistributionName(name: string): boolean {
  const lower = name.toLowerCase();
  return knownId(lower) !== undefined || microNames.has(lower);
}

function knownId(lower: string): string | undefined {
  return Object.hasOwn(identifiers, lower) ? identifiers[lower] : undefined;
}

const microNames: ReadonlySet<string> = new Set(["slem", "suse linux enterprise micro"]);

/** Tools have one word for what SUSE renamed with release 6. */
function microId(number: string | undefined): string {
  return Number.parseInt(number ?? "", 10) >= 6 ? "sl-micro" : "sle-micro";
}

/** `12`, `3.18` of `v3.18`, `15.5` of `15-SP5`, `2018.03` of `AMI release 2018.03`. */
function numberOf(version: string): string | undefined {
  const number = /^\s*(?:AMI release )?v?(\d[\w.~-]*)/.exec(version)?.[1];
  const [, major, servicePack] = /^(\d+)[-_]?sp(\d+)$/i.exec(version.trim().replace(" ", "-")) ?? [];
  return servicePack === undefined ? number : `${major}.${servicePack}`;
}

/**
 * The distribution of a deb, rpm or apk package from its package URL: the qualifier `distro`, which tools write as
 * `<id>-<version>` (`debian-12`, `opensuse-leap-15.5`), `<id>-<codename>`, a version or a codename alone; Docker's
 * `os_name` with `os_version`; Red Hat's repository, whose name has the release; else the namespace.
 * Undefined when neither is there.
 */
export function distributionOf({ namespace, qualifiers }: ParsedPackageUrl): Distribution | undefined {
  const text = qualifiers["distro"]?.trim();
  if (!text && qualifiers["os_name"]) {
    return distributionNamed(qualifiers["os_name"], qualifiers["os_version"] || qualifiers["os_distro"]);
  }
  const release = text ? undefined : releaseOfRepository.exec(qualifiers["repository_id"] ?? "")?.[1];
  if (release !== undefined) return distributionNamed("rhel", release);
  if (!text) return namespace === undefined ? undefined : distributionNamed(namespace, undefined);
  const number = /-(?=\d[^-]*$)/.exec(text);
  // Trivy wrote a name of several words, whose first is often the namespace.
  const name = number && text.slice(0, number.index);
  if (name && /[ .]/.test(name) && isDistributionName(name)) {
    return distributionNamed(name, text.slice(name.length + 1));
  }
  if (namespace !== undefined && text.toLowerCase().startsWith(namespace) && !text.startsWith("opensuse-")) {
    const rest = text.slice(namespace.length);
    if (/^[- ]/.test(rest)) return distributionNamed(text.slice(0, namespace.length), rest.slice(1));
  }
  if (namespace !== undefined && /^\d/.test(text)) return distributionNamed(namespace, text);
  if (number) return distributionNamed(text.slice(0, number.index), text.slice(number.index + 1));
  const isCodename =
    namespace !== undefined && namespace !== text && (namespace === "debian" || namespace === "ubuntu");
  return isCodename ? distributionNamed(namespace, text) : distributionNamed(text, undefined);
}

/** `rhel-9-for-x86_64-baseos-rpms`, `ubi-8-appstream-rpms`, `rhocp-4.14-for-rhel-9-x86_64-rpms`. */
const releaseOfRepository = /^(?:.{1,100}-for-)?(?:rhel|ubi)-(\d+)-/;

/** True when two names of a distribution do not contradict each other: `debian 12` and `debian 12.5` do not. */
export function sameDistribution(a: Distribution, b: Distribution): boolean {
  if (a.id !== b.id) return false;
  if (a.version === undefined && b.version === undefined) {
    return a.codename === undefined || b.codename === undefined || a.codename === b.codename;
  }
  if (a.version === undefined || b.version === undefined) return true;
  const [short, long] = a.version.length < b.version.length ? [a.version, b.version] : [b.version, a.version];
  return long === short || long.startsWith(`${short}.`);
}
