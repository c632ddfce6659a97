/** Our checks of the subject of a rule. */
interface Ours {
  readonly ids: readonly string[];
  /** Where only evidence about one field counts. */
  readonly subject?: RegExp;
  /** Where the rule names other fields than the ones that decide, or none. */
  readonly isAboutPresence?: boolean;
  /** Fields that another check of ours is about. */
  readonly ignored?: RegExp;
}

const one = (...names: string[]): Ours => ({
  ids: names.map((name) => (name.includes("/") ? name : `manifests/${name}`)),
});
const present = (...names: string[]): Ours => ({ ...one(...names), isAboutPresence: true });
const policy = (subject: RegExp): Ours => ({ ids: ["manifests/pod-security-policy"], subject });
// Who is bound is told as the reason.
const power = (name: string): Ours => ({ ...one(`rbac-${name}`), ignored: /^(?:subjects\[|roleRef)/ });

/** The rules that have a subject of ours. */
export const kubescapeRules: Readonly<Record<string, Ours | undefined>> = {
  "alert-any-hostpath": one("host-path"),
  "alert-mount-potential-credentials-paths": one("host-path-credentials"),
  "alert-rw-hostpath": one("host-path-writable"),
  "anonymous-access-enabled": one("rbac-anonymous"),
  "automount-default-service-account": one("default-service-account-token"),
  "automount-service-account": one("service-account-token"),
  "cluster-admin-role": power("all-powers"),
  "configured-liveness-probe": one("liveness-probe"),
  "configured-readiness-probe": one("readiness-probe"),
  "container-hostPort": one("host-port"),
  "containers-mounting-docker-socket": one("engine-socket"),
  "dangling-gateway-backend": one("missing-service"),
  "dangling-ingress-backend": one("missing-service"),
  "dangling-networkpolicy": one("network-policy-without-pods"),
  "deprecated-service-account-field": one("former-service-account-field"),
  "drop-capability-netraw": one("capability-net-raw"),
  "duplicate-env-var": one("duplicate-environment"),
  "endpoints-in-default-namespace": one("default-namespace"),
  "endpointslice-in-default-namespace": one("default-namespace"),
  "ensure-default-service-accounts-has-only-default-roles": one("rbac-default-account"),
  ensure_network_policy_configured_in_labels: present("network-policy"),
  "exec-into-container-v1": power("exec"),
  "exposed-sensitive-interfaces-v1": present("open-interface"),
  "exposure-to-internet": present("exposed-workload"),
  "exposure-to-internet-via-gateway-api": present("exposed-workload"),
  "exposure-to-internet-via-istio-ingress": present("exposed-workload"),
  "hpa-has-target": one("missing-scale-target"),
  "horizontalpodautoscaler-in-default-namespace": one("default-namespace"),
  "host-ipc-privileges": one("host-ipc"),
  "host-network-access": one("host-network"),
  "host-pid-ipc-privileges": one("host-pid", "host-ipc"),
  "host-pid-privileges": one("host-pid"),
  "image-not-pinned-to-digest": one("image-digest"),
  "image-pull-policy-is-not-set-to-always": one("image-pull-policy"),
  "immutable-container-filesystem": one("writable-root-file-system"),
  "ingress-and-egress-blocked": present("network-policy-directions"),
  "ingress-in-default-namespace": one("default-namespace"),
  "ingress-no-tls": one("ingress-tls"),
  "insecure-capabilities": one("capability-dangerous"),
  "internal-networking": present("network-policy-namespace"),
  "lease-in-default-namespace": one("default-namespace"),
  "linux-hardening": one("seccomp-profile"),
  "mismatching-selector": one("workload-selector"),
  "non-existent-service-account": one("missing-service-account"),
  "non-root-containers": one("run-as-root", "run-as-root-group"),
  "persistentvolumeclaim-in-default-namespace": one("default-namespace"),
  "pod-security-admission-applied-1": one("pod-security-label"),
  "pod-security-admission-applied-2": one("pod-security-label"),
  "pod-security-admission-baseline-applied-1": one("pod-security-label"),
  "pod-security-admission-baseline-applied-2": one("pod-security-label"),
  "pod-security-admission-restricted-applied-1": one("pod-security-label-restricted"),
  "pod-security-admission-restricted-applied-2": one("pod-security-label-restricted"),
  "pods-in-default-namespace": one("default-namespace"),
  "podtemplate-in-default-namespace": one("default-namespace"),
  "psp-deny-allowed-capabilities": policy(/allowedCapabilities$/),
  "psp-deny-allowprivilegeescalation": policy(/allowPrivilegeEscalation$/),
  "psp-deny-hostipc": policy(/hostIPC$/),
  "psp-deny-hostnetwork": policy(/hostNetwork$/),
  "psp-deny-hostpid": policy(/hostPID$/),
  "psp-deny-privileged-container": policy(/privileged$/),
  "psp-deny-root-container": policy(/runAsUser/),
  "psp-required-drop-capabilities": policy(/requiredDropCapabilities$/),
  "replicationcontroller-in-default-namespace": one("default-namespace"),
  "resource-policies": one("cpu-limit", "memory-limit"),
  "resources-cpu-limit-and-request": one("cpu-limit", "cpu-request"),
  "resources-cpu-limits": one("cpu-limit"),
  "resources-cpu-requests": one("cpu-request"),
  "resources-memory-limit-and-request": one("memory-limit", "memory-request"),
  "resources-memory-limits": one("memory-limit"),
  "resources-memory-requests": one("memory-request"),
  "resources-secret-in-default-namespace": one("default-namespace"),
  "role-in-default-namespace": one("default-namespace"),
  "rolebinding-in-default-namespace": one("default-namespace"),
  "rule-access-dashboard-subject-v1": one("dashboard-binding"),
  "rule-access-dashboard-wl-v1": one("dashboard-account"),
  "rule-allow-privilege-escalation": { ...one("privilege-escalation"), ignored: /\.privileged$/ },
  "rule-can-access-proxy-subresource": power("nodes-proxy"),
  "rule-can-approve-cert-signing-request": power("approve-certificates"),
  "rule-can-bind-escalate": power("escalate"),
  "rule-can-create-pod": power("create-pods"),
  "rule-can-create-pv": power("create-volumes"),
  "rule-can-delete-k8s-events-v1": power("delete-events"),
  "rule-can-impersonate-users-groups-v1": power("impersonate"),
  "rule-can-list-get-secrets-v1": power("secrets"),
  "rule-can-modify-admission-webhooks": power("webhooks"),
  "rule-can-portforward-v1": power("port-forward"),
  "rule-can-ssh-to-pod-v1": present("ssh-service"),
  "rule-can-update-configmap-v1": power("edit-config-maps"),
  "rule-credentials-configmap": one("secret-in-config-map"),
  "rule-credentials-in-env-var": one("secret-in-environment", "secret-as-environment"),
  "rule-excessive-delete-rights-v1": power("delete"),
  "rule-identify-old-k8s-registry": one("image-former-registry"),
  "rule-list-all-cluster-admins-v1": power("all-powers"),
  "rule-privileged-container": one("privileged", "capability-sys-admin"),
  "rule-secrets-in-env-var": one("secret-as-environment"),
  "service-with-no-workload": one("service-without-pods"),
  "service-in-default-namespace": one("default-namespace"),
  "serviceaccount-in-default-namespace": one("default-namespace"),
  "set-hostprocess-true": one("pss/windowsHostProcess"),
  "set-procmount-default": one("pss/procMount"),
  "set-seccomp-profile": one("seccomp-profile"),
  "set-seccomp-profile-RuntimeDefault": one("seccomp-profile"),
  "set-supplementalgroups-values": one("supplemental-root-group"),
  "set-sysctls-params": one("pss/sysctls"),
  "sudo-in-container-entrypoint": one("sudo"),
  "system-authenticated-allowed-to-take-over-cluster": { ...one("rbac-all-users"), ignored: /roleRef/ },
  "workload-with-administrative-roles": present("service-account-takeover", "cluster-admin-account"),
  "workload-with-cluster-takeover-roles": present("service-account-takeover", "cluster-admin-account"),
  "etcd-auto-tls-disabled": one("etcd-auto-tls"),
  "etcd-client-auth-cert": one("etcd-client-certificates"),
  "etcd-peer-auto-tls-disabled": one("etcd-peer-auto-tls"),
  "etcd-peer-client-auth-cert": one("etcd-peer-client-certificates"),
  "etcd-peer-tls-enabled": one("etcd-peer-tls"),
  "etcd-tls-enabled": one("etcd-tls"),
  "etcd-encryption-native": one("api-server-encryption-at-rest"),
  "k8s-audit-logs-enabled-native": one("api-server-audit-policy"),
  "k8s-audit-logs-enabled-native-cis": one("api-server-audit-policy"),
  "psp-enabled-native": one("api-server-pod-security-policy"),
  "ensure-that-the-API-Server-only-makes-use-of-Strong-Cryptographic-Ciphers": one("api-server-tls-ciphers"),
  "ensure-that-the-API-Server-only-makes-use-of-Strong-Cryptographic-Ciphers-cis1-10": one("api-server-tls-ciphers"),
  "ensure-that-the-admission-control-plugin-AlwaysAdmit-is-not-set": one("api-server-always-admit"),
  "ensure-that-the-admission-control-plugin-AlwaysPullImages-is-set": one("api-server-always-pull-images"),
  "ensure-that-the-admission-control-plugin-EventRateLimit-is-set": one("api-server-event-rate-limit"),
  "ensure-that-the-admission-control-plugin-NamespaceLifecycle-is-set": one("api-server-namespace-lifecycle"),
  "ensure-that-the-admission-control-plugin-NodeRestriction-is-set": one("api-server-node-restriction"),
  "ensure-that-the-admission-control-plugin-SecurityContextDeny-is-set-if-PodSecurityPolicy-is-not-used": one(
    "api-server-security-context-deny",
  ),
  "ensure-that-the-admission-control-plugin-ServiceAccount-is-set": one("api-server-service-account-admission"),
  "ensure-that-the-api-server-DenyServiceExternalIPs-is-set": one("api-server-deny-service-external-ips"),
  "ensure-that-the-api-server-anonymous-auth-argument-is-set-to-false": one("api-server-anonymous-auth"),
  "ensure-that-the-api-server-audit-log-maxage-argument-is-set-to-30-or-as-appropriate":
    one("api-server-audit-log-max-age"),
  "ensure-that-the-api-server-audit-log-maxbackup-argument-is-set-to-10-or-as-appropriate": one(
    "api-server-audit-log-max-backup",
  ),
  "ensure-that-the-api-server-audit-log-maxsize-argument-is-set-to-100-or-as-appropriate": one(
    "api-server-audit-log-max-size",
  ),
  "ensure-that-the-api-server-audit-log-path-argument-is-set": one("api-server-audit-log-path"),
  "ensure-that-the-api-server-authorization-mode-argument-includes-Node": one("api-server-authorization-node"),
  "ensure-that-the-api-server-authorization-mode-argument-includes-RBAC": one("api-server-authorization-rbac"),
  "ensure-that-the-api-server-authorization-mode-argument-is-not-set-to-AlwaysAllow": one(
    "api-server-authorization-always-allow",
  ),
  "ensure-that-the-api-server-client-ca-file-argument-is-set-as-appropriate": one(
    "api-server-client-certificate-authority",
  ),
  "ensure-that-the-api-server-encryption-provider-config-argument-is-set-as-appropriate": one(
    "api-server-encryption-at-rest",
  ),
  "ensure-that-the-api-server-etcd-cafile-argument-is-set-as-appropriate": one("api-server-etcd-certificate-authority"),
  "ensure-that-the-api-server-etcd-certfile-and-etcd-keyfile-arguments-are-set-as-appropriate": one(
    "api-server-etcd-client-certificate",
  ),
  "ensure-that-the-api-server-kubelet-certificate-authority-argument-is-set-as-appropriate": one(
    "api-server-kubelet-certificate-authority",
  ),
  "ensure-that-the-api-server-kubelet-client-certificate-and-kubelet-client-key-arguments-are-set-as-appropriate": one(
    "api-server-kubelet-client-certificate",
  ),
  "ensure-that-the-api-server-profiling-argument-is-set-to-false": one("api-server-profiling"),
  "ensure-that-the-api-server-request-timeout-argument-is-set-as-appropriate": one("api-server-request-timeout"),
  "ensure-that-the-api-server-secure-port-argument-is-not-set-to-0": one("api-server-secure-port"),
  "ensure-that-the-api-server-service-account-extend-token-expiration-is-set-to-false": one(
    "api-server-service-account-token-extension",
  ),
  "ensure-that-the-api-server-service-account-key-file-argument-is-set-as-appropriate": one(
    "api-server-service-account-key",
  ),
  "ensure-that-the-api-server-service-account-lookup-argument-is-set-to-true": one("api-server-service-account-lookup"),
  "ensure-that-the-api-server-tls-cert-file-and-tls-private-key-file-arguments-are-set-as-appropriate":
    one("api-server-tls-certificate"),
  "ensure-that-the-api-server-token-auth-file-parameter-is-not-set": one("api-server-token-auth"),
  "ensure-that-the-controller-manager-RotateKubeletServerCertificate-argument-is-set-to-true": one(
    "controller-manager-kubelet-certificate-rotation",
  ),
  "ensure-that-the-controller-manager-bind-address-argument-is-set-to-127.0.0.1": one(
    "controller-manager-bind-address",
  ),
  "ensure-that-the-controller-manager-profiling-argument-is-set-to-false": one("controller-manager-profiling"),
  "ensure-that-the-controller-manager-root-ca-file-argument-is-set-as-appropriate": one(
    "controller-manager-controller-root-ca",
  ),
  "ensure-that-the-controller-manager-service-account-private-key-file-argument-is-set-as-appropriate": one(
    "controller-manager-controller-service-account-key",
  ),
  "ensure-that-the-controller-manager-terminated-pod-gc-threshold-argument-is-set-as-appropriate": one(
    "controller-manager-terminated-pods",
  ),
  "ensure-that-the-controller-manager-use-service-account-credentials-argument-is-set-to-true": one(
    "controller-manager-controller-credentials",
  ),
  "ensure-that-the-scheduler-bind-address-argument-is-set-to-127.0.0.1": one("scheduler-bind-address"),
  "ensure-that-the-scheduler-profiling-argument-is-set-to-false": one("scheduler-profiling"),
};

const onePolicyIsEnough =
  "one pod security policy that is strict lets the peer pass the others, which pods may use as well";
const weakCiphers = "3DES and RSA key exchange are weak";
const readsArgsWrongly = "the value is right; the peer does not find it among args";
const notForApiServers = "pods/* grants no sub-resource: to an API server it is a name like any other";
const noSecret = "neither the name nor the value is that of a secret";
const localhostConfines = "a profile of one's own confines as well as the default one";
const ofCluster = "a Role grants nothing on objects that belong to no namespace";
const limitIsRequest = "a limit is the request as well where none is given";

/** Where ours says something else, and why that is right. */
export const reviewedKubescapeCases: Readonly<Record<string, string>> = {
  "alert-mount-potential-credentials-paths/pod_eks_passed": "what lies below /.aws counts as well",
  "anonymous-access-enabled/fail": "the binding is Kubernetes' own, and lets read versions only",
  "cluster-admin-role/role-clusterrolebinding": "a role that grants everything fails also while nobody is bound to it",
  "ensure-that-the-API-Server-only-makes-use-of-Strong-Cryptographic-Ciphers/passed": weakCiphers,
  "ensure-that-the-API-Server-only-makes-use-of-Strong-Cryptographic-Ciphers/rke2-args": weakCiphers,
  "ensure-that-the-api-server-audit-log-maxbackup-argument-is-set-to-10-or-as-appropriate/rke2-args": readsArgsWrongly,
  "ensure-that-the-api-server-audit-log-maxsize-argument-is-set-to-100-or-as-appropriate/rke2-args": readsArgsWrongly,
  "ensure-that-the-api-server-request-timeout-argument-is-set-as-appropriate/rke2-args-fail":
    "300 seconds are a limit; which one is appropriate only a person can tell",
  "ensure-that-the-api-server-token-auth-file-parameter-is-not-set/failed":
    "two flags within one argument are one flag to the program: the second one is part of the file name",
  "ensure-that-the-controller-manager-terminated-pod-gc-threshold-argument-is-set-as-appropriate/rke2-args":
    readsArgsWrongly,
  "exec-into-container-v1/clusterrole": notForApiServers,
  "ingress-and-egress-blocked/cnp-only-egress": "a policy for one direction leaves the other one open",
  "ingress-and-egress-blocked/only-egress-policy": "a policy for one direction leaves the other one open",
  "non-root-containers/pod": "the field of the pod is set wrongly, and is what is told",
  "pod-security-admission-applied-2/test": "what a webhook refuses cannot be told from its configuration",
  "psp-deny-allowed-capabilities/pass-one-true-one-false": onePolicyIsEnough,
  "psp-deny-allowprivilegeescalation/pass-no-true": "the field is true where it is not set",
  "psp-deny-allowprivilegeescalation/pass-one-true-one-false": onePolicyIsEnough,
  "psp-deny-hostipc/pass-one-true-one-false": onePolicyIsEnough,
  "psp-deny-hostpid/pass-one-true-one-false": onePolicyIsEnough,
  "psp-deny-privileged-container/pass-one-true-one-false": onePolicyIsEnough,
  "psp-deny-root-container/pass-one-true-one-false": onePolicyIsEnough,
  "resources-cpu-limit-and-request/pod-only-requests": limitIsRequest,
  "resources-cpu-limit-and-request/workload-mixed-unit": "how much is too much is a setting of the peer",
  "resources-memory-limit-and-request/pod-only-requests": limitIsRequest,
  "rule-can-access-proxy-subresource/clusterrole-rolebinding": "connect is no verb of an API server",
  "rule-can-approve-cert-signing-request/role-rolebinding":
    "an API server also asks for approve on the signer, which the role does not grant",
  "rule-can-create-pv/role-rolebinding": ofCluster,
  "rule-can-modify-admission-webhooks/role-rolebinding": ofCluster,
  "rule-can-portforward-v1/clusterrole-clusterrolebinding": notForApiServers,
  "rule-credentials-configmap/test": "XXXX is a placeholder",
  "rule-credentials-in-env-var/deployment": noSecret,
  "rule-credentials-in-env-var/pod": noSecret,
  "rule-credentials-in-env-var/pod-allowed-values-keys": noSecret,
  "rule-credentials-in-env-var/pod-value-from-reference":
    "a secret that is handed over as a variable counts, by secretKeyRef as by secretRef",
  "set-seccomp-profile-RuntimeDefault/cronjob": localhostConfines,
  "set-seccomp-profile-RuntimeDefault/pod": localhostConfines,
  "set-seccomp-profile-RuntimeDefault/workloads": localhostConfines,
  "system-authenticated-allowed-to-take-over-cluster/fail": notForApiServers,
  "workload-with-administrative-roles/pass-wl-limited-permissions":
    "who reads the secrets of all namespaces has the rights of all accounts",
};
