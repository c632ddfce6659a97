import type { KubernetesComponent, KubernetesComponentName } from "../../model/checks/kubernetes-facts.ts";

/**
 * Flags that k3s gives the components inside itself where its options say nothing else, as far as checks look at them;
 * files from its folder `server` or `agent`. Each holds for every release with a published self-assessment. Source:
 * k3s, `pkg/daemons`, and the arguments in its self-assessments.
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

/** A flag that k3s sets from a release on. */
interface LaterFlag {
  readonly value: string;
  readonly since: readonly [minor: number, patch: number];
}

/** Those by component and name; older lines of releases have them in their last ones only. Source: k3s, issue 6724. */
const laterFlags: Readonly<Record<string, LaterFlag>> = {
  "kube-apiserver tls-cipher-suites": {
    value: ["AES_256_GCM_SHA384", "AES_128_GCM_SHA256", "CHACHA20_POLY1305"]
      .flatMap((cipher) => [`TLS_ECDHE_ECDSA_WITH_${cipher}`, `TLS_ECDHE_RSA_WITH_${cipher}`])
      .join(","),
    since: [26, 1],
  },
};

/** Why it is not known what k3s itself sets a flag to; undefined where it is. */
export function k3sDoubt({ name, version }: ReleasedComponent, flag: string): string | undefined {
  const later = laterFlag(name, flag);
  if (!later || isSince(version, later.since)) return undefined;
  const release = `1.${later.since.join(".")}`;
  return version === undefined
    ? `k3s sets this by default from ${release}, but the version of k3s is unknown`
    : `k3s sets this by default from ${release}; whether ${version} does is unknown`;
}

/** What k3s itself sets a flag of a component to; undefined for a flag that it leaves alone. */
export function k3sFlag({ name, version }: ReleasedComponent, flag: string): string | undefined {
  const later = laterFlag(name, flag);
  if (later) return isSince(version, later.since) ? later.value : undefined;
  const flags = ownFlags[name];
  return flags && Object.hasOwn(flags, flag) ? flags[flag] : undefined;
}

type ReleasedComponent = Pick<KubernetesComponent, "name" | "version">;

function laterFlag(name: KubernetesComponentName, flag: string): LaterFlag | undefined {
  const key = `${name} ${flag}`;
  return Object.hasOwn(laterFlags, key) ? laterFlags[key] : undefined;
}

/** True for a version that is known, `1.29.3`, and not older than another one. */
function isSince(version: string | undefined, [minor, patch]: LaterFlag["since"]): boolean {
  const [, ownMinor, ownPatch] = /^1\.(\d{1,4})\.(\d{1,4})$/.exec(version ?? "") ?? [];
  return Number(ownMinor) > minor || (Number(ownMinor) === minor && Number(ownPatch) >= patch);
}
