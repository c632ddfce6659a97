import { expect, test } from "vitest";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { corpusRows, observe, readFiles } from "../../setup/manifest-cases.ts";

interface Example {
  id: string;
  check: string;
  kind: string;
  verdict: "pass" | "fail";
  input: string;
}

// The id of the peer's check, and ours of the same subject.
const ours: Readonly<Record<string, readonly string[]>> = {
  "KSV-0001": ["manifests/privilege-escalation"],
  "KSV-0002": ["manifests/app-armor"],
  "KSV-0003": ["manifests/capabilities-not-dropped"],
  "KSV-0005": ["manifests/capability-sys-admin"],
  "KSV-0006": ["manifests/engine-socket"],
  "KSV-0008": ["manifests/host-ipc"],
  "KSV-0009": ["manifests/host-network"],
  "KSV-0010": ["manifests/host-pid"],
  "KSV-0011": ["manifests/cpu-limit"],
  "KSV-0012": ["manifests/run-as-root"],
  "KSV-0013": ["manifests/image-latest"],
  "KSV-0014": ["manifests/writable-root-file-system"],
  "KSV-0015": ["manifests/cpu-request"],
  "KSV-0016": ["manifests/memory-request"],
  "KSV-0017": ["manifests/privileged"],
  "KSV-0018": ["manifests/memory-limit"],
  "KSV-0020": ["manifests/low-user-id"],
  "KSV-0021": ["manifests/low-group-id"],
  "KSV-0022": ["manifests/capability-added"],
  "KSV-0023": ["manifests/host-path"],
  "KSV-0024": ["manifests/host-port"],
  "KSV-0025": ["manifests/selinux-options"],
  "KSV-0026": ["pss/sysctls"],
  "KSV-0027": ["pss/procMount"],
  "KSV-0028": ["pss/restrictedVolumes"],
  "KSV-0030": ["manifests/seccomp-profile"],
  "KSV-0036": ["manifests/service-account-token"],
  "KSV-0037": ["manifests/system-namespace"],
  "KSV-0038": ["manifests/network-policy-selector"],
  "KSV-0102": ["manifests/tiller"],
  "KSV-0109": ["manifests/secret-in-config-map"],
  "KCV-0093": ["manifests/ingress-injection"],
};

// Where ours says something else, and why that is right.
const reviewed: Readonly<Record<string, string>> = {
  "checks/kubernetes/protecting_pod_service_account_tokens#kubernetes-good-0":
    "a pod that says nothing gets the token of its account, as two other peers have it",
};

describeWithCorpus("manifest examples of trivy", () => {
  const examples = corpusRows<Example>("hardening", "trivy-examples", "cases.jsonl").filter(
    ({ kind }) => kind === "kubernetes",
  );

  test("every good example passes our check of its subject, and every bad one fails it", () => {
    const different = examples.filter(({ check, verdict, input }) => {
      const { facts, problems } = readFiles({ "example.yaml": input });
      const hasFailed = observe(facts, ours[check] ?? []).some(({ state }) => state === "fail");
      return problems.length > 0 || hasFailed !== (verdict === "fail");
    });
    expect(different.map(({ id }) => id).sort()).toEqual(Object.keys(reviewed).sort());
    expect(examples.length).toBe(75);
  });

  test("every check that has an example has a check of ours", () => {
    expect(examples.map(({ check }) => check).filter((check) => ours[check] === undefined)).toEqual([]);
  });
});
