import { expect, test } from "vitest";
import type { Alert } from "../../model/events/alert.ts";
import { parseRuleTests } from "./parse-rule-tests.ts";
import { hasPassed, type RuleTestInput, runRuleTests } from "./run-rule-tests.ts";

test("a test passes when the alerts are those that it expects, and no others", async () => {
  expect(await outcome("[A, {rule: B, count: 2}]", ["A", "B", "B"])).toEqual({
    passed: true,
    missed: [],
    wrong: [],
    different: [],
  });
  expect(await outcome("[]", [])).toMatchObject({ passed: true });
});

test("an alert that did not come and one that was not expected are both failures", async () => {
  expect(await outcome("[A, B]", ["B", "B", "C"])).toEqual({
    passed: false,
    missed: [{ rule: "A", expected: 1, seen: 0 }],
    wrong: [
      { rule: "B", expected: 1, seen: 2 },
      { rule: "C", expected: 0, seen: 1 },
    ],
    different: [],
  });
  expect(await outcome("[{rule: A, count: 0}]", ["A"])).toMatchObject({ passed: false });
});

test("a field that is something else is a failure", async () => {
  expect(await outcome("[{rule: A, fields: {n: 5, l: 'x,y', gone: z}}]", ["A"])).toMatchObject({
    passed: false,
    different: [{ rule: "A", field: "gone", expected: "z", seen: undefined }],
  });
});

test("events of other sources and captures reach the judge as they are", async () => {
  const inputs: RuleTestInput[] = [];
  const text = `
- {test: a, source: k8s_audit, events: [{verb: get}, {verb: list}], expect: []}
- {test: b, capture: x.scap, expect: []}`;
  const judged = await all(
    runRuleTests(parseRuleTests(text, "dir/x.test.yaml"), async (input) => {
      inputs.push(input);
      return [];
    }),
  );
  expect(judged.every(hasPassed)).toBe(true);
  expect(inputs).toEqual([
    {
      kind: "json",
      source: "k8s_audit",
      events: [
        { number: 1, time: 1_735_689_600_000_000_000n, source: "k8s_audit", value: { verb: "get" } },
        { number: 2, time: 1_735_689_600_001_000_000n, source: "k8s_audit", value: { verb: "list" } },
      ],
    },
    { kind: "capture", path: "x.scap", file: "dir/x.test.yaml" },
  ]);
});

async function outcome(expected: string, rules: readonly string[]): Promise<unknown> {
  const tests = parseRuleTests(`- {test: t, events: [{type: setsid}], expect: ${expected}}`, "x");
  const [result] = await all(runRuleTests(tests, async () => rules.map(alert)));
  if (!result) throw new Error("no result");
  const { missed, wrong, different } = result;
  return { passed: hasPassed(result), missed, wrong, different };
}

function alert(rule: string): Alert {
  const fields = [
    ["n", 5n],
    ["l", ["x", "y"]],
  ] as const;
  return { rule, priority: "Notice", source: "syscall", time: 0n, message: "", tags: [], fields, eventNumber: 1 };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
