import { expect, test } from "vitest";
import { readPolicy } from "../../policy/file/read-policy.ts";
import { type PolicyContext, type PolicyFinding, vulnerabilityFacts } from "../../policy/rules/finding-facts.ts";
import { judgeByPolicy } from "../../policy/rules/judge-by-policy.ts";
import { compileRuleExpression } from "./compile-rule-expression.ts";

const context: PolicyContext = {
  ...{ environment: "build", images: ["shop:1"], now: new Date("2026-12-04T00:00:00Z"), layers: [], feeds: ["kev"] },
};
const finding: PolicyFinding = {
  ...{ id: "CVE-2026-1", aliases: [], severity: "high", score: 8, published: "2026-11-04T00:00:00Z" },
  facts: { exploitPrediction: { probability: 0.25, percentile: 0.9, date: "2026-12-01" } },
  package: { type: "npm", name: "a".repeat(5000), purl: "pkg:npm/a@1", paths: ["app/a"], layer: null },
};

function judged(expression: string, some: readonly PolicyFinding[] = [finding]): ReturnType<typeof judgeByPolicy> {
  const text = `rules: [{name: r, when: {expression: ${JSON.stringify(expression)}}, action: deny}]`;
  const policy = readPolicy(text, "plimsoll.yaml", { compile: compileRuleExpression });
  return judgeByPolicy(policy, {
    findings: some.map((each) => vulnerabilityFacts(each, context)),
    doubts: [],
    context,
  });
}

test.each([
  ['finding.severity == "high" && finding.score > 7.5', "denied"],
  ["finding.epss * 4.0 >= 1.0 && finding.ageInDays == 30", "denied"],
  ['target.environment == "build" && target.images.exists(i, i.startsWith("shop"))', "denied"],
  ["finding.knownExploited || finding.fixAvailable", "allowed"],
  ['finding.package.type in ["deb", "rpm"]', "allowed"],
  ["has(finding.baseImage) && finding.baseImage", "allowed"],
])("%s: %s", (expression, decision) => {
  expect(judged(expression).decision).toBe(decision);
});

test("a missing fact leaves the expression without a result", () => {
  const { decision, reasons } = judged("finding.baseImage");
  expect(decision).toBe("cannot-tell");
  expect(reasons.join()).toMatch(/^1 finding cannot be judged without a result of the expression \(.*baseImage.*\)/);
  expect(judged('finding.severity == "critical"', [{ ...finding, severity: "unknown" }]).decision).toBe("cannot-tell");
});

const nested = (depth: number): string =>
  depth === 0 ? "true" : `[1,2,3,4,5,6,7,8,9,10].all(x${depth}, ${nested(depth - 1)})`;

test.each([
  ["nested loops", nested(9)],
  ["loops over a long text", 'finding.package.name.split("").all(a, finding.package.name.split("").all(b, a == b))'],
])("%s stop at the cost limit, and so do all findings together", (_, expression) => {
  const start = performance.now();
  const { decision, reasons } = judged(
    expression,
    Array.from({ length: 1000 }, () => finding),
  );
  expect(decision).toBe("cannot-tell");
  expect(reasons.join()).toContain("the cost limit is exceeded");
  expect(performance.now() - start).toBeLessThan(20_000);
});

test("a regular expression that would backtrack takes linear time", () => {
  const start = performance.now();
  expect(judged('(finding.package.name + "!").matches("^(a+)+$")').decision).toBe("allowed");
  expect(performance.now() - start).toBeLessThan(2000);
});

test.each([
  ["finding.severity ==", "is not a condition in CEL: line 1, column"],
  ["1 + 1", "is not a condition in CEL: the expression gives int, not a boolean"],
  ["unknownName == 1", "is not a condition in CEL: line 1, column 1 of the expression"],
  ["true ||".repeat(2000), "is longer than 10000 characters"],
])("%s is refused with its place", (expression, message) => {
  expect(() => judged(expression)).toThrow(/^plimsoll\.yaml:1:\d+: /);
  expect(() => judged(expression)).toThrow(message);
});
