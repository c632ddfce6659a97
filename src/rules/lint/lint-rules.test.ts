import { describe, expect, test } from "vitest";
import { syscallFields } from "../fields/syscall/syscall-fields.ts";
import { loadRules } from "../loading/load-rules.ts";
import type { LintFinding } from "./lint-finding.ts";
import { lintRules } from "./lint-rules.ts";

const source = () => ({ catalogue: syscallFields({ generation: "head" }), hasEventTypes: true });

function lint(yaml: string): readonly LintFinding[] {
  const rules = loadRules([{ name: "rules.yaml", text: yaml }], { source });
  expect(rules.findings.filter(({ kind }) => kind === "error")).toEqual([]);
  return lintRules(rules, { source });
}

function rule(condition: string, { name = "Rule", more = "" } = {}): string {
  const text = JSON.stringify(condition);
  return `- rule: ${name}\n  desc: d\n  condition: ${text}\n  output: o\n  priority: INFO\n${more}`;
}

function codes(yaml: string): string[] {
  return lint(yaml).map(({ code, item }) => `${code} ${item}`);
}

describe("rules that can never match", () => {
  test.each([
    ["proc.name = cat and proc.name = dog", "no value of proc.name passes all checks of it"],
    ["proc.name in (a, b) and proc.name in (c, d)", "no value of proc.name passes all checks of it"],
    ["proc.name = cat and not proc.name in (cat, dog)", "no value of proc.name passes all checks of it"],
    ["proc.name = cat and proc.name != cat", "no value of proc.name passes all checks of it"],
    ["proc.name = cat and proc.name startswith d", "no value of proc.name passes all checks of it"],
    ["fd.name startswith /etc and fd.name startswith /var", "fd.name must start with '/etc' and with '/var'"],
    ["proc.pid > 10 and proc.pid < 10", "proc.pid must be at least 11 and at most 9"],
    ["proc.pid = 16 and proc.pid in (17, 18)", "no value of proc.pid passes all checks of it"],
    ["proc.name in ()", "proc.name is compared with an empty list"],
    ["proc.name exists and not proc.name exists", "the same check of proc.name must be both true and false"],
    ["proc.name = cat and not proc.name exists", "proc.name must be missing and have a value"],
    ["fd.num >= 0 and not (fd.num >= 0 or proc.pid = 1)", "the same check of fd.num must be both true and false"],
    ["tolower(proc.name) = a and tolower(proc.name) = b", "no value of tolower(proc.name) passes all checks of it"],
    ["proc.name = a and (proc.name = b or proc.name = c)", "no value of proc.name passes all checks of it"],
  ])("%s", (condition, why) => {
    const [finding] = lint(rule(`evt.type = open and ${condition}`));
    expect(finding).toMatchObject({ code: "never-matches", severity: "error", item: "Rule" });
    expect(finding?.message).toBe(`rule 'Rule' can never match: ${why}`);
  });

  test("event types that cannot be used together are found without knowing the source", () => {
    const text = rule("evt.type = open and evt.type = close");
    const [finding] = lintRules(loadRules([{ name: "rules.yaml", text }], { source }));
    expect(finding?.message).toContain("no event type passes all checks of evt.type");
  });

  test.each([
    "proc.aname = sshd and proc.aname = bash",
    "fd.ip = 10.0.0.1 and fd.ip = 10.0.0.2",
    "proc.name = cat and not proc.name = dog",
    "proc.name = a and (proc.name = a or proc.name = c)",
    "proc.pid > 10 and proc.pid < 12",
    "fd.name startswith /etc and fd.name startswith /etc/ssh",
    "not proc.name in () and not proc.name exists",
    "proc.name = a or proc.name = b",
  ])("nothing is said of %s", (condition) => {
    expect(codes(rule(`evt.type = open and (${condition})`))).not.toContain("never-matches Rule");
  });
});

describe("checks that events of now cannot fulfil", () => {
  test.each([
    ["evt.type = open and evt.dir = >", "evt.dir is always '<' in these events"],
    ["evt.type = open and not evt.dir = <", "evt.dir is always '<' in these events"],
    ["evt.type in (open, connect) and evt.dir in (>)", "evt.dir is always '<' in these events"],
    ["evt.type = execve and evt.latency > 5", "evt.latency never has a value"],
    ["evt.type = open and fd.type = fil", "no value of fd.type passes all checks of it"],
    ["evt.type = open and fd.typechar = z", "no value of fd.typechar passes all checks of it"],
  ])("%s", (condition, why) => {
    const [finding] = lint(rule(condition));
    expect(finding).toMatchObject({ code: "never-matches", severity: "error", item: "Rule" });
    expect(finding?.message).toBe(`rule 'Rule' can never match: ${why}`);
  });

  test("an alternative that is true for no event is found, one that others make true is not", () => {
    const [finding] = lint(rule("evt.type = open or (evt.type = close and evt.dir = >)"));
    expect(finding).toMatchObject({ code: "dead-alternative", severity: "warning" });
    expect(finding?.hint).toContain("evt.type = close and evt.dir = >");
    expect(codes(rule("evt.type = open and (fd.num = 1 or (proc.name = a and proc.name = b))"))).toEqual([
      "dead-alternative Rule",
    ]);
  });

  test.each([
    "evt.type = procexit and evt.dir = >",
    "evt.type = open and evt.dir = <",
    "evt.type = open and not (fd.num = 1 and evt.dir = >)",
    "evt.type = open and not (proc.name = a and evt.dir = <)",
    "evt.type = open and not evt.latency > 5",
    "evt.type = open and not fd.type = fil",
  ])("nothing is said of %s", (condition) => {
    expect(codes(rule(condition))).toEqual([]);
  });
});

describe("rules that an earlier one covers", () => {
  test.each([
    ["evt.type = open and proc.name = cat", "evt.type = open and proc.name = cat and fd.num > 3", "only"],
    ["evt.type in (open, openat)", "evt.type = open and fd.num > 3", "only"],
    ["evt.type = open and (proc.name = a or fd.num = 1)", "evt.type = open and proc.name = a", "only"],
    ["evt.type = open and proc.name in (a, b)", "proc.name in (b, a) and evt.type == open", "exactly"],
    [
      "evt.type = open and not (fd.num = 1 or fd.num = 2)",
      "not fd.num = 2 and evt.type = open and not fd.num = 1",
      "exactly",
    ],
    ["evt.type in (open, close)", "evt.type = open or evt.type = close", "exactly"],
  ])("%s covers %s", (first, second, how) => {
    const findings = lint(rule(first, { name: "First" }) + rule(second, { name: "Second" }));
    const shadow = findings.find(({ code }) => code === "shadowed-rule");
    expect(shadow).toMatchObject({ item: "Second", severity: "warning", place: { line: 5 } });
    if (how === "only") expect(shadow?.message).toContain("matches only events that the earlier rule 'First' matches");
  });

  test("a narrower rule before a wider one is none", () => {
    const yaml =
      rule("evt.type = open and fd.num > 3", { name: "First" }) + rule("evt.type = open", { name: "Second" });
    expect(codes(yaml)).toEqual([]);
  });

  test("a rule that is off, or that counts, covers nothing", () => {
    const off = rule("evt.type = open", { name: "First", more: "  enabled: false\n" });
    const counting = rule("evt.type = open", {
      name: "First",
      more: "  plimsoll: { threshold: { count: 5, within: 1m } }\n",
    });
    expect(codes(off + rule("evt.type = open", { name: "Second" }))).toEqual(["disabled-rule First"]);
    expect(codes(counting + rule("evt.type = open", { name: "Second" }))).toEqual([]);
  });
});

describe("what costs more than it should", () => {
  test("a rule for every event, and a search in long texts in it", () => {
    expect(codes(rule("proc.cmdline contains curl"))).toEqual(["no-event-type Rule", "costly-check Rule"]);
    expect(codes(rule("evt.type exists and proc.cmdline glob *curl*"))).toEqual([
      "no-event-type Rule",
      "event-type-exists Rule",
      "costly-check Rule",
    ]);
    expect(codes(rule("evt.type = execve and proc.cmdline contains curl"))).toEqual([]);
  });

  test("an expression that begins with any text, whatever the events", () => {
    const [finding] = lint(rule("evt.type = open and fd.name regex '.*passwd.*'"));
    expect(finding).toMatchObject({ code: "costly-check", severity: "advice" });
  });
});

describe("what is appended as text", () => {
  const append = (text: string) => `- rule: Rule\n  condition: ${text}\n  override: { condition: append }\n`;

  test("'or' after 'and' passes by all that stood there", () => {
    const findings = lint(rule("evt.type = open and proc.name = a") + append("or proc.name = b"));
    expect(findings.map(({ code, place }) => [code, place.line])).toContainEqual(["appended-or", 5]);
  });

  test("'and' after 'or' narrows the last part only", () => {
    expect(codes(rule("evt.type = open or evt.type = close") + append("and proc.name = b"))).toEqual([
      "appended-and Rule",
    ]);
  });

  test("what keeps its meaning is fine", () => {
    expect(codes(rule("evt.type = open and proc.name = a") + append("and not fd.num = 1"))).toEqual([]);
    expect(codes(rule("(evt.type = open or evt.type = close)") + append("and proc.name = b"))).toEqual([]);
  });

  test("macros are looked at as well", () => {
    const macro = "- macro: m\n  condition: evt.type = open and fd.num = 1\n";
    const or = "- macro: m\n  condition: or fd.num = 2\n  override: { condition: append }\n";
    expect(codes(macro + or + rule("m"))).toContain("appended-or m");
  });
});

test("what nothing uses, what is off, and comparisons that a missing value fails are told", () => {
  const yaml = `- macro: m\n  condition: evt.type = open\n- list: l\n  items: [a]\n${rule("evt.type = open and fd.ip != 10.0.0.1")}`;
  expect(codes(yaml)).toEqual(["missing-value Rule", "unused-macro m", "unused-list l"]);
  const off = rule("evt.type = open and proc.name != a", { more: "  enabled: false\n" });
  expect(codes(off)).toEqual(["disabled-rule Rule"]);
});
