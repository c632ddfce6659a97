import { objectsAt, textAt } from "../kustomize/json-path.ts";
import type { PodTemplate } from "../pods/pod-template.ts";
import type { ControlPlaneContainer } from "./static-pod.ts";

// Where etcd listens: https://etcd.io/docs/v3.5/op-guide/configuration/. Without --listen-peer-urls it is localhost.

const loopbackUrl = /^(?:https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?\/?|unixs?:\/\/.*)$/i;
const clusterFlag = /^(?:initial-|discovery|config-file$|force-new-cluster$)/;

/**
 * Whether only the pod itself reaches an address of etcd: it is the loopback address of the pod's own network. Peers
 * reach none either where a single member that says where clients reach it names no other members.
 */
export function isWithinPod(
  { flags, container }: ControlPlaneContainer,
  { pod, of }: { readonly pod: PodTemplate | undefined; readonly of: "clients" | "peers" },
): boolean {
  if (pod === undefined || (pod.spec["hostNetwork"] ?? false) !== false) return false;
  if (flags.has("config-file") || isSetFromElsewhere(container.spec)) return false;
  const urls = flags.get(of === "clients" ? "listen-client-urls" : "listen-peer-urls")?.value;
  if (urls !== undefined) return urls.split(",").every((url) => loopbackUrl.test(url.trim()));
  if (of === "clients" || !flags.has("listen-client-urls")) return false;
  return Array.from(flags.keys()).every((name) => !clusterFlag.test(name));
}

/** Whether variables that etcd may read have values that are not in the manifest. */
function isSetFromElsewhere(spec: ControlPlaneContainer["container"]["spec"]): boolean {
  if (objectsAt(spec, "envFrom").length > 0) return true;
  return objectsAt(spec, "env").some(
    ([, variable]) => /^ETCD_/.test(textAt(variable, "name") ?? "") && variable["valueFrom"] !== undefined,
  );
}
