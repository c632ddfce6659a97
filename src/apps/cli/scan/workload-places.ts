import { delimiter, join } from "node:path";
import type { WorkloadEngine } from "../../../model/images/workload.ts";
import type { WorkloadPlaces } from "../../../pipeline/workloads/list-workloads.ts";
import { containerdAccess, dockerAccess, podmanAccess } from "../environment.ts";
import { writeWords } from "../terminal/output.ts";
import { homeFolder } from "../user-folders.ts";

/** What the user says of where to look. */
export interface PlaceFlags {
  /** Only these. */
  readonly engine?: readonly WorkloadEngine[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: readonly string[];
}

/** Every engine that workloads can be listed of. */
export const workloadEngines: readonly WorkloadEngine[] = ["docker", "podman", "containerd", "kubernetes"];

/** The engines that the user asked for by name or by an option of theirs. */
export function requiredEngines({ engine, kubeconfig, context, namespace }: PlaceFlags): ReadonlySet<WorkloadEngine> {
  const options = [kubeconfig, context, namespace].some((option) => option !== undefined);
  return new Set([...(engine ?? []), ...(options ? (["kubernetes"] as const) : [])]);
}

/** Where the flags and the environment say that engines are. */
export function workloadPlaces(flags: PlaceFlags): WorkloadPlaces {
  const asks = (engine: WorkloadEngine): boolean => flags.engine?.includes(engine) ?? true;
  return {
    ...(asks("docker") && { docker: dockerAccess() }),
    ...(asks("podman") && { podman: podmanAccess() }),
    ...(asks("containerd") && { containerd: containerdAccess() }),
    ...(asks("kubernetes") && { kubernetes: kubernetesAccess(flags) }),
  };
}

/**
 * As kubectl finds a cluster: `--kubeconfig`, the files of `KUBECONFIG`, `~/.kube/config`, or the pod around the
 * program. Messages of plug-ins are shown on a terminal, where the user can act on them.
 */
export function kubernetesAccess({
  kubeconfig,
  context,
  namespace,
}: PlaceFlags): NonNullable<WorkloadPlaces["kubernetes"]> {
  const listed = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  const usual = listed.length > 0 ? listed : [join(homeFolder(), ".kube", "config")];
  return {
    kubeconfigs: kubeconfig === undefined ? usual : [kubeconfig],
    named: kubeconfig !== undefined,
    ...(context !== undefined && { context }),
    ...(namespace && { namespaces: namespace }),
    service: { host: process.env["KUBERNETES_SERVICE_HOST"], port: process.env["KUBERNETES_SERVICE_PORT"] },
    exec: {
      environment: process.env,
      searchPath: process.env["PATH"] ?? "",
      ...(process.stderr.isTTY && { tell: writeWords }),
    },
  };
}
