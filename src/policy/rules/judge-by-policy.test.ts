import fc from "fast-check";
import { expect, test } from "vitest";
import type { Verdict } from "../../model/reports/verdict.ts";
import type { Policy } from "../file/policy.ts";
import { readPolicy } from "../file/read-policy.ts";
import { checkFacts, type PolicyContext, type PolicyFinding, vulnerabilityFacts } from "./finding-facts.ts";
import { judgeByPolicy } from "./judge-by-policy.ts";

const context: PolicyContext = {
  environment: "build",
  images: ["ghcr.io/acme/shop:1"],
  now: new Date("2026-12-04T12:00:00Z"),
  layers: [
    { index: 0, digest: "sha256:00", base: true },
    { index: 1, digest: "sha256:11", base: false },
  ],
  feeds: ["kev"],
};
const finding: PolicyFinding = {
  id: "CVE-2026-1",
  aliases: ["GHSA-1"],
  severity: "high",
  score: 8.1,
  severities: [{ statement: "Important" }, { statement: "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" }],
  published: "2026-12-01T00:00:00Z",
  fixedIn: "2",
  facts: { exploitPrediction: { probability: 0.4, percentile: 0.9, date: "2026-12-01" } },
  package: { type: "npm", name: "@acme/a", purl: "pkg:npm/%40acme/a@1", paths: ["/opt/app/package.json"], layer: 1 },
};
const { score: _score, published: _published, facts: _facts, ...bare } = finding;
const unknown: PolicyFinding = { ...bare, severity: "unknown", severities: [] };
const rule = (when: string, more = "action: deny"): Policy =>
  readPolicy(`rules: [{name: r, when: ${when}, ${more}}]`, "plimsoll.yaml");
const judged = (
  policy: Policy,
  some: readonly PolicyFinding[] = [finding],
  at: Partial<PolicyContext> = {},
): Verdict => {
  const there = { ...context, ...at };
  const findings = some.map((each) => vulnerabilityFacts(each, there));
  return judgeByPolicy(policy, { findings, doubts: [], context: there });
};

test.each([
  ["{kind: vulnerability}", "{kind: check}"],
  ["{id: GHSA-*}", "{id: CVE-2025-*}"],
  ["{severity: medium}", "{severity: critical}"],
  ["{severity: [high]}", "{severity: [low, critical]}"],
  ["{fixAvailable: true}", "{fixAvailable: false}"],
  ["{age: {min: 3d, max: 3d}}", "{age: {min: 4d}}"],
  ["{epss: {min: 0.4}}", "{epss: {max: 0.39}}"],
  ["{knownExploited: false}", "{knownExploited: true}"],
  ["{cvss: {min: 8}}", "{cvss: {min: 9}}"],
  ["{cvss: {vector: {AV: N, PR: [N, L]}}}", "{cvss: {vector: {AV: N, PR: N}}}"],
  ["{package: {type: npm, name: '@acme/*'}}", "{package: {type: deb}}"],
  ["{path: opt/*}", "{path: usr/*}"],
  ["{layer: 'sha256:11'}", "{layer: 'sha256:00'}"],
  ["{baseImage: false}", "{baseImage: true}"],
  ["{environment: build}", "{environment: [runtime, admission]}"],
  ["{image: ghcr.io/acme/*}", "{image: docker.io/*}"],
])("%s holds, and %s does not", (holds, fails) => {
  expect(judged(rule(holds)).decision).toBe("denied");
  expect(judged(rule(fails)).decision).toBe("allowed");
});

test.each([
  ["{severity: high}", "severity"],
  ["{age: {min: 1d}}", "publication date"],
  ["{epss: {min: 0.1}}", "EPSS score"],
  ["{knownExploited: true}", "KEV catalogue"],
  ["{cvss: {min: 1}}", "CVSS score"],
  ["{cvss: {vector: {AV: N}}}", "CVSS metric AV"],
  ["{baseImage: true}", "layer"],
  ["{layer: '*'}", "layer"],
])("with the fact of %s missing, neither deny nor allow is decided", (when, missing) => {
  const at = { feeds: [], layers: [] };
  expect(judged(rule(when), [unknown], at)).toEqual({
    decision: "cannot-tell",
    reasons: [`1 finding cannot be judged without ${missing}, needed by rule r`],
  });
  const allowing: Policy = { failOn: "low", ...rule(when, "action: allow") };
  expect(judged(allowing, [{ ...unknown, severity: "high" }], at).decision).toBe(
    when.startsWith("{severity") ? "allowed" : "cannot-tell",
  );
  expect(judged(rule(when, "action: warn"), [unknown], at).decision).toBe("warned");
});

test("a missing fact does not matter where another condition does not hold, or the answer is the same", () => {
  expect(judged(rule("{epss: {min: 0.1}, package: {type: deb}}"), [unknown]).decision).toBe("allowed");
  const both: Policy = { failOn: "high", ...rule("{epss: {min: 0.1}}") };
  expect(judged(both, [{ ...unknown, severity: "high" }]).decision).toBe("denied");
});

test("a grace period is a warning until its days have passed", () => {
  const policy = rule("{severity: high}", "action: deny, grace: 7d, reason: fix it");
  expect(judged(policy)).toEqual({
    decision: "warned",
    reasons: ["1 finding with a warning from rule r (fix it), in the grace period of 7 days"],
  });
  expect(judged(policy, [finding], { now: new Date("2026-12-07T23:59:59Z") }).decision).toBe("warned");
  expect(judged(policy, [finding], { now: new Date("2026-12-08T00:00:00Z") })).toEqual({
    decision: "denied",
    reasons: ["1 finding denied by rule r (fix it)"],
  });
  expect(judged(policy, [{ ...unknown, severity: "high" }]).decision).toBe("cannot-tell");
});

test("the first rule that matches decides, and failOn where none does", () => {
  const policy = readPolicy(
    `
failOn: high
rules:
- {name: ours, when: {package: {name: "@acme/*"}}, action: allow}
- {name: all, when: {kind: vulnerability}, action: warn}
`,
    "plimsoll.yaml",
  );
  expect(judged(policy).decision).toBe("allowed");
  const other = { ...finding, package: { ...finding.package, name: "b" } };
  expect(judged(policy, [finding, other])).toEqual({
    decision: "warned",
    reasons: ["1 finding with a warning from rule all"],
  });
  expect(judged({ ...policy, rules: policy.rules?.slice(0, 1) ?? [] }, [finding, other])).toEqual({
    decision: "denied",
    reasons: ["1 finding denied by failOn: high"],
  });
});

test("a rule about the target alone denies without any finding, once", () => {
  const policy = rule("{image: ghcr.io/*, environment: build}");
  expect(judged(policy, [])).toEqual({ decision: "denied", reasons: ["the target is denied by rule r"] });
  expect(judged(policy, [finding, finding]).reasons).toEqual(["the target is denied by rule r"]);
  expect(judged(policy, [], { environment: "runtime" }).decision).toBe("allowed");
});

test("conditions on vulnerabilities do not hold for checks", () => {
  const check = checkFacts({
    ...{ id: "docker/x", state: "fail", severity: "high", title: "", evidence: [], remediation: "", mappings: [] },
    location: { path: "deploy/a.yaml" },
  });
  const onCheck = (policy: Policy): string =>
    judgeByPolicy(policy, { findings: [check], doubts: [], context }).decision;
  expect(onCheck(rule("{epss: {min: 0}}"))).toBe("allowed");
  expect(onCheck(rule("{kind: check, id: docker/*, path: deploy/*, severity: high}"))).toBe("denied");
});

test("what was not examined never allows", () => {
  const findings = [vulnerabilityFacts(finding, context)];
  const policy = rule("{kind: vulnerability}", "action: warn");
  expect(judgeByPolicy(policy, { findings, doubts: ["a layer is damaged"], context })).toEqual({
    decision: "cannot-tell",
    reasons: ["a layer is damaged"],
  });
});

const conditions = fc.constantFrom(
  ...["{severity: high}", "{severity: [low]}", "{epss: {min: 0.3}}", "{age: {max: 5d}}", "{fixAvailable: true}"],
  ...["{baseImage: true}", "{knownExploited: true}", "{id: CVE-*}", "{cvss: {min: 5}}", "{environment: build}"],
);
const actions = fc.constantFrom("allow", "warn", "deny");
const policies = fc
  .record({
    failOn: fc.constantFrom("", "failOn: critical", "failOn: medium"),
    rules: fc.array(fc.tuple(conditions, actions), { maxLength: 4 }),
  })
  .map(({ failOn, rules }) => ({ failOn, rules }));
const textOf = ({ failOn, rules }: { failOn: string; rules: readonly [string, string][] }): string =>
  [
    failOn,
    `rules: [${rules.map(([when, action], index) => `{name: r${index}, when: ${when}, action: ${action}}`).join(", ")}]`,
  ].join("\n");
const some = fc.subarray([
  finding,
  unknown,
  { ...finding, severity: "low" as const },
  { ...unknown, severity: "high" as const },
]);
const ships = ({ decision }: Verdict): boolean => decision === "allowed" || decision === "warned";

const order = ["allowed", "warned", "cannot-tell", "denied"];

test("a policy that extends another one never lets through what that one stops", () => {
  fc.assert(
    fc.property(policies, policies, some, (organisation, repository, findings) => {
      const base = readPolicy(textOf(organisation), "org.yaml");
      const extending: Policy = { ...readPolicy(textOf(repository), "a.yaml"), inherited: [base] };
      const alone = order.indexOf(judged(base, findings).decision);
      const together = order.indexOf(judged(extending, findings).decision);
      expect(together).toBeGreaterThanOrEqual(alone);
      const own = order.indexOf(judged({ ...extending, inherited: [] }, findings).decision);
      expect(together).toBeGreaterThanOrEqual(own);
    }),
  );
});

test.each([
  ["action: deny", "denied"],
  ["action: deny, allowOverride: true", "allowed"],
  ["action: deny, allowOverride: false", "denied"],
])("a rule of an inherited policy with %s: %s", (action, decision) => {
  const base = rule("{severity: high}", action);
  const own = readPolicy("rules: [{name: own, when: {package: {name: '@acme/*'}}, action: allow}]", "a.yaml");
  expect(judged({ ...own, inherited: [base] }).decision).toBe(decision);
  // Without a rule that matches there is nothing that overrides.
  const other = readPolicy("rules: [{name: own, when: {package: {name: other}}, action: allow}]", "a.yaml");
  expect(judged({ ...other, inherited: [base] }).decision).toBe("denied");
  // Nor by a rule that is left open by a missing fact.
  const open = readPolicy("rules: [{name: own, when: {layer: '*'}, action: allow}]", "a.yaml");
  expect(judged({ ...open, inherited: [base] }, [finding], { layers: [] }).decision).toBe("denied");
  // failOn of the organisation cannot be overridden.
  expect(judged({ ...own, inherited: [{ failOn: "high", ...base }, { failOn: "low" }] }).decision).toBe("denied");
});

test("a stricter action, or a stricter failOn, never lets through what the laxer policy does not", () => {
  const stricter: Readonly<Record<string, string>> = { allow: "warn", warn: "deny", deny: "deny" };
  fc.assert(
    fc.property(policies, some, fc.nat(), ({ failOn, rules }, findings, at) => {
      const lax = judged(readPolicy(textOf({ failOn, rules }), "a"), findings);
      const changed = rules.map(([when, action], index): [string, string] => {
        return [when, index === at % Math.max(1, rules.length) ? (stricter[action] ?? action) : action];
      });
      const strict = judged(readPolicy(textOf({ failOn: "failOn: low", rules: changed }), "a"), findings);
      if (!ships(lax)) expect(ships(strict)).toBe(false);
      if (lax.decision === "denied") expect(strict.decision).toBe("denied");
      expect(judged(readPolicy(textOf({ failOn, rules }), "a"), findings)).toEqual(lax);
    }),
  );
});
