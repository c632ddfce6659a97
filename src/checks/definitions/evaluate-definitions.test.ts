import { expect, test } from "vitest";
import type { CheckResult } from "../../model/checks/check.ts";
import { definitionResult, type EvaluateDefinitionsOptions, evaluateDefinitions } from "./evaluate-definitions.ts";
import { readControls } from "./read-controls.ts";
import type { AuditRunner } from "./run-definition.ts";

/** Answers of scripts by their text; every other script is refused. */
function runnerOf(outputs: Readonly<Record<string, string | Awaited<ReturnType<AuditRunner>>>>): AuditRunner {
  return async (script) => {
    const output = outputs[script];
    if (output === undefined) return { unavailable: "this audit needs a shell" };
    return typeof output === "string" ? { output } : output;
  };
}

async function evaluate(
  checks: string,
  options: EvaluateDefinitionsOptions & { readonly description?: boolean },
): Promise<CheckResult[]> {
  const name = options.description ? "description" : "text";
  const text = `version: cis-1.12\n${name}: Worker\ntype: node\ngroups:\n- id: "4"\n  ${name}: Files\n  checks:\n${checks}`;
  const read = readControls(text, { path: "node.yaml" });
  if ("failure" in read) throw new Error(read.failure);
  const results: CheckResult[] = [];
  for await (const one of evaluateDefinitions([read.controls], options)) results.push(definitionResult(one));
  return results;
}

const flagTest = "tests: {test_items: [{flag: --a, compare: {op: eq, value: b}}]}";

test("a result has the state, evidence, place and mapping of its definition", async () => {
  const checks = `  - {id: 4.1, text: "a is b", audit: run, scored: true, remediation: "Set it.\\n", ${flagTest}}\n`;
  const [result] = await evaluate(checks, { runner: runnerOf({ run: "x --a=c" }) });
  expect(result).toEqual({
    ...{ id: "4.1", state: "fail", severity: "medium", title: "a is b", resource: "node", remediation: "Set it." },
    location: { path: "node.yaml", line: 8 },
    evidence: [{ subject: "--a", value: "c", expected: "'--a' is equal to 'b'" }],
    mappings: [{ framework: "cis-1.12", id: "4.1" }],
  });
});

test("what kube-bench calls a failure and a warning is told apart: not looked, left to a person, not passed", async () => {
  const checks = `
  - {id: "1", audit: run, scored: true, ${flagTest}}
  - {id: "2", audit: wrong, scored: false, ${flagTest}}
  - {id: "3", audit: broken, scored: true, ${flagTest}}
  - {id: "4", audit: other, scored: true, ${flagTest}}
  - {id: "5", audit: run, type: manual}
  - {id: "6", audit: run, scored: true}
  - {id: "7", audit: run, type: skip, ${flagTest}}
  - {id: "8", audit: run, scored: true, tests: {test_items: [{flag: a, compare: {op: noteqx, value: b}}]}}
`;
  const runner = runnerOf({ run: "--a=b", wrong: "--a=c", broken: { output: "no", error: "exit status 1" } });
  const results = await evaluate(checks, { runner });
  expect(results.map(({ id, state, severity }) => [id, state, severity])).toEqual([
    ["1", "pass", "medium"],
    ["2", "fail", "low"],
    ["3", "warn", "medium"],
    ["4", "warn", "medium"],
    ["5", "manual", "low"],
    ["6", "manual", "medium"],
    ["7", "not-applicable", "low"],
    ["8", "warn", "medium"],
  ]);
  expect(results[3]).toMatchObject({
    reason: "this audit needs a shell",
    evidence: [{ subject: "audit", value: "other" }],
  });
  expect(results[7]?.reason).toContain("unknown comparison noteqx");
});

test("of variables only those that are asked for are shown, and of secrets only their length", async () => {
  const checks = `  - {id: "1", audit: run, audit_env: env, scored: true, tests: {test_items: [{flag: --x, env: A_TOKEN, compare: {op: eq, value: y}}]}}\n`;
  const [result] = await evaluate(checks, { runner: runnerOf({ run: "-", env: "OTHER=marker1\nA_TOKEN=marker2\n" }) });
  expect(JSON.stringify(result)).not.toMatch(/marker/);
  expect(result?.evidence[0]?.value).toBe("(7 characters)");
});

test("groups and checks can be chosen and skipped", async () => {
  const checks = `  - {id: "1", audit: run, scored: true, ${flagTest}}\n  - {id: "2", audit: run, ${flagTest}}\n`;
  const runner = runnerOf({ run: "--a=b" });
  const ids = async (options: Partial<EvaluateDefinitionsOptions>) =>
    (await evaluate(checks, { runner, ...options })).map(({ id, state }) => `${id} ${state}`);
  expect(await ids({ choice: { scored: false } })).toEqual(["2 pass"]);
  expect(await ids({ choice: { checks: ["1"] } })).toEqual(["1 pass"]);
  expect(await ids({ choice: { groups: ["5"] } })).toEqual([]);
  expect(await ids({ skip: ["2"] })).toEqual(["1 pass", "2 not-applicable"]);
  expect(await ids({ skip: ["4"] })).toEqual(["1 not-applicable", "2 not-applicable"]);
});

test("definitions of linux-bench take the sub-check whose constraints were declared, and a failed script is only its output", async () => {
  const checks = `
  - id: "1"
    description: x
    scored: true
    sub_checks:
    - check: {audit: rpm, constraints: {platform: [rhel7]}, tests: {test_items: [{flag: "", compare: {op: eq, value: ""}}]}}
    - check: {audit: dpkg, constraints: {platform: [ubuntu, debian]}, tests: {test_items: [{flag: status, compare: {op: eq, value: ok}}]}}
`;
  const runner = runnerOf({ rpm: { output: "", error: "exit status 1" }, dpkg: 'x\nstatus: "ok"\n' });
  const states = async (platform: string) =>
    (await evaluate(checks, { runner, description: true, constraints: { platform: [platform] } })).map(
      ({ state }) => state,
    );
  expect(await states("rhel7")).toEqual(["pass"]);
  expect(await states("debian")).toEqual(["pass"]);
  expect(await states("suse")).toEqual(["manual"]);
});
