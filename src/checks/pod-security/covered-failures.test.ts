import { expect, test } from "vitest";
import type { CheckResult } from "../../model/checks/check.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { manifestChecks } from "../manifests/manifest-checks.ts";
import { readManifests } from "../manifests/reading/read-manifests.ts";
import { runChecks } from "../run-checks.ts";
import { coveredBy, withoutCovered } from "./covered-failures.ts";
import { podSecurityChecks } from "./pod-security-checks.ts";
import { parsePodSecurityPolicy } from "./pod-security-policy.ts";

function run(standard: string, yaml: string): CheckResult[] {
  const problems: Problem[] = [];
  const facts = readManifests(yaml, { path: "pod.yaml", problem: (one) => void problems.push(one) });
  expect(problems).toEqual([]);
  const policy = parsePodSecurityPolicy(standard);
  return runChecks([...(policy ? podSecurityChecks(policy) : []), ...manifestChecks], facts, { joinsPasses: true });
}

const failures = (results: readonly CheckResult[]): string[] =>
  results.filter(({ state }) => state === "fail").map(({ id, resource }) => `${id} ${resource}`);

const twoContainers = `
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  hostNetwork: true
  securityContext: {runAsNonRoot: false}
  volumes: [{name: v, hostPath: {path: /data}}]
  containers:
    - name: web
      image: a
      securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}
    - name: log
      image: b
      securityContext: {capabilities: {add: [CHOWN], drop: [ALL]}}
`;

test("a subject is told once, by the check of Pod Security, for the resource and its containers", () => {
  const before = run("baseline@1.34", twoContainers);
  const after = failures(withoutCovered(before));
  for (const id of ["privileged", "host-network", "host-path", "capability-dangerous"]) {
    expect(
      failures(before).some((one) => one.startsWith(`manifests/${id} `)),
      id,
    ).toBe(true);
    expect(
      after.filter((one) => one.startsWith(`manifests/${id} `)),
      id,
    ).toEqual([]);
  }
  expect(after).toContain("pss/privileged Pod shop/a");
});

test("what is more severe, or about another field, is told besides", () => {
  const after = failures(withoutCovered(run("baseline@1.34", twoContainers)));
  expect(after).toContain("manifests/capability-sys-admin Pod shop/a container web");
  expect(after).toContain("manifests/capability-added Pod shop/a container log");
  expect(after).not.toContain("manifests/capability-added Pod shop/a container web");
});

test("under restricted its further subjects are told once too", () => {
  const after = failures(withoutCovered(run("restricted@1.34", twoContainers)));
  const covered = ["privilege-escalation", "seccomp-profile", "run-as-root", "capabilities-not-dropped"];
  expect(after.filter((one) => covered.some((id) => one.startsWith(`manifests/${id} `)))).toEqual([]);
});

test("a check all of whose failures were left out says by whom it is told", () => {
  const result = withoutCovered(run("baseline@1.34", twoContainers)).filter(
    ({ id }) => id === "manifests/host-network",
  );
  expect(result).toMatchObject([{ state: "not-applicable", evidence: [], reason: "pss/hostNamespaces says the same" }]);
});

test("without a check of Pod Security everything is told", () => {
  const only = run("none", twoContainers).filter(({ id }) => !id.includes("capabilit"));
  expect(withoutCovered(only)).toEqual(only);
});

test("failures in another file or resource cover nothing", () => {
  const [pss, own] = run("baseline@1.34", twoContainers).filter(({ id }) => /privileged$/.test(id));
  if (!pss || !own) throw new Error("both checks fail");
  expect(withoutCovered([pss, own])).toHaveLength(2);
  expect(failures(withoutCovered([pss, own]))).toHaveLength(1);
  const passed: CheckResult = { ...own, state: "pass" };
  expect(withoutCovered([pss, passed])).toEqual([pss, passed]);
  const elsewhere = { ...own, location: { path: "other.yaml" } };
  expect(failures(withoutCovered([pss, elsewhere]))).toHaveLength(2);
  expect(failures(withoutCovered([pss, { ...own, resource: "Pod shop/b container web" }]))).toHaveLength(2);
});

test("every check that covers or is covered exists", () => {
  const known = new Set(
    ["baseline@1.34", "restricted@1.34"].flatMap((name) => run(name, twoContainers).map(({ id }) => id)),
  );
  const named = Object.entries(coveredBy).flatMap(([id, covered]) => [id, ...covered]);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((id) => !known.has(id))).toEqual([]);
});
