import { expect, test } from "vitest";
import type { Fact } from "../model/checks/fact.ts";
import type { Check, Observation } from "./check.ts";
import { runChecks } from "./run-checks.ts";

interface Facts {
  readonly files: Fact<readonly string[]>;
  readonly users: Fact<readonly string[]>;
}

const facts: Facts = { files: { value: ["a", "b"] }, users: { value: [] } };
const gone: Facts = { files: { unavailable: "no permission" }, users: { unavailable: "no permission" } };

function check(evaluate: Check<Facts>["evaluate"], needs: Check<Facts>["needs"] = ["files"]): Check<Facts> {
  return {
    id: "a/b",
    title: { pass: "It holds", fail: "It does not hold" },
    severity: "low",
    why: "It matters.",
    remediation: "Do it.",
    mappings: [{ framework: "X", id: "1" }],
    needs,
    evaluate,
  };
}

const observe = (state: Observation["state"], resource?: string): Observation => ({
  state,
  evidence: [],
  ...(resource !== undefined && { resource }),
});
const described = {
  id: "a/b",
  title: "It holds",
  severity: "low",
  remediation: "Do it.",
  mappings: [{ framework: "X", id: "1" }],
  evidence: [],
};

test("each observation is a result with the words of its check", () => {
  const results = runChecks([check(() => [observe("pass", "a"), observe("fail", "b")])], facts);
  expect(results).toEqual([
    { ...described, state: "pass", resource: "a" },
    { ...described, title: "It does not hold", state: "fail", resource: "b" },
  ]);
});

test("a check without what it needs is not evaluated, and says once why", () => {
  const results = runChecks([check(() => expect.unreachable(), ["files", "users"])], gone);
  expect(results).toEqual([{ ...described, state: "warn", reason: "no permission" }]);
});

test("a check that finds nothing of its kind is not applicable", () => {
  expect(runChecks([check(() => [])], facts)).toEqual([
    { ...described, state: "not-applicable", reason: "nothing to check" },
  ]);
});

test("many that passed can be one result, and what did not pass stands by itself", () => {
  const states = ["pass", "fail", "pass", "manual"] as const;
  const results = runChecks([check(() => states.map((state) => observe(state, state)))], facts, { joinsPasses: true });
  expect(results.map(({ state, resource, reason }) => [state, resource, reason])).toEqual([
    ["fail", "fail", undefined],
    ["manual", "manual", undefined],
    ["pass", undefined, "for 2 resources"],
  ]);
});

test("a check that stumbles over facts of another form cannot tell, keeps what it saw, and the next one goes on", () => {
  const stumbling = check(function* () {
    yield observe("fail", "a");
    throw new TypeError("x is not iterable");
  });
  const results = runChecks([stumbling, check(() => [observe("pass")])], facts);
  expect(results.map(({ state, reason }) => [state, reason])).toEqual([
    ["fail", undefined],
    ["warn", "the facts do not have the format that the check expects: x is not iterable"],
    ["pass", undefined],
  ]);
});
