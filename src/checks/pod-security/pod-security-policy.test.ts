import { expect, test } from "vitest";
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
