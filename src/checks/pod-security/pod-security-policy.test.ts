import { expect, test } from "vitest";
import { podTemplate } from "../manifests/pod-template.ts";
import { evaluatePodSecurity, parsePodSecurityPolicy, podSecurityPolicyText } from "./pod-security-policy.ts";

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

test("a policy is printed as an API server prints it", () => {
  expect(podSecurityPolicyText({ level: "restricted", version: 29 })).toBe("restricted:v1.29");
  expect(podSecurityPolicyText({ level: "baseline", version: "latest" })).toBe("baseline:latest");
});

test("a version that is newer than all that are known is held to the newest one", () => {
  const pod = podTemplate({ spec: { containers: [{ name: "a" }] } }, []);
  const newest = evaluatePodSecurity(pod, { level: "restricted", version: "latest" });
  expect(evaluatePodSecurity(pod, { level: "restricted", version: 99 })).toEqual(newest);
  expect(newest.length).toBeGreaterThan(0);
  expect(evaluatePodSecurity(pod, { level: "privileged", version: 30 })).toEqual([]);
});
