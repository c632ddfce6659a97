import type { KubernetesComponentName } from "../../model/kubernetes-facts.ts";

/**
 * Flags that k3s gives the components inside itself where its options say nothing else, as far as checks look at them; files from its
 * folder `server` or `agent`. Each holds for every release with a published self-assessment. Source: k3s, `pkg/daemons`, and the arguments in its self-assessments.
 */
const ownFlags: Readonly<Partial<Record<KubernetesComponentName, Readonly<Record<string, string>>>>> = {
  "kube-apiserver": {
    "anonymous-auth": "false",
    "authorization-mode": "Node,RBAC",
    "client-ca-file": "tls/client-ca.crt",
    "enable-admission-plugins": "NodeRestriction",
    "kubelet-certificate-authority": "tls/server-ca.crt",
    "kubelet-client-certificate": "tls/client-kube-apiserver.crt",
    "kubelet-client-key": "tls/client-kube-apiserver.key",
    profiling: "false",
    "service-account-key-file": "tls/service.key",
    "tls-cert-file": "tls/serving-kube-apiserver.crt",
    "tls-private-key-file": "tls/serving-kube-apiserver.key",
  },
  "kube-controller-manager": {
    "bind-address": "127.0.0.1",
    profiling: "false",
    "root-ca-file": "tls/server-ca.crt",
    "service-account-private-key-file": "tls/service.key",
    "use-service-account-credentials": "true",
  },
  "kube-scheduler": { "bind-address": "127.0.0.1", profiling: "false" },
  kubelet: {
    "anonymous-auth": "false",
    "authorization-mode": "Webhook",
    "client-ca-file": "client-ca.crt",
    "read-only-port": "0",
    "tls-cert-file": "serving-kubelet.crt",
    "tls-private-key-file": "serving-kubelet.key",
  },
};

/** Flags that only some releases set, by component and name, with what is known of them. */
const flagsOfSome: Readonly<Record<string, string>> = {
  "kube-apiserver tls-cipher-suites": "k3s sets suites of its own from 1.26 on, and nothing here tells its version",
};

/** Why it is not known what k3s itself sets a flag to; undefined where it is. */
export function k3sDoubt(name: KubernetesComponentName, flag: string): string | undefined {
  const key = `${name} ${flag}`;
  return Object.hasOwn(flagsOfSome, key) ? flagsOfSome[key] : undefined;
}

/** What k3s itself sets a flag of a component to; undefined for a flag that it leaves alone. */
export function k3sFlag(name: KubernetesComponentName, flag: string): string | undefined {
  const flags = ownFlags[name];
  return flags && Object.hasOwn(flags, flag) ? flags[flag] : undefined;
}
