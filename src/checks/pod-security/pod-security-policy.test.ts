import { expect, test } from "vitest";
import { readManifests } from "../manifests/reading/read-manifests.ts";
import { runChecks } from "../run-checks.ts";
import { podSecurityChecks } from "./pod-security-checks.ts";
import { parsePodSecurityPolicy } from "./pod-security-policy.ts";
import { podSecurityRules } from "./pod-security-rules.ts";

test.each([
  ["restricted", { level: "restricted", version: "latest" }],
  ["restricted@1.29", { level: "restricted", version: 29 }],
  ["baseline@latest", { level: "baseline", version: "latest" }],
  ["baseline:v1.0", { level: "baseline", version: 0 }],
  ["privileged", { level: "privileged", version: "latest" }],
  ["strict", undefined],
  ["baseline@2.0", undefined],
  ["baseline@1.01", undefined],
  ["", undefined],
])("%s is read as %o", (text, policy) => {
  expect(parsePodSecurityPolicy(text)).toEqual(policy);
});

test("a version that is newer than all that are known is held to the newest one", () => {
  const newest = podSecurityRules({ level: "restricted", version: "latest" });
  expect(podSecurityRules({ level: "restricted", version: 99 })).toEqual(newest);
  expect(newest.length).toBeGreaterThan(0);
  expect(podSecurityRules({ level: "privileged", version: 30 })).toEqual([]);
});

test("Windows pods may escalate privileges from version 1.25 on", () => {
  const yaml = "kind: Pod\nmetadata: {name: a}\nspec: {os: {name: windows}, containers: [{name: c, image: i}]}\n";
  const facts = readManifests(yaml, { path: "pod.yaml", problem: () => undefined });
  const stateAt = (version: number): string | undefined =>
    runChecks(podSecurityChecks({ level: "restricted", version }), facts, {}).find(
      ({ id }) => id === "pss/allowPrivilegeEscalation",
    )?.state;
  expect([24, 25, 26].map(stateAt)).toEqual(["fail", "pass", "pass"]);
});

test("a failure points to the field of the container that causes it", () => {
  const yaml = [
    "kind: Pod",
    "metadata: {name: a}",
    "spec:",
    "  containers:",
    "    - name: web",
    "      image: i",
    "      securityContext:",
    "        capabilities:",
    "          add:",
    "            - CHOWN",
    "            - SYS_ADMIN",
    "    - name: log",
    "      image: i",
    "      securityContext:",
    "        seccompProfile:",
    "          type: Unconfined",
  ].join("\n");
  const facts = readManifests(yaml, { path: "pod.yaml", problem: () => undefined });
  const results = runChecks(podSecurityChecks({ level: "baseline", version: 34 }), facts, {});
  const lines = results.filter(({ state }) => state === "fail").map(({ id, location }) => [id, location?.line]);
  expect(lines).toEqual([
    ["pss/capabilities_baseline", 11],
    ["pss/seccompProfile_baseline", 16],
  ]);
});

test("a host path is shown as the directory, and without one as its fields", () => {
  const yaml = [
    "kind: Pod",
    "metadata: {name: a}",
    "spec:",
    "  volumes:",
    "    - name: logs",
    "      hostPath:",
    "        path: /var/log",
    "    - name: broken",
    "      hostPath: {type: Directory}",
  ].join("\n");
  const facts = readManifests(yaml, { path: "pod.yaml", problem: () => undefined });
  const result = runChecks(podSecurityChecks({ level: "baseline", version: 34 }), facts, {}).find(
    ({ id }) => id === "pss/hostPathVolumes",
  );
  expect(result?.evidence).toEqual([
    { subject: "spec.volumes[0].hostPath.path", value: "/var/log" },
    { subject: "spec.volumes[1].hostPath", value: "{type}" },
  ]);
});
