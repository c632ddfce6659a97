import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readReportSchema } from "../../../tests/setup/report-schema.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import type { Decision } from "../../model/reports/verdict.ts";
import type { Policy } from "../file/policy.ts";
import { readPolicy } from "../file/read-policy.ts";
import type { PolicyContext, PolicyFinding } from "../rules/finding-facts.ts";
import { judgeFindings } from "../rules/judge-findings.ts";
import { waiveChecks } from "./waive-checks.ts";
import { waiveVulnerabilities } from "./waive-vulnerabilities.ts";

const { errorsOf } = readReportSchema("policy.schema.json");
const context: PolicyContext = {
  ...{ environment: "build", images: ["shop:1", "docker.io/library/shop:1"], now: new Date("2026-12-04T23:00:00Z") },
  ...{ layers: [], feeds: [] },
};
const finding: PolicyFinding = {
  id: "CVE-2026-1",
  aliases: ["GHSA-aaaa"],
  severity: "high",
  package: {
    ...{
      type: "npm",
      name: "@acme/a",
      purl: "pkg:npm/%40acme/a@1.2.3?arch=x",
      paths: ["/opt/a", "opt/b"],
      layer: null,
    },
  },
};
const failed: CheckResult = {
  ...{ id: "docker/container-user", state: "fail", severity: "high", title: "t", resource: "Pod a" },
  ...{ evidence: [], remediation: "", mappings: [], location: { path: "deploy/a.yaml" } },
};
const policyOf = (waiver: string, more = "failOn: high"): Policy =>
  readPolicy(`${more}\nwaivers: [{reason: r, ${waiver}}]`, "plimsoll.yaml");
const isWaived = (waiver: string, one: PolicyFinding = finding): boolean =>
  waiveVulnerabilities([one], { policy: policyOf(waiver), context }).waived.length === 1;

test.each([
  ["id: cve-2026-1", true],
  ["id: GHSA-AAAA", true],
  ["id: CVE-2026-*", true],
  ["id: CVE-2026-10", false],
  ["id: CVE-2026-1, package: 'pkg:npm/@acme/a'", true],
  ["id: CVE-2026-1, package: 'pkg:npm/%40acme/a@1.*'", true],
  ["id: CVE-2026-1, package: ['pkg:npm/b', 'pkg:npm/@acme/a@1.2.3']", true],
  ["id: CVE-2026-1, package: 'pkg:npm/@acme/a@2.*'", false],
  ["id: CVE-2026-1, package: 'pkg:npm/@acme'", false],
  ["id: CVE-2026-1, path: /opt/*", true],
  ["id: CVE-2026-1, path: opt/a", false],
  ["id: CVE-2026-1, path: [opt/a, opt/b]", true],
  ["id: CVE-2026-1, image: 'docker.io/library/*'", true],
  ["id: CVE-2026-1, image: 'ghcr.io/*'", false],
  ["id: CVE-2026-1, resource: '*'", false],
  ["id: CVE-2026-1, until: 2026-12-04", true],
  ["id: CVE-2026-1, until: 2026-12-03", false],
  ["id: CVE-2026-1, until: fixed", true],
])("{%s} waives a vulnerability: %s", (waiver, expected) => {
  expect(isWaived(waiver)).toBe(expected);
  expect(errorsOf(parse(`waivers: [{reason: r, ${waiver}}]`))).toEqual([]);
});

test.each([
  ["id: docker/*", "waived"],
  ["id: docker/container-user, resource: 'Pod *', path: /deploy/*, image: 'shop:*'", "waived"],
  ["id: docker/container-user, resource: Pod b", "fail"],
  ["id: docker/container-user, path: other/*", "fail"],
  ["id: DOCKER/container-user", "fail"],
  ["id: docker/container-user, package: 'pkg:npm/a'", "fail"],
  ["id: docker/container-user, until: fixed", "fail"],
  ["id: docker/container-user, until: 2026-12-03", "fail"],
])("{%s} leaves a failed check %s", (waiver, state) => {
  const [result] = waiveChecks([failed], { policy: policyOf(waiver), context }).results;
  expect(result?.state).toBe(state);
});

test("a waiver until a fix ends with a fix, also in a channel that is not in use", () => {
  expect(isWaived("id: CVE-2026-1, until: fixed", { ...finding, fixedIn: "2" })).toBe(false);
  expect(isWaived("id: CVE-2026-1, until: fixed", { ...finding, channelFix: { channel: "esm", version: "2" } })).toBe(
    false,
  );
});

test.each([
  ["id: CVE-2026-1, until: 2026-12-03", ["the waiver for CVE-2026-1 expired on 2026-12-03"]],
  ["id: CVE-2020-1, until: 2026-12-03", ["the waiver for CVE-2020-1 expired on 2026-12-03"]],
  ["id: CVE-2026-1, until: fixed", ["the waiver for CVE-2026-1 has ended: a fix is available"]],
  ["id: CVE-2020-1", ["the waiver for CVE-2020-1 matches nothing"]],
  ["id: CVE-2020-1, image: 'other:*'", []],
  ["id: docker/*", []],
  ["id: 1.2.3", []],
  ["id: CVE-2026-1", []],
])("{%s} without effect is told: %j", (waiver, idle) => {
  expect(waiveVulnerabilities([{ ...finding, fixedIn: "2" }], { policy: policyOf(waiver), context }).idle).toEqual(
    idle,
  );
});

test("of checks only those that ran are expected to match", () => {
  const idle = (waiver: string) =>
    waiveChecks([{ ...failed, state: "pass" }], { policy: policyOf(waiver), context }).idle;
  expect(idle("id: docker/container-user")).toEqual(["the waiver for docker/container-user matches nothing"]);
  expect(idle("id: pss/*")).toEqual([]);
});

const organisation = (more: string): Policy => ({
  ...policyOf("id: CVE-2026-1", ""),
  inherited: [readPolicy(more, "organisation.yaml")],
});

test.each<[what: string, policy: Policy, decision: Decision, idle: string[]]>([
  ["its own waiver", policyOf("id: CVE-2026-1"), "allowed", []],
  [
    "a policy that does not allow it",
    organisation("failOn: high"),
    "denied",
    ["the waiver for CVE-2026-1 does not apply: an extended policy does not allow it"],
  ],
  ["a policy that allows it", organisation("failOn: high\nallowWaivers: true"), "allowed", []],
  ["a policy that decides nothing", organisation("{}"), "not-judged", []],
  [
    "the waiver of the policy that it extends",
    { failOn: "low", inherited: [policyOf("id: CVE-2026-1")] },
    "allowed",
    [],
  ],
])("under %s", (_, policy, decision, idle) => {
  expect(judgeFindings({ findings: [finding], problems: [], limits: [] }, { policy, context }).decision).toBe(decision);
  expect(waiveVulnerabilities([finding], { policy, context }).idle).toEqual(idle);
});

test("the reasons count what is waived, and gaps stay", () => {
  const policy = policyOf("id: CVE-2026-1");
  expect(judgeFindings({ findings: [finding], problems: [], limits: [] }, { policy, context }).reasons).toEqual([
    "no finding of severity high or worse",
    "1 finding waived",
  ]);
  expect(judgeFindings({ findings: [finding], problems: [], limits: ["no advisories"] }, { policy, context })).toEqual({
    decision: "cannot-tell",
    reasons: ["no advisories", "1 finding waived"],
  });
});

const strictness: readonly Decision[] = ["allowed", "warned", "cannot-tell", "denied"];

test("a waiver never makes a verdict stricter", () => {
  const ids = fc.constantFrom("CVE-2026-1", "CVE-2026-2", "CVE-2026-3");
  const found = fc.record({ id: ids, severity: fc.constantFrom("critical", "high", "low", "unknown") });
  const waiver = fc.record({
    id: ids,
    until: fc.constantFrom("2026-12-03", "2026-12-05", "fixed"),
    reason: fc.constant("r"),
  });
  fc.assert(
    fc.property(fc.array(found), fc.array(waiver), fc.boolean(), (some, waivers, allowWaivers) => {
      const findings = some.map((each) => ({ ...finding, ...each }) as PolicyFinding);
      const base: Policy = { failOn: "high", inherited: [{ failOn: "critical", allowWaivers }] };
      const of = (policy: Policy): number =>
        strictness.indexOf(judgeFindings({ findings, problems: [], limits: [] }, { policy, context }).decision);
      expect(of({ ...base, waivers })).toBeLessThanOrEqual(of(base));
    }),
  );
});

test.each([
  ["{reason: r}", "waivers.0 has no id"],
  ["{id: '**', reason: r}", "waivers.0.id would match every finding"],
  ["{id: a}", "waivers.0 has no reason"],
  ["{id: a, reason: ' '}", "waivers.0 has no reason"],
  ["{id: a, reason: r, until: soon}", 'waivers.0.until is not "fixed" or a date such as 2027-01-31'],
  ["{id: a, reason: r, package: lodash}", "waivers.0.package is not a package URL such as"],
  ["{id: a, reason: r, package: 'pkg:npm/a?x=y'}", "waivers.0.package has qualifiers or a subpath"],
  ["{id: a, reason: r, path: []}", "waivers.0.path is an empty list"],
  ["{id: a, reason: r, untill: fixed}", 'has the unknown key "untill"'],
])("%s is refused, also by the schema", (waiver, message) => {
  const text = `waivers: [${waiver}]`;
  expect(() => readPolicy(text, "plimsoll.yaml")).toThrow(message);
  expect(errorsOf(parse(text))).not.toEqual([]);
});
