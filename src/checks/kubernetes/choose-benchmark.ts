import type { CheckMapping, CheckResult } from "../../model/checks/check.ts";
import type { KubernetesFlavour } from "../../model/checks/kubernetes-facts.ts";
import { type CisBenchmark, cisBenchmarks } from "./cis-ids.ts";

/** A benchmark that fits a cluster. */
export interface Benchmark {
  /** As in the mappings of checks: `CIS Kubernetes Benchmark`. */
  readonly framework: string;
  readonly version: string;
  /** Where the ids stand when the distribution publishes the benchmark under a name of its own. */
  readonly source?: Pick<Benchmark, "framework" | "version">;
}

/** From which minor version of Kubernetes on a version of a benchmark is the one to take. */
type Steps = readonly (readonly [from: number, version: string])[];

const plain: Steps = [
  [26, "1.8"],
  [27, "1.9"],
  [28, "1.10"],
  [29, "1.11"],
  [32, "1.12"],
];

/**
 * Source: kube-bench, `version_mapping` and `getPlatformBenchmarkVersion`. The newest version also stands for what
 * comes behind it.
 */
const steps: Readonly<Record<CisBenchmark, Steps>> = {
  kubernetes: plain,
  eks: [
    [20, "1.5.0"],
    [29, "1.7.0"],
    [32, "1.8.0"],
  ],
  aks: [
    [25, "1.8"],
    [29, "1.7"],
    [32, "1.8"],
  ],
  gke: [
    [28, "1.6.0"],
    [30, "1.8.0"],
    [31, "1.9.0"],
  ],
  // OpenShift 4.11 is Kubernetes 1.24, and 4.13 is 1.26.
  openshift: [
    [24, "1.4"],
    [26, "1.8"],
  ],
};

/** Distributions whose makers assess themselves against the CIS Kubernetes Benchmark, with its ids. */
const selfAssessments: Readonly<Partial<Record<KubernetesFlavour, string>>> = {
  k3s: "K3s CIS Self-Assessment",
  rke2: "RKE2 CIS Self-Assessment",
};

/** Recommendations about a unit of the kubelet, which these distributions do not have. */
const notAssessed: ReadonlySet<string> = new Set(["1.11 4.2.15"]);

/**
 * The benchmark for who made a cluster and its version of Kubernetes, `v1.29.3`; undefined when no benchmark that is
 * known fits.
 */
export function chooseBenchmark(flavour: KubernetesFlavour, version: string): Benchmark | undefined {
  const minor = /^v?1\.(\d{1,4})/.exec(version)?.[1];
  if (minor === undefined) return undefined;
  const key = isBenchmark(flavour) ? flavour : "kubernetes";
  const found = steps[key].findLast(([from]) => from <= Number(minor))?.[1];
  if (found === undefined) return undefined;
  const { framework } = cisBenchmarks[key];
  const own = selfAssessments[flavour];
  return own === undefined
    ? { framework, version: found }
    : { framework: own, version: found, source: { framework, version: found } };
}

/** Results with the ids of one benchmark; those of other CIS benchmarks and of its other versions are left out. */
export function withBenchmark(results: readonly CheckResult[], benchmark: Benchmark): CheckResult[] {
  const { framework, version, source = benchmark } = benchmark;
  const isAssessed = (id: string): boolean => source === benchmark || !notAssessed.has(`${version} ${id}`);
  return results.map((result) => ({
    ...result,
    mappings: result.mappings.flatMap((mapping): CheckMapping[] => {
      if (!frameworks.has(mapping.framework)) return [mapping];
      if (mapping.framework !== source.framework || mapping.version !== source.version) return [];
      if (!isAssessed(mapping.id)) return [];
      return [{ framework, version, id: mapping.id }];
    }),
  }));
}

const frameworks: ReadonlySet<string> = new Set(Object.values(cisBenchmarks).map(({ framework }) => framework));

function isBenchmark(flavour: KubernetesFlavour): flavour is KubernetesFlavour & CisBenchmark {
  return Object.hasOwn(cisBenchmarks, flavour);
}
