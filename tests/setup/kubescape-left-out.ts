/** Cases that no check of manifests answers: the names of the cases by rule, with the reason. */
interface LeftOut {
  readonly reason: string;
  /** Names separated by spaces. */
  readonly cases: Readonly<Record<string, string>>;
}

/** Every case of the corpus that is not compared. */
export const kubescapeCasesLeftOut: readonly LeftOut[] = [
  {
    reason:
      "the case is the process and configuration of a kubelet as the sensor of the peer sends them; `check node` reads both itself",
    cases: {
      "anonymous-requests-to-kubelet-updated":
        "invalid-cli-argument invalid-config-no-value invalid-config-value no-cli-params valid-config",
      "enforce-kubelet-client-tls-authentication-updated":
        "fail-config-argument-not-set fail-config-only pass-cmd-only",
      "kubelet-authorization-mode-alwaysAllow": "fail-no-cli-and-config valid-cli-argument valid-config-value",
      "kubelet-event-qps": "fail-sensor-failed pass-event-qps-via-command",
      "kubelet-hostname-override": "fail-contains-command-argument pass-argument-not-set",
      "kubelet-ip-tables": "fail-sensor-failed fail-set-via-cli pass-set-true-via-config pass-set-via-cli",
      "kubelet-protect-kernel-defaults": "deny-config-file-false fail-no-config-and-cli fail-set-via-cli",
      "kubelet-rotate-certificates":
        "fail-cli-argument-set-false fail-sensor-failed pass-cli-argument-not-set pass-not-present-in-config-file",
      "kubelet-rotate-kubelet-server-certificate": "fail-cli-argument-set-false pass-cli-argument-set-true",
      "kubelet-set-pod-limit": "fail-command-argument-not-set pass-argument-set",
      "kubelet-streaming-connection-idle-timeout":
        "fail-config-file fail-set-via-cli pass-config-file pass-set-via-cli",
      "kubelet-strong-cryptography-ciphers":
        "fail-config-not-supported-value pass-cli pass-config-not-set pass-config-supported-value",
      "read-only-port-enabled-updated": "cli-fail cli-pass",
      "validate-kubelet-tls-configuration-updated":
        "fail-arguments-not-set-via-cli fail-config-file-not-set pass-1-cli-2-config pass-config-file-arguments-set pass-set-via-cli",
    },
  },
  {
    reason:
      "the case is the owner or mode of a file of a node as the sensor of the peer sends it; `check node` reads the file itself",
    cases: {
      "Ensure-that-the-kubeconfig-file-permissions-are-set-to-644-or-more-restrictive": "failed",
      "ensure-that-the-API-server-pod-specification-file-ownership-is-set-to-root-root": "passed",
      "ensure-that-the-API-server-pod-specification-file-permissions-are-set-to-600-or-more-restrictive":
        "failed passed",
      "ensure-that-the-Container-Network-Interface-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-Container-Network-Interface-file-permissions-are-set-to-600-or-more-restrictive": "failed",
      "ensure-that-the-Kubernetes-PKI-certificate-file-permissions-are-set-to-600-or-more-restrictive": "failed",
      "ensure-that-the-Kubernetes-PKI-directory-and-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-Kubernetes-PKI-key-file-permissions-are-set-to-600": "failed",
      "ensure-that-the-admin.conf-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-admin.conf-file-permissions-are-set-to-600": "passed",
      "ensure-that-the-certificate-authorities-file-permissions-are-set-to-600-or-more-restrictive": "failed passed",
      "ensure-that-the-client-certificate-authorities-file-ownership-is-set-to-root-root": "passed",
      "ensure-that-the-controller-manager-pod-specification-file-ownership-is-set-to-root-root": "passed",
      "ensure-that-the-controller-manager-pod-specification-file-permissions-are-set-to-600-or-more-restrictive":
        "failed",
      "ensure-that-the-controller-manager.conf-file-ownership-is-set-to-root-root": "failed",
      "ensure-that-the-controller-manager.conf-file-permissions-are-set-to-600-or-more-restrictive": "failed passed",
      "ensure-that-the-etcd-data-directory-ownership-is-set-to-etcd-etcd": "failed passed",
      "ensure-that-the-etcd-pod-specification-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-etcd-pod-specification-file-permissions-are-set-to-600-or-more-restrictive": "failed passed",
      "ensure-that-the-kubeconfig-kubelet.conf-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-kubeconfig-kubelet.conf-file-permissions-are-set-to-600-or-more-restrictive": "passed",
      "ensure-that-the-kubelet-configuration-file-has-permissions-set-to-644-or-more-restrictive": "passed",
      "ensure-that-the-kubelet-configuration-file-ownership-is-set-to-root-root": "failed",
      "ensure-that-the-kubelet-service-file-ownership-is-set-to-root-root": "passed",
      "ensure-that-the-kubelet-service-file-permissions-are-set-to-600-or-more-restrictive": "failed passed",
      "ensure-that-the-scheduler-pod-specification-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-scheduler-pod-specification-file-permissions-are-set-to-600-or-more-restrictive": "failed",
      "ensure-that-the-scheduler.conf-file-ownership-is-set-to-root-root": "failed passed",
      "ensure-that-the-scheduler.conf-file-permissions-are-set-to-600-or-more-restrictive": "passed",
      "if-proxy-kubeconfig-file-exists-ensure-ownership-is-set-to-root-root": "failed passed",
      "if-proxy-kubeconfig-file-exists-ensure-permissions-are-set-to-600-or-more-restrictive": "passed",
      "if-the-kubelet-config.yaml-configuration-file-is-being-used-validate-permissions-set-to-600-or-more-restrictive":
        "failed passed",
    },
  },
  {
    reason:
      "the case is configuration of a control plane as the sensor of the peer sends it; `check node` and `check cluster` read it themselves",
    cases: {
      "audit-policy-content": "pass",
      "ensure-that-the-api-server-encryption-providers-are-appropriately-configured": "passed",
      "ensure-that-the-cni-in-use-supports-network-policies": "failed_aws failed_flannel pass_flannel_and_calico",
      "external-secret-storage": "failed-no-good-kms failed-no-kms passed",
    },
  },
  {
    reason:
      "CIS 1.12 asks for the admission plugin DenyServiceExternalIPs, which this rule of an older benchmark forbids",
    cases: {
      "ensure-that-the-api-server-DenyServiceExternalIPs-is-not-set": "failed passed",
    },
  },
  {
    reason: "the rule compares flags of two static pods; `check node` does so on a node, checks of manifests do not",
    cases: {
      "etcd-unique-ca": "pass-different-key-files rke2-args",
    },
  },
  {
    reason: "the rule is about the custom resource SandboxTemplate, with lists and limits that the user sets",
    cases: {
      "agent-sandbox-egress-policy":
        "failed-egress-no-to failed-empty-namespace-selector failed-empty-pod-selector failed-empty-to failed-invalid-management failed-malformed-network-policy failed-management-omitted-no-policy failed-universal-ipv4 failed-universal-ipv6 failed-universal-ipv6-with-except success-ingress-only success-scoped-namespace-selector",
      "agent-sandbox-hardened-runtime-class": "failed-empty-runtime failed-missing-runtime success",
      "agent-sandbox-image-registry-allowlist":
        "failed-initcontainer failed-mixed-containers failed-registry-alternate-port failed-registry-lookalike failed-unapproved-registry success success-docker-image",
      "agent-sandbox-image-tag-provenance":
        "failed-floating-dev failed-floating-nightly failed-mixed-floating failed-mixed-tags failed-registry-port-untagged success-dev-tag-no-floating-config success-digest success-registry-port success-versioned-tag success-versioned-with-floating-config",
      "resources-sandbox-cpu-limits": "failed-exceeded-cpu-limits success",
      "resources-sandbox-memory-limits": "failed-exceeded-memory-limits failed-multi-container success",
    },
  },
  {
    reason: "the case is an answer of a cloud's API, which no check asks",
    cases: {
      "cluster-access-manager-api-eks": "failed",
      "ensure-aws-policies-are-present": "fail",
      "ensure-azure-rbac-is-set": "failed_with_aadProfile_null failed_with_enableAzureRbac_null",
      "ensure-clusters-are-created-with-private-endpoint-enabled-and-public-access-disabled": "failed success",
      "ensure-clusters-are-created-with-private-nodes": "success",
      "ensure-endpointprivateaccess-is-enabled": "failed",
      "ensure-endpointprivateaccess-is-enabled-and-endpointpublicaccess-is-disabled-eks":
        "failed_private_disabled failed_public_enabled",
      "ensure-endpointpublicaccess-is-disabled-on-private-nodes-eks": "failed",
      "ensure-image-scanning-enabled-cloud": "failed-no-scan failed-no-scan-on-push gcp-fail gcp-success passed",
      "ensure-image-vulnerability-scanning-using-azure-defender-image-scanning-or-a-third-party-provider": "failed",
      "ensure-service-principle-has-read-only-permissions": "fail",
      ensure_nodeinstancerole_has_right_permissions_for_ecr: "fail",
      "instance-metadata-api-access": "failed passed",
      "k8s-audit-logs-enabled-cloud": "eks-fail2 gke",
      "list-iam-policies-in-gcp": "fail",
      "psp-enabled-cloud": "gke",
      "restrict-access-to-the-control-plane-endpoint": "failed success",
      "review-roles-with-aws-iam-authenticator": "failed",
      "rule-cni-enabled-aks": "aks-calico-azure-pass aks-empty-fail",
      "secret-etcd-encryption-cloud": "aks aks_host_encryption aks_kms eks_kms_camelcase gke",
    },
  },
  {
    reason: "the rule is about how a cloud reads annotations, nodes or storage classes",
    cases: {
      "alert-container-optimized-os-not-in-use": "failed success",
      "alert-fargate-not-in-use": "success success_one_fargate_other_no",
      "encrypt-traffic-to-https-load-balancers-with-tls-certificates":
        "failed_ingress_annotation_value failed_ingress_tls_not_set failed_no_svc_loadbalancer",
      "ensure-https-loadbalancers-encrypted-with-tls-aws":
        "failed_https_loadbalancer_without_tls failed_multiple_loadbalancers success_https_load_balancer_with_tls success_none_https_loadbalancer",
      "pv-without-encryption": "eks fail gke",
    },
  },
  {
    reason: "the case needs results of another scanner or sensor",
    cases: {
      "CVE-2022-0185": "test_azure_fail test_azure_pass test_generic_pass",
      "CVE-2022-3172": "failed",
      excessive_amount_of_vulnerabilities_pods: "test-failed",
      "exposed-rce-pods": "test-failed",
      "unauthenticated-service": "fail_service pass",
    },
  },
  {
    reason:
      "the rule is about the version of a node or controller; vulnerabilities of versions come from scans and from `check cluster`",
    cases: {
      "CVE-2021-25741": "cronjob workloads",
      "detect-nginx-ingress-controller-eol": "success",
      "outdated-k8s-version": "fail pass",
    },
  },
  {
    reason: "the rule asks for lists or labels that the user sets",
    cases: {
      "container-image-repository": "cronjob-failed pod-pass-docker-image workload-failed",
      "k8s-common-labels-usage": "workload workload-fail",
      "label-usage-for-resources": "cronjob pod",
      "rule-identify-blocklisted-image-registries": "cronjob workloads",
    },
  },
  {
    reason: "the rule asks a person to look, whatever is there",
    cases: {
      "ensure-external-secrets-storage-is-in-use": "failed_cronjob failed_deployment",
      "list-all-namespaces": "namespace-failed",
      "rule-hostile-multitenant-workloads": "failed",
      "rule-manual": "failed",
    },
  },
  {
    reason: "the rule reports every CronJob, and a CronJob is no weakness",
    cases: {
      "rule-deny-cronjobs": "test",
    },
  },
  {
    reason: "the rule asks for a service account or a binding where the default account without rights serves",
    cases: {
      "access-container-service-account-v1": "clusterrole-clusterrolebinding",
      "namespace-without-service-account": "test",
      "serviceaccount-token-mount": "both-mount both-mount-default pod-mount-and-rb-bind sa-mount",
    },
  },
  {
    reason: "the strategy Recreate and a rollout's numbers are a choice about availability",
    cases: {
      "no-rolling-update-strategy": "deployment",
    },
  },
  {
    reason:
      "the rule reports every pod that mounts an existing object, as a step of an attack path; mounting is no weakness of the pod",
    cases: {
      "workload-mounted-configmap": "success_different_namespaces success_no_configmap",
      "workload-mounted-pvc": "success_different_namespaces",
      "workload-mounted-secrets": "failed success",
    },
  },
  {
    reason: "the rule asks for a field that may stay unset safely",
    cases: {
      "set-fsgroupchangepolicy-value": "pod",
      "set-gmsacredentialspecname-value": "workload",
      "set-runasusername-value": "cronjob pod workload",
      "set-seLinuxOptions": "cronjob pod workloads",
    },
  },
];
