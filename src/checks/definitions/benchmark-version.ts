import { entryOf, textOf, textsOf, type YamlTree } from "./read-yaml-tree.ts";

/**
 * The distribution of Kubernetes that a version tells, as kube-bench names it, and its minor version: `eks`, `1.29`.
 */
export interface Platform {
  readonly name: string;
  readonly version: string;
}

/** Benchmarks by platform: the first whose versions hold the version, else the last. */
const platformBenchmarks: Readonly<
  Record<string, readonly { readonly benchmark: string; readonly versions?: readonly string[] }[]>
> = {
  eks: [
    { benchmark: "eks-1.0.1", versions: minors(15, 19) },
    { benchmark: "eks-1.7.0", versions: minors(29, 31) },
    { benchmark: "eks-1.8.0", versions: minors(32, 34) },
    { benchmark: "eks-1.5.0" },
  ],
  aks: [
    { benchmark: "aks-1.0", versions: minors(19, 24) },
    { benchmark: "aks-1.7", versions: minors(29, 31) },
    { benchmark: "aks-1.8" },
  ],
  gke: [
    { benchmark: "gke-1.0", versions: minors(15, 19) },
    { benchmark: "gke-1.2.0", versions: minors(20, 27) },
    { benchmark: "gke-1.6.0", versions: minors(28, 29) },
    { benchmark: "gke-1.8.0", versions: ["1.30"] },
    { benchmark: "gke-1.9.0" },
  ],
  ocp: [
    { benchmark: "rh-0.7", versions: ["3.10"] },
    { benchmark: "rh-1.0", versions: ["4.1"] },
    { benchmark: "rh-1.4", versions: ["4.11"] },
    { benchmark: "rh-1.8", versions: ["4.13"] },
  ],
  k3s: [
    { benchmark: "k3s-cis-1.23", versions: minors(22, 23) },
    { benchmark: "k3s-cis-1.24", versions: ["1.24"] },
    { benchmark: "k3s-cis-1.7", versions: ["1.25"] },
    { benchmark: "k3s-cis-1.8", versions: ["1.26"] },
    { benchmark: "k3s-cis-1.9" },
  ],
  rancher: [
    { benchmark: "rke-cis-1.23", versions: ["1.23"] },
    { benchmark: "rke-cis-1.24", versions: ["1.24"] },
    { benchmark: "rke-cis-1.7" },
  ],
  rke2r: [
    { benchmark: "rke2-cis-1.23", versions: ["1.23"] },
    { benchmark: "rke2-cis-1.24", versions: ["1.24"] },
    { benchmark: "rke2-cis-1.7", versions: ["1.25"] },
    { benchmark: "rke2-cis-1.8" },
  ],
  aliyun: [{ benchmark: "ack-1.0" }],
  vmware: [{ benchmark: "tkgi-1.2.53" }],
};

/** The platform of a version of the API server or the kubelet, `v1.27.6+rke2r1`; undefined when it names none. */
export function platformOf(version: string): Platform | undefined {
  const match = /v(\d{1,4}\.\d{1,4})\.\d{1,4}[-+]([A-Za-z0-9_]{1,64})/.exec(version);
  if (!match) return undefined;
  // The part behind the last word character belongs to the release of the distribution, as the 1 of `rke2r1`.
  const name = (match[2] ?? "").replace(/(?<=\w)\w$/, "");
  const rest = version.slice((match.index ?? 0) + match[0].length);
  const whole = /^[.\-+]*\w/.test(rest) ? (match[2] ?? "") : name;
  return { name: whole, version: match[1] ?? "" };
}

/**
 * The benchmark for a platform; undefined for a platform without its own. OpenShift versions between two benchmarks
 * take the older. Source: kube-bench, `cmd/util.go`, `getPlatformBenchmarkVersion`.
 */
export function platformBenchmark(platform: Platform): string | undefined {
  const rows = Object.hasOwn(platformBenchmarks, platform.name) ? platformBenchmarks[platform.name] : undefined;
  return rows?.find(({ versions }) => versions === undefined || versions.includes(platform.version))?.benchmark;
}

/** The newest version of OpenShift with a benchmark that is not newer; undefined when there is none. */
export function openShiftVersion(version: string): string | undefined {
  const known = ["3.10", "4.1", "4.11", "4.13"];
  return walkDown(version, (candidate) => known.includes(candidate));
}

/** The minor version before; undefined below `x.1` and for what is not a version. */
export function decrementVersion(version: string): string | undefined {
  const [major, minor, ...rest] = version.split(".");
  if (major === undefined || minor === undefined || !/^[+-]?\d{1,6}$/.test(minor) || Number(minor) <= 1)
    return undefined;
  return [major, String(Number(minor) - 1), ...rest].join(".");
}

/** The benchmark that `version_mapping` of a `config.yaml` has for a version, or for the nearest older one. */
export function mapVersion(config: YamlTree, version: string): string | undefined {
  const mapping = entryOf(config, "version_mapping");
  if (!mapping) return undefined;
  const found = walkDown(version, (candidate) => textOf(mapping, candidate) !== "");
  return found === undefined ? undefined : textOf(mapping, found);
}

/**
 * The targets that `target_mapping` of a `config.yaml` has for a benchmark; undefined when it does not know the
 * benchmark.
 */
export function targetsOf(config: YamlTree, benchmark: string): readonly string[] | undefined {
  const mapping = entryOf(config, "target_mapping");
  return mapping && entryOf(mapping, benchmark) ? textsOf(mapping, benchmark) : undefined;
}

function walkDown(version: string, isKnown: (version: string) => boolean): string | undefined {
  let steps = 0;
  for (let current: string | undefined = version; current !== undefined; current = decrementVersion(current)) {
    if (isKnown(current)) return current;
    if (++steps > 1000) return undefined;
  }
  return undefined;
}

function minors(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `1.${from + index}`);
}
