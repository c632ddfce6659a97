import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ClusterAccess } from "./cluster-access.ts";
import { readNamedFile } from "./read-kube-config.ts";

/** Where a pod finds its service account. */
export interface InClusterPlace {
  /** The variables `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. */
  readonly host: string | undefined;
  readonly port: string | undefined;
  /** Where the service account's `token`, `ca.crt` and `namespace` are mounted. */
  readonly folder: string;
}

/** Where Kubernetes mounts a pod's service account. */
export const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The cluster in whose pod the program runs, as its service account; undefined outside of a pod.
 *
 * Error: `usage` when the token cannot be read. Source: Kubernetes, "Accessing the Kubernetes API from a Pod".
 */
export async function inClusterAccess({ host, port, folder }: InClusterPlace): Promise<ClusterAccess | undefined> {
  if (!host || !port || !existsSync(join(folder, "token"))) return undefined;
  const server = URL.parse(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (!server) return undefined;
  const path = join(folder, "ca.crt");
  const authorities = existsSync(path) ? await readNamedFile(path) : "";
  const own = join(folder, "namespace");
  const namespace = existsSync(own) ? (await readNamedFile(own)).trim() : "";
  return {
    name: "in-cluster",
    server,
    tls: { verify: true, ...(authorities !== "" && { authorities }) },
    ...(namespace !== "" && { namespace }),
    user: { token: (await readNamedFile(join(folder, "token"))).trim() },
  };
}
