import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readRules, readText, ruleFilePaths } from "../src/pipeline/watch/rule-files.ts";
import { type JudgedTest, ruleTestFiles, testRules } from "../src/pipeline/watch/test-rules.ts";
import type { Check, Condition } from "../src/rules/language/condition.ts";
import { parseRuleTests } from "../src/rules/testing/parse-rule-tests.ts";
import { repository } from "./setup/source-files.ts";
import { temporaryFolder } from "./setup/temporary-folder.ts";

const folder = temporaryFolder();
const files = ruleFilePaths();
const { rules, macros, lists, findings } = readRules({});
const expected = new Set(
  ruleTestFiles().flatMap(({ path }) =>
    parseRuleTests(readText(path), path).flatMap((each) => each.expect.map(({ rule }) => rule)),
  ),
);
/** The kernel keeps so many characters of a program's name. */
const longestName = 15;
const programNames = new Set(["proc.name", "proc.pname", "proc.aname"]);

test("the rules that come with the program load without an error or a warning", () => {
  expect(files.map((path) => basename(path))).toEqual(["kubernetes-audit.yaml", "syscalls.yaml"]);
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
});

test("there are 45 rules or more over system calls and 25 or more over audit events, almost all of them on", () => {
  for (const [source, atLeast] of [
    ["syscall", 45],
    ["k8s_audit", 25],
  ] as const) {
    expect(rules.filter((rule) => rule.source === source && rule.isEnabled).length).toBeGreaterThanOrEqual(atLeast);
  }
  expect(rules.filter(({ isEnabled }) => !isEnabled).length).toBeLessThanOrEqual(rules.length / 10);
});

test("every rule says what it is about, names tactics and techniques of MITRE ATT&CK, and says what to do", () => {
  const incomplete = rules.filter(({ description, tags }) => {
    const hasTactic = tags.some((tag) => tag.startsWith("mitre_"));
    const hasTechnique = tags.some((tag) => /^T\d{4}(\.\d{3})?$/.test(tag));
    const hasArea = tags.some((tag) => !/^(?:mitre_|T\d)/.test(tag));
    return description.length < 50 || !hasTactic || !hasTechnique || !hasArea || !/\nWhat to do: ./.test(description);
  });
  expect(incomplete.map(({ name }) => name)).toEqual([]);
});

test("Falco passes over one key of one rule with a warning, and knows all others", () => {
  expect(rules.filter(({ extension }) => extension !== undefined).map(({ name }) => name)).toEqual([
    "Workload refused a look at secrets",
  ]);
});

test("every rule that is on is expected by a test", () => {
  expect(rules.filter(({ name, isEnabled }) => isEnabled && !expected.has(name)).map(({ name }) => name)).toEqual([]);
});

test("every macro and list is used", () => {
  expect([...macros, ...lists].filter(({ isUsed }) => !isUsed).map(({ name }) => name)).toEqual([]);
});

test("no name of a program is longer than what the kernel keeps of it", () => {
  const compared = rules
    .flatMap(({ resolved }) => checksOf(resolved))
    .filter(isOfProgramName)
    .flatMap(valuesOf);
  expect(compared.length).toBeGreaterThan(100);
  expect([...new Set(compared.filter((name) => name.length > longestName))]).toEqual([]);
});

for (const { path, rules: beside } of ruleTestFiles()) {
  test(`the tests of ${basename(path)} pass`, async () => {
    const { signal } = new AbortController();
    const judged: JudgedTest[] = [];
    const loaded = readRules({ paths: beside }).rules;
    for await (const result of testRules(path, { rules: loaded, signal })) judged.push(result);
    const failed = judged.filter(({ isPassed }) => !isPassed);
    expect(failed.map(({ line, test: sentence, failures }) => ({ line, sentence, failures }))).toEqual([]);
    expect(judged.length).toBeGreaterThan(20);
  });
}

test("the examples of docs/rules.md load after the rules and pass", async () => {
  const examples = Array.from(
    readText(join(repository, "docs/rules.md")).matchAll(/^```yaml\n([^`]*)```$/gm),
    ([, text = ""]) => text,
  );
  const [tuning = "", writing = "", testing = ""] = examples;
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const own = files.filter((path) => path.endsWith("syscalls.yaml"));
  const paths = [...own, file("tuning.yaml", tuning), file("writing.yaml", writing)];
  const loaded = readRules({ paths });
  expect(loaded.findings.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  const { signal } = new AbortController();
  for await (const { failures } of testRules(file("x.test.yaml", testing), { rules: loaded.rules, signal }))
    expect(failures).toEqual([]);
});

function checksOf(condition: Condition): readonly Check[] {
  if (condition.kind === "check") return [condition];
  if (condition.kind === "not") return checksOf(condition.operand);
  return condition.kind === "macro" ? [] : condition.operands.flatMap(checksOf);
}

function isOfProgramName({ left, operator }: Check): boolean {
  return left.kind === "field" && programNames.has(left.name) && (operator === "in" || operator === "=");
}

function valuesOf({ right }: Check): readonly string[] {
  if (right?.kind === "list") return right.texts;
  return right?.kind === "value" ? [right.text] : [];
}
