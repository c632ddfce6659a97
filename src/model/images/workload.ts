import type { DatabaseStatus } from "../findings/advisory.ts";
import type { Severity } from "../findings/finding.ts";
import type { Verdict } from "../reports/verdict.ts";

/** The program that runs a workload. */
export type WorkloadEngine = "docker" | "podman" | "containerd" | "kubernetes";

/** A container that runs, or several that are copies of one another. */
export interface Workload {
  readonly engine: WorkloadEngine;
  /**
   * Where the engine is, when there can be several: the name of the context of a kubeconfig, a namespace of containerd,
   * the address of an engine on another machine; `cri-o` of what CRI-O has in the store that it shares with Podman.
   */
  readonly place?: string;
  /** The container's name; of Kubernetes `namespace/kind/name` of the topmost owner: `shop/deployment/api`. */
  readonly name: string;
  /** The container's id; of Kubernetes its name within the pod. */
  readonly container: string;
  /** How many containers this stands for: copies of a pod that run the same image. */
  readonly instances: number;
  /** As whoever started it wrote it; the folder of a container that was started from one and not from an image. */
  readonly image: string;
  /**
   * The engine's id of the image: `sha256:…` of its config, or of its manifest where images are stored with containerd.
   */
  readonly imageId?: string;
  /**
   * The digest by which a registry knows the image that runs: of its manifest, or of the index that it was picked from.
   */
  readonly digest?: string;
  /** The digest of the manifest for this platform, where the engine tells. */
  readonly manifestDigest?: string;
  /** `NAME@sha256:…` for the registry that `image` names: what to write in place of `image` to run the same again. */
  readonly pinned?: string;
  /**
   * `NAME@sha256:…` in a registry, when the engine says that it has the image from another place than `image` names.
   */
  readonly pulledFrom?: string;
  /** RFC 3339; of several instances that of the one that started first. */
  readonly startedAt?: string;
  /**
   * The engine's word: `running`, `paused`, `restarting`, `stopping`; of Kubernetes also why it waits or how it ended
   * before it is started again: `CrashLoopBackOff`, `Error`; and `unknown` where it does not tell.
   */
  readonly state: string;
  /** `linux/amd64`. */
  readonly platform?: string;
  /**
   * True when the name that was asked for is another image's now: in the engine; of a cluster, where that was asked, in
   * its registry.
   */
  readonly moved?: boolean;
}

/** Something that runs now could not be listed, or not be scanned. */
export interface Unlisted {
  readonly engine: WorkloadEngine;
  /** What that is and why, written as the message of a `PlimsollError` is. */
  readonly message: string;
  readonly hint?: string;
}

/** An image is named in a way that may mean another image tomorrow. */
export interface ReferenceFinding {
  readonly kind: "reference";
  /** `latest`: by that tag, or by none, which means the same. `no-digest`: by another tag without a digest. */
  readonly id: "latest" | "no-digest";
  readonly severity: Extract<Severity, "low">;
  /** As it is used. */
  readonly image: string;
  /** What to write in its place for what runs now; absent when the registry of that name is not known to have it. */
  readonly pin?: string;
  /** `NAME@sha256:…` for each image that runs under this name, when every one is for other platforms or places. */
  readonly pins?: readonly string[];
  /** Different images that run under this name at once, as digests; only when there are several. */
  readonly runs?: readonly string[];
  /** The workloads that use it, `ENGINE NAME`, sorted. */
  readonly workloads: readonly string[];
}

/** What a scan said of the image of a workload, now or earlier. */
export interface WorkloadScan {
  /** RFC 3339. */
  readonly scannedAt: string;
  readonly database: Pick<DatabaseStatus, "kind" | "builtAt">;
  /** How many findings there are of each severity that occurs. */
  readonly findings: Readonly<Partial<Record<Severity, number>>>;
  /** How many parts of the image could not be examined. */
  readonly problems: number;
  /** How many layers were read by their tables of contents alone, as `Layer.inPart` has it; absent when none was. */
  readonly layersInPart?: number;
  readonly verdict: Verdict;
  /**
   * Why a scan may say something else today: the advisories are other ones, the program is, or a day has come on which
   * they say something else: the support of a distribution has ended, or a feed has grown too old.
   */
  readonly stale?: "database" | "program" | "day";
}

/** A workload and what is known of its image; `scan` is null when nothing is. */
export interface JudgedWorkload extends Workload {
  readonly scan: WorkloadScan | null;
}

/** A running container, or several copies of one. */
export interface WorkloadReport {
  /** The version of this format. */
  readonly schemaVersion: 2;
  /** The program that wrote the report. */
  readonly tool: { readonly name: "plimsoll"; readonly version: string };
  /** When the engines were asked, RFC 3339. */
  readonly createdAt: string;
  /** The engines that answered: `docker`, `kubernetes (kind-dev)`. */
  readonly engines: readonly string[];
  readonly workloads: readonly JudgedWorkload[];
  readonly findings: readonly ReferenceFinding[];
  /** What could not be listed, or not be scanned. */
  readonly unlisted: readonly Unlisted[];
  /** The advisories of today, which decide whether a scan is stale. */
  readonly database: Pick<DatabaseStatus, "kind" | "builtAt">;
}
