import { expect, test } from "vitest";
import type { Observation } from "../../../src/checks/check.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { corpusRows, observe, readFiles } from "../../setup/manifest-cases.ts";

interface Case {
  id: string;
  check: string | null;
  framework: string;
  files: Record<string, string>;
  expect: {
    summary?: { passed: number; failed: number };
    by_file_name?: Record<string, "pass" | "fail" | "unknown">;
    passing?: string[];
    failing?: string[];
    passing_counts?: Record<string, number>;
    failing_counts?: Record<string, number>;
  };
}

/** Our checks of a subject; `subject` where only evidence about one field counts. */
interface Ours {
  ids: readonly string[];
  subject?: RegExp;
}

const apiServer = (name: string): Ours => ({ ids: [`manifests/api-server-${name}`] });
const policy = (subject: RegExp): Ours => ({ ids: ["manifests/pod-security-policy"], subject });

const ours: Readonly<Record<string, Ours>> = {
  CKV_K8S_1: policy(/hostPID$/),
  CKV_K8S_2: policy(/privileged$/),
  CKV_K8S_3: policy(/hostIPC$/),
  CKV_K8S_4: policy(/hostNetwork$/),
  CKV_K8S_5: policy(/allowPrivilegeEscalation$/),
  CKV_K8S_6: policy(/runAsUser/),
  CKV_K8S_7: policy(/requiredDropCapabilities$/),
  CKV_K8S_8: { ids: ["manifests/liveness-probe"] },
  CKV_K8S_9: { ids: ["manifests/readiness-probe"] },
  CKV_K8S_10: { ids: ["manifests/cpu-request"] },
  CKV_K8S_11: { ids: ["manifests/cpu-limit"] },
  CKV_K8S_12: { ids: ["manifests/memory-request"] },
  CKV_K8S_13: { ids: ["manifests/memory-limit"] },
  CKV_K8S_14: { ids: ["manifests/image-latest", "manifests/image-missing"] },
  CKV_K8S_15: { ids: ["manifests/image-pull-policy"] },
  CKV_K8S_16: { ids: ["manifests/privileged"] },
  CKV_K8S_17: { ids: ["manifests/host-pid"] },
  CKV_K8S_18: { ids: ["manifests/host-ipc"] },
  CKV_K8S_19: { ids: ["manifests/host-network"] },
  CKV_K8S_20: { ids: ["manifests/privilege-escalation"] },
  CKV_K8S_21: { ids: ["manifests/default-namespace"] },
  CKV_K8S_22: { ids: ["manifests/writable-root-file-system"] },
  CKV_K8S_23: { ids: ["manifests/run-as-root"] },
  CKV_K8S_24: policy(/allowedCapabilities$/),
  CKV_K8S_25: { ids: ["manifests/capability-added"] },
  CKV_K8S_26: { ids: ["manifests/host-port"] },
  CKV_K8S_27: { ids: ["manifests/engine-socket"] },
  CKV_K8S_28: { ids: ["manifests/capability-net-raw"] },
  CKV_K8S_29: { ids: ["manifests/security-context"] },
  CKV_K8S_30: { ids: ["manifests/security-context"] },
  CKV_K8S_31: { ids: ["manifests/seccomp-profile"] },
  CKV_K8S_32: policy(/seccomp/),
  CKV_K8S_33: { ids: ["manifests/dashboard"] },
  CKV_K8S_34: { ids: ["manifests/tiller"] },
  CKV_K8S_35: { ids: ["manifests/secret-as-environment"] },
  CKV_K8S_36: policy(/requiredDropCapabilities$/),
  CKV_K8S_37: { ids: ["manifests/capabilities-not-dropped"] },
  CKV_K8S_38: { ids: ["manifests/service-account-token"] },
  CKV_K8S_39: { ids: ["manifests/capability-sys-admin"] },
  CKV_K8S_40: { ids: ["manifests/low-user-id"] },
  CKV_K8S_41: { ids: ["manifests/default-service-account-token"] },
  CKV_K8S_42: { ids: ["manifests/rbac-default-account"] },
  CKV_K8S_43: { ids: ["manifests/image-digest"] },
  CKV_K8S_44: { ids: ["manifests/tiller-service"] },
  CKV_K8S_49: { ids: ["manifests/rbac-wildcard"] },
  CKV_K8S_68: apiServer("anonymous-auth"),
  CKV_K8S_69: apiServer("basic-auth"),
  CKV_K8S_70: apiServer("token-auth"),
  CKV_K8S_71: apiServer("kubelet-https"),
  CKV_K8S_72: apiServer("kubelet-client-certificate"),
  CKV_K8S_73: apiServer("kubelet-certificate-authority"),
  CKV_K8S_74: apiServer("authorization-always-allow"),
  CKV_K8S_75: apiServer("authorization-node"),
  CKV_K8S_77: apiServer("authorization-rbac"),
  CKV_K8S_78: { ids: ["manifests/api-server-event-rate-limit", "manifests/admission-event-rate-limit"] },
  CKV_K8S_79: apiServer("always-admit"),
  CKV_K8S_80: apiServer("always-pull-images"),
  CKV_K8S_81: apiServer("security-context-deny"),
  CKV_K8S_82: apiServer("service-account-admission"),
  CKV_K8S_83: apiServer("namespace-lifecycle"),
  CKV_K8S_84: apiServer("pod-security-policy"),
  CKV_K8S_85: apiServer("node-restriction"),
  CKV_K8S_86: apiServer("insecure-bind-address"),
  CKV_K8S_88: apiServer("insecure-port"),
  CKV_K8S_89: apiServer("secure-port"),
  CKV_K8S_90: apiServer("profiling"),
  CKV_K8S_91: apiServer("audit-log-path"),
  CKV_K8S_92: apiServer("audit-log-max-age"),
  CKV_K8S_93: apiServer("audit-log-max-backup"),
  CKV_K8S_94: apiServer("audit-log-max-size"),
  CKV_K8S_95: apiServer("request-timeout"),
  CKV_K8S_96: apiServer("service-account-lookup"),
  CKV_K8S_97: apiServer("service-account-key"),
  CKV_K8S_99: apiServer("etcd-client-certificate"),
  CKV_K8S_100: apiServer("tls-certificate"),
  CKV_K8S_102: apiServer("etcd-certificate-authority"),
  CKV_K8S_104: apiServer("encryption-at-rest"),
  CKV_K8S_105: apiServer("tls-ciphers"),
  CKV_K8S_106: { ids: ["manifests/controller-manager-terminated-pods"] },
  CKV_K8S_107: { ids: ["manifests/controller-manager-profiling"] },
  CKV_K8S_108: { ids: ["manifests/controller-manager-controller-credentials"] },
  CKV_K8S_110: { ids: ["manifests/controller-manager-controller-service-account-key"] },
  CKV_K8S_111: { ids: ["manifests/controller-manager-controller-root-ca"] },
  CKV_K8S_112: {
    ids: ["manifests/controller-manager-kubelet-certificate-rotation", "manifests/kubelet-server-certificate-rotation"],
  },
  CKV_K8S_113: { ids: ["manifests/controller-manager-bind-address"] },
  CKV_K8S_114: { ids: ["manifests/scheduler-profiling"] },
  CKV_K8S_115: { ids: ["manifests/scheduler-bind-address"] },
  CKV_K8S_116: { ids: ["manifests/etcd-tls"] },
  CKV_K8S_117: { ids: ["manifests/etcd-client-certificates"] },
  CKV_K8S_118: { ids: ["manifests/etcd-auto-tls"] },
  CKV_K8S_119: { ids: ["manifests/etcd-peer-tls"] },
  CKV_K8S_121: { ids: ["manifests/etcd-peer-client-certificates"] },
  CKV_K8S_138: { ids: ["manifests/kubelet-anonymous-auth"] },
  CKV_K8S_139: { ids: ["manifests/kubelet-authorization"] },
  CKV_K8S_140: { ids: ["manifests/kubelet-client-ca"] },
  CKV_K8S_141: { ids: ["manifests/kubelet-read-only-port"] },
  CKV_K8S_143: { ids: ["manifests/kubelet-streaming-timeout"] },
  CKV_K8S_144: { ids: ["manifests/kubelet-protect-kernel-defaults"] },
  CKV_K8S_145: { ids: ["manifests/kubelet-iptables-chains"] },
  CKV_K8S_146: { ids: ["manifests/kubelet-hostname-override"] },
  CKV_K8S_147: { ids: ["manifests/kubelet-event-rate"] },
  CKV_K8S_148: { ids: ["manifests/kubelet-certificate"] },
  CKV_K8S_149: { ids: ["manifests/kubelet-client-certificate-rotation"] },
  CKV_K8S_151: { ids: ["manifests/kubelet-ciphers"] },
  CKV_K8S_152: { ids: ["manifests/ingress-snippet"] },
  CKV_K8S_153: { ids: ["manifests/ingress-snippet"] },
  CKV_K8S_154: { ids: ["manifests/ingress-snippet"] },
  CKV_K8S_155: { ids: ["manifests/rbac-webhooks"] },
  CKV_K8S_156: { ids: ["manifests/rbac-approve-certificates"] },
  CKV_K8S_157: { ids: ["manifests/rbac-escalate"] },
  CKV_K8S_158: { ids: ["manifests/rbac-escalate"] },
  CKV_K8S_159: { ids: ["manifests/git-sync-command"] },
  CKV2_K8S_1: { ids: ["manifests/rbac-escalate"] },
  CKV2_K8S_2: { ids: ["manifests/rbac-nodes-proxy", "manifests/rbac-exec"] },
  CKV2_K8S_3: { ids: ["manifests/rbac-impersonate"] },
  CKV2_K8S_4: { ids: ["manifests/rbac-service-status"] },
  CKV2_K8S_5: { ids: ["manifests/rbac-secrets"] },
  CKV2_K8S_6: { ids: ["manifests/network-policy"] },
};

// Where ours says something else, and why that is right.
const reviewed: Readonly<Record<string, string>> = {
  "kubernetes/example_ApiServerNamespaceLifecyclePlugin:CKV_K8S_83":
    "the plug-in is on by default: a list of others to enable does not switch it off",
  "kubernetes/example_ApiServerRequestTimeout:CKV_K8S_95": "1s9m3h is a duration to Go, in an unusual order",
  "kubernetes/example_ApiServerServiceAccountKeyFile:CKV_K8S_97": "a key file need not end in .pem",
  "kubernetes/example_KubeControllerManagerServiceAccountPrivateKeyFile:CKV_K8S_110":
    "a key file need not end in .pem, and one that is missing is no key",
  "kubernetes/example_ApiServerServiceAccountLookup:CKV_K8S_96": "it is on by default",
  "kubernetes/example_KubletEventCapture:CKV_K8S_147": "six events in a second are a limit as well as two",
  "kubernetes/example_KubeControllerManagerTerminatedPods:CKV_K8S_106":
    "the flag without a value is refused by the program, so it limits nothing",
  "kubernetes/example_PeerClientCertAuthTrue:CKV_K8S_121": "a pod without a name is judged as well, and fails",
  "kubernetes/example_Requests_Limits:CKV_K8S_11": "limits in a list are refused, so there are none",
  "kubernetes/example_Requests_Limits:CKV_K8S_13": "limits in a list are refused, so there are none",
  "kubernetes/example_NginxIngressCVE202125742:CKV_K8S_152": "every snippet fails, not only one with Lua",
  "kubernetes/example_NginxIngressCVE202125742:CKV_K8S_154": "every snippet fails, not only one with alias",
  "kubernetes/example_SecurityContexts:CKV_K8S_29":
    "a context of the container is one as well; a spec that is a list is refused by an API server, and is no pod",
  "kubernetes/example_Suppressed:CKV_K8S_11": "the annotations by which the peer leaves out checks are its own",
  "kubernetes-graph/NoCreateNodesProxyOrPodsExec":
    "get on nodes/proxy is enough to enter containers by a web socket, and * of one API group holds nothing of another",
};

describeWithCorpus("manifest examples of checkov", () => {
  const cases = corpusRows<Case>("hardening", "checkov-examples", "cases.jsonl").filter(
    // Some test a helper of the peer's, and no check.
    ({ framework, check }) => framework === "kubernetes" && check !== null,
  );

  test("every example has the verdict that its check gives it", () => {
    const different = cases.map((one) => [one.id, difference(one)]).filter(([, text]) => text !== "");
    expect(different.map(([id]) => id).sort()).toEqual(Object.keys(reviewed).sort());
    expect(cases.length).toBe(83);
  });

  test("every check of the kubelet has one of ours, also those without an example", () => {
    const facts = { resources: [], compose: [] };
    for (const number of [112, 138, 139, 140, 141, 143, 144, 145, 146, 147, 148, 149, 151]) {
      const { ids = [] } = ours[`CKV_K8S_${number}`] ?? {};
      expect(ids, `CKV_K8S_${number}`).not.toEqual([]);
      // An id that no check has is an error.
      expect(observe(facts, ids)).toEqual([]);
    }
  });

  test("every check that has an example has a check of ours", () => {
    expect(cases.map(({ check }) => check ?? "").filter((check) => ours[check] === undefined)).toEqual([]);
  });
});

function difference({ check, files, expect: expected }: Case): string {
  const { ids, subject } = ours[check ?? ""] ?? { ids: [] };
  const { facts } = readFiles(files);
  const failures = observe(facts, ids).filter(
    ({ state, evidence }) => state === "fail" && (!subject || evidence.some((one) => subject.test(one.subject))),
  );
  const wrong: string[] = [];
  const announced = Object.entries(expected.by_file_name ?? {}).filter(([, verdict]) => verdict !== "unknown");
  const announcedFor = (verdict: string): number => announced.filter(([, one]) => one === verdict).length;
  const { passed, failed } = expected.summary ?? {};
  // Where other numbers are announced by names than there are, the names are about another check.
  const isTelling = failed === undefined || (announcedFor("fail") === failed && announcedFor("pass") === passed);
  for (const [name, verdict] of isTelling ? announced : []) {
    const hasFailed = failures.some(({ location }) => location?.path === name);
    if (hasFailed !== (verdict === "fail")) wrong.push(`${name} should ${verdict}`);
  }
  const { failing = [], passing = [], failing_counts = {}, passing_counts = {} } = expected;
  const named = new Set(failures.flatMap(namesOf));
  for (const name of [...failing, ...Object.keys(failing_counts)].map(shortName))
    if (!named.has(name)) wrong.push(`${name} should fail`);
  for (const name of [...passing, ...Object.keys(passing_counts)].map(shortName))
    if (named.has(name)) wrong.push(`${name} should pass`);
  if (expected.summary) {
    const counts = [
      failures.length,
      new Set(failures.map(({ resource, location }) => `${location?.path}${resource?.replace(/ container .*$/, "")}`))
        .size,
    ];
    if (!counts.includes(expected.summary.failed))
      wrong.push(`${counts.join(" or ")} failed, not ${expected.summary.failed}`);
  }
  return wrong.join("; ");
}

/** `Deployment.default.web.app-web` → `Deployment web` */
function shortName(name: string): string {
  const [kind = "", , ...others] = name.split(".");
  // The peer makes pods of what makes pods.
  return kind === "Pod" && others.length > 1 ? `Deployment ${others[0]}` : `${kind} ${others[0] ?? ""}`;
}

/** The resource, and those that are bound to it. */
function namesOf({ resource = "", reason = "" }: Observation): string[] {
  const withoutContainer = resource.replace(/ container .*$/, "");
  const bindings = Array.from(reason.matchAll(/ by ((?:Cluster)?RoleBinding \S+?)(?:,|$)/g), ([, name = ""]) => name);
  return [withoutContainer, ...bindings].map((text) => text.replace(/ (?:[^ /]+\/)?/, " "));
}
