import { describe, expect, test } from "vitest";
import { syscallFields } from "../fields/syscall/syscall-fields.ts";
import { printCondition } from "../language/print-condition.ts";
import { loadReportJson, printLoadReport } from "./load-report.ts";
import { type LoadOptions, loadRules } from "./load-rules.ts";
import type { Rule, RuleSet } from "./rule-set.ts";

const syscall = { catalogue: syscallFields({ generation: "head" }), hasEventTypes: true };
const source = (name: string) => (name === "syscall" ? syscall : undefined);

function load(text: string, options: Partial<LoadOptions> = {}): RuleSet {
  return loadRules([{ name: "rules.yaml", text }], { source, ...options });
}

function rule(condition: string, more = ""): string {
  return `- rule: Rule\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: o\n  priority: INFO\n${more}`;
}

function conditionOf(rules: RuleSet): string | undefined {
  const [first] = rules.rules;
  return first && printCondition(first.resolved);
}

function said(rules: RuleSet): string[] {
  return rules.findings.map(({ code, message }) => `${code}: ${message}`);
}

describe("lists", () => {
  test("are put in as text, in the order in which they were defined", () => {
    const lists = "- list: inner\n  items: [b, two words]\n- list: outer\n  items: [a, inner]\n";
    expect(conditionOf(load(`${lists}${rule("evt.type=open and proc.name in (outer, c)")}`))).toBe(
      '(evt.type = open and proc.name in (a, b, "two words", c))',
    );
  });

  test("an empty one takes a comma with it", () => {
    const list = "- list: none\n  items: []\n";
    const values = (text: string) => conditionOf(load(`${list}${rule(`evt.type=open and proc.name in (${text})`)}`));
    expect(values("a, none, b")).toBe("(evt.type = open and proc.name in (a, b))");
    expect(values("none, b")).toBe("(evt.type = open and proc.name in (b))");
    expect(values("none")).toBe("(evt.type = open and proc.name in ())");
  });

  test("a name that is part of a longer word stays", () => {
    const list = "- list: sh\n  items: [ash]\n";
    expect(conditionOf(load(`${list}${rule("evt.type=open and proc.name in (sh, bash, sh-x)")}`))).toBe(
      "(evt.type = open and proc.name in (ash, bash, sh-x))",
    );
  });

  test("lists that multiply each other are refused", () => {
    const rows = Array.from({ length: 20 }, (_, row) => `- list: l${row}\n  items: [${`l${row + 1}, `.repeat(9)}x]\n`);
    const rules = load(`${rows.join("")}- list: l20\n  items: [x]\n${rule("evt.type=open and proc.name in (l0)")}`);
    expect(said(rules)).toEqual(["LOAD_ERR_COMPILE_CONDITION: the condition is too long after its lists are expanded"]);
  });
});

describe("macros", () => {
  test("see those that were defined before their last change only", () => {
    const early = "- macro: early\n  condition: late\n";
    const late = "- macro: late\n  condition: evt.type=open\n";
    expect(said(load(`${early}${late}${rule("early")}`))).toEqual([
      "LOAD_ERR_VALIDATE: Undefined macro 'late' used in filter.",
    ]);
    expect(conditionOf(load(`${early}${late}${early}${rule("early")}`))).toBe("evt.type = open");
  });

  test("that multiply each other, or form a very long chain, are refused", () => {
    const doubling = Array.from({ length: 40 }, (_, row) => `- macro: m${row + 1}\n  condition: m${row} and m${row}\n`);
    const chain = Array.from({ length: 3000 }, (_, row) => `- macro: m${row + 1}\n  condition: not m${row}\n`);
    const first = "- macro: m0\n  condition: evt.type=open\n";
    expect(said(load(`${first}${doubling.join("")}${rule("m40")}`))).toEqual([
      "LOAD_ERR_VALIDATE: the condition is too large after its macros are expanded",
    ]);
    expect(said(load(`${first}${chain.join("")}${rule("m3000")}`))).toEqual([
      "LOAD_ERR_VALIDATE: the condition is nested too deeply after its macros are expanded",
    ]);
  });
});

test("a rule knows its macros and lists, also those inside of macros", () => {
  const yaml = `- list: l
  items: [a]
- list: k
  items: [b]
- macro: inner
  condition: proc.name in (l)
- macro: outer
  condition: evt.type=open and inner
${rule("outer and proc.pname in (k)")}`;
  expect(load(yaml).rules[0]).toMatchObject({ macrosUsed: ["inner", "outer"], listsUsed: ["k", "l"] });
});

test("a rule that is defined again keeps its place in the order", () => {
  const named = (name: string, condition: string) => rule(condition).replace("Rule", name);
  const rules = load(named("A", "evt.type=open") + named("B", "evt.type=close") + named("A", "evt.type=dup"));
  expect(rules.rules.map(({ name, condition }) => [name, condition])).toEqual([
    ["A", "evt.type=dup"],
    ["B", "evt.type=close"],
  ]);
});

test("files build on each other, and what is said names the file that it is about", () => {
  const first = { name: "first.yaml", text: `- macro: m\n  condition: evt.type=open\n${rule("m")}` };
  const second = { name: "second.yaml", text: "- macro: m\n  condition: nothing\n" };
  const rules = loadRules([first, second], { source });
  expect(rules.files.map(({ isSuccessful }) => isSuccessful)).toEqual([true, false]);
  expect(rules.findings[0]?.locations[1]).toMatchObject({ file: "second.yaml", itemType: "macro", itemName: "m" });
  expect(conditionOf(rules)).toBe("evt.type = open");
});

test("what a later file does to lists and macros reaches the rules of earlier files", () => {
  const first = `- list: l\n  items: [a]\n- macro: m\n  condition: proc.name in (l)\n${rule("evt.type=open and m")}`;
  const texts = [
    first,
    "- list: other\n  items: [x]\n",
    "- list: l\n  items: [b]\n  override: {items: append}\n",
    "- macro: m\n  condition: fd.num = 1\n",
    "- rule: Rule\n  enabled: false\n  override: {enabled: replace}\n",
  ];
  const states = texts.map((_, last) => {
    const files = texts.slice(0, last + 1).map((text, index) => ({ name: `${index}.yaml`, text }));
    const rules = loadRules(files, { source });
    return [conditionOf(rules), rules.rules[0]?.isEnabled, rules.files.at(-1)?.findings.map(({ code }) => code)];
  });
  expect(states).toEqual([
    ["(evt.type = open and proc.name in (a))", true, []],
    ["(evt.type = open and proc.name in (a))", true, ["LOAD_UNUSED_LIST"]],
    ["(evt.type = open and proc.name in (a, b))", true, ["LOAD_UNUSED_LIST"]],
    ["(evt.type = open and fd.num = 1)", true, ["LOAD_UNUSED_LIST", "LOAD_UNUSED_LIST"]],
    ["(evt.type = open and fd.num = 1)", false, ["LOAD_UNUSED_LIST", "LOAD_UNUSED_LIST"]],
  ]);
});

test("fields of exceptions that replace others count once they have values", () => {
  const replaced = (exception: string) =>
    load(`${rule("evt.type=open")}- rule: Rule\n  override: {exceptions: replace}\n  exceptions: [{${exception}}]\n`);
  expect(said(replaced("name: x, fields: ka.verb"))).toEqual([]);
  expect(said(replaced("name: x, fields: ka.verb, values: [get]"))).toEqual([
    "LOAD_ERR_COMPILE_CONDITION: filter_check called with nonexistent field ka.verb",
  ]);
});

test("the schema refuses keys that are there twice and empty mappings for lists, and leaves values to other checks", () => {
  const schemaOf = (more: string) => load(rule("evt.type=open", more)).files[0]?.schema[0];
  const extra =
    "<root>[0]: Object contains a property that could not be validated using 'properties' or 'additionalProperties'";
  expect(schemaOf("  tags: [a]\n")).toBe("ok");
  expect(schemaOf("  tags: [a]\n  tags: [b]\n")).toBe(`failed for ${extra} constraints: ''.`);
  expect(schemaOf("  tags: {}\n")).toBe("failed for <root>[0][tags]: Value type not permitted by 'type' constraint.");
  expect(load("- rule: a\n  priority: ~\n").files[0]?.schema[0]).toBe(
    "failed for <root>[0][priority]: Value type not permitted by 'type' constraint.",
  );
});

test("columns and offsets count bytes of UTF-8, and a byte order mark is none of them", () => {
  const { findings } = load(
    `\uFEFF- rule: "Ünï"\n  desc: d\n  priority: "\u00e9x"\n  condition: evt.type=open\n  output: o\n`,
  );
  expect(findings[0]?.locations.at(-1)).toMatchObject({ line: 2, column: 12, offset: 38, itemType: "rule priority" });
  expect(findings[0]?.snippet).toBe(`  priority: "éx"\n            ^\n`);
});

test("the place of what comes after lines that are hardly indented is right", () => {
  const list = '- list: é\n  items: [\n"é",\nb\n]\n';
  const { findings } = load(
    `${list}- rule: r\n  desc: "d\nd"\n  priority: x\n  condition: evt.type=open\n  output: o\n`,
  );
  const [finding] = findings.filter(({ code }) => code === "LOAD_ERR_YAML_VALIDATE");
  expect(finding?.locations.at(-1)).toMatchObject({ line: 8, column: 12, itemType: "rule priority" });
  expect(finding?.snippet).toBe(`  priority: x\n            ^\n`);
});

test("what is not YAML is one error with its place", () => {
  const rules = load("- rule: a\n  x: y: z\n");
  expect(said(rules)).toEqual(["LOAD_ERR_YAML_PARSE: Nested mappings are not allowed in compact mappings"]);
  expect(rules.findings[0]?.locations.at(-1)).toMatchObject({ file: "rules.yaml", line: 1, column: 5 });
});

describe("requirements", () => {
  test("an engine of another version is an error", () => {
    expect(said(load("- required_engine_version: 0.99.0\n"))).toEqual([
      "LOAD_ERR_VALIDATE: Rules require engine version 0.99.0, but engine version is 0.63.0",
    ]);
    expect(load("- required_engine_version: 26\n").requiredEngineVersion).toBe("0.26.0");
  });

  test("a plugin that is not there is an error when plugins are told", () => {
    const yaml =
      "- required_plugin_versions:\n  - {name: json, version: 0.7.0, alternatives: [{name: other, version: 1.0.0}]}\n";
    expect(said(load(yaml))).toEqual([]);
    expect(said(load(yaml, { plugins: [{ name: "other", version: "1.2.0" }] }))).toEqual([]);
    expect(said(load(yaml, { plugins: [{ name: "json", version: "0.6.0" }] }))).toEqual([
      "LOAD_ERR_VALIDATE: Plugin 'json' version '0.6.0' is not compatible with required plugin version '0.7.0'",
    ]);
    expect(said(load(yaml, { plugins: [] }))).toEqual([
      "LOAD_ERR_VALIDATE: Plugin requirement not satisfied, must load one of: json (>= 0.7.0), other (>= 1.0.0)",
    ]);
  });
});

test("selection is applied in order, and rules below the least priority stay off", () => {
  const named = (name: string, more: string) => rule("evt.type=open", more).replace("Rule", name);
  const yaml = named("One", "  tags: [x]\n") + named("Two", "  tags: [x, y]\n") + named("Off", "  enabled: false\n");
  const enabled = (options: Partial<LoadOptions>) =>
    load(yaml, options)
      .rules.filter(({ isEnabled }: Rule) => isEnabled)
      .map(({ name }) => name);
  expect(enabled({})).toEqual(["One", "Two"]);
  expect(enabled({ selection: [{ disable: { rule: "*" } }, { enable: { tag: "y" } }] })).toEqual(["Two"]);
  expect(enabled({ selection: [{ enable: { rule: "O*f" } }, { disable: { contains: "n" } }] })).toEqual(["Two", "Off"]);
  expect(enabled({ minimumPriority: "Notice", selection: [{ enable: { rule: "*" } }] })).toEqual([]);
});

test("append_output adds formats, suggested fields and fields of the JSON form to the rules that it fits", () => {
  const { rules } = load(rule("evt.type=open", "  tags: [a]\n"), {
    appendOutput: [
      { match: { tags: ["a"] }, extraOutput: "pid=%proc.pid", suggestedOutput: true },
      { match: { source: "k8s_audit" }, extraOutput: "never" },
      { extraFields: ["proc.name", { both: "%proc.name %fd.name" }] },
    ],
  });
  expect(rules[0]?.output).toMatch(/^o pid=%proc\.pid container_id=%container\.id container_name=%container\.name/);
  expect(rules[0]?.extraFields).toEqual([
    { name: "proc.name", format: "%proc.name", isRaw: true },
    { name: "both", format: "%proc.name %fd.name", isRaw: false },
  ]);
});

describe("the keys that only Plimsoll reads", () => {
  const extended = (extension: string) => load(rule("evt.type=open", `  plimsoll: ${extension}\n`));

  test("are read without a warning", () => {
    const rules = extended(
      "{threshold: {count: 5, within: 30s, by: [proc.pid]}, sequence: {after: [Rule], within: 5m}, deduplicate: {within: 1h, by: proc.name}, action: Look}",
    );
    expect(rules.findings).toEqual([]);
    expect(rules.files[0]?.schema).toEqual(["ok"]);
    expect(rules.rules[0]?.extension).toEqual({
      threshold: { count: 5, within: 30_000, by: ["proc.pid"] },
      sequence: { after: ["Rule"], within: 300_000, by: [] },
      deduplicate: { within: 3_600_000, by: ["proc.name"] },
      action: "Look",
    });
  });

  test.each([
    ["[]", "expected the keys threshold, sequence, deduplicate, action"],
    ["{treshold: {}}", "unknown key 'treshold'; allowed keys: threshold, sequence, deduplicate, action"],
    ["{threshold: {within: 1m}}", "'count' is missing"],
    ["{threshold: {count: 0, within: 1m}}", "'0' is not a count from 1 to 1000000"],
    ["{deduplicate: {within: soon}}", "'soon' is not a duration like 500ms, 30s, 5m, 12h or 7d, at most 366d"],
    ["{deduplicate: {within: 1m, by: [no.field]}}", "'no.field' is not a field of the rule's source"],
    ["{sequence: {after: [], within: 1m}}", "'after' must have the name of a rule"],
  ])("%s is refused", (extension, message) => {
    expect(said(extended(extension))).toEqual([`LOAD_ERR_EXTENSION: ${message}`]);
  });

  test("a later item gives them to a rule that is already there", () => {
    const rules = load(
      `${rule("evt.type=open")}- rule: Rule\n  tags: [a]\n  override: {tags: append}\n  plimsoll: {action: Look}\n`,
    );
    expect(rules.findings).toEqual([]);
    expect(rules.rules[0]).toMatchObject({ tags: ["a"], extension: { action: "Look" } });
  });

  test("a sequence that waits for a rule that is not there is warned of", () => {
    expect(said(extended("{sequence: {after: [Nothing], within: 1m}}"))).toEqual([
      "LOAD_WARNING_EXTENSION: 'Nothing', the rule that must match before, is not defined",
    ]);
  });
});

test("reports come short and as JSON too", () => {
  const [result] = load(`${rule("evt.dir=<")}- macro: m\n  condition: nothing_here\n`).files;
  if (!result) throw new Error("nothing was loaded");
  expect(printLoadReport(result, { verbose: false })).toBe(
    ["rules.yaml: Invalid", " 1 errors: [LOAD_ERR_VALIDATE (Error validating rule/macro/list/exception objects)]"].join(
      "\n",
    ),
  );
  expect(loadReportJson([result])).toMatchObject({
    falco_load_results: [
      {
        name: "rules.yaml",
        successful: false,
        schema_valid: true,
        schema_warnings: [],
        errors: [
          {
            code: "LOAD_ERR_VALIDATE",
            codedesc: "Error validating rule/macro/list/exception objects",
            message: "Undefined macro 'nothing_here' used in filter.",
            context: {
              locations: [{}, {}, { item_type: "condition expression", position: { name: '"nothing_here"' } }],
            },
          },
        ],
        warnings: [],
      },
    ],
  });
});

test("a field that is going away is named beside the code", () => {
  const [result] = load(rule("evt.type=open and evt.dir=<")).files;
  if (!result) throw new Error("nothing was loaded");
  expect(printLoadReport(result, { verbose: false })).toContain(
    "LOAD_DEPRECATED_ITEM (Used deprecated item: field 'evt.dir')",
  );
  expect(loadReportJson([result])).toMatchObject({
    falco_load_results: [{ warnings: [{ deprecated_field: "evt.dir" }] }],
  });
});

test("random texts are read or refused, and nothing is thrown", () => {
  const words = [
    "- rule: r",
    "- list: l",
    "- macro: m",
    "  items: [a",
    "]",
    "  condition: ",
    "evt.type=open",
    "(",
    ")",
    "\n",
    " ",
    ":",
    "&a ",
    "*a",
    "'",
    '"',
    "- ",
    "{",
    "}",
    "|",
    ">",
    "override:",
    "append",
    "\t",
    "#",
    "---",
    "é",
    "\0",
  ];
  let state = 42;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state;
  };
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: next() % 30 }, () => words[(next() >> 8) % words.length]).join("");
    if (load(text).files.some(({ isSuccessful }) => !isSuccessful)) refused++;
  }
  expect(refused).toBeGreaterThan(500);
});

test("an output and an exception with 200,000 blanks are read in time", () => {
  const blanks = " ".repeat(200_000);
  const started = performance.now();
  const text = rule("evt.type=open").replace("output: o", `output: ${JSON.stringify(`${blanks}a${blanks}b\n`)}`);
  expect(load(text).rules[0]?.output).toBe(`a${blanks}b`);
  const exceptions = `  exceptions:\n  - name: x\n    fields: proc.name\n    comps: ${JSON.stringify(`${blanks}a${blanks}b`)}\n`;
  expect(said(load(rule("evt.type=open", exceptions)))).not.toEqual([]);
  expect(said(load(`- macro: ${"a".repeat(200_000)}-\n  condition: evt.type=open\n`))).not.toEqual([]);
  expect(performance.now() - started).toBeLessThan(3000);
});

test("a report for people counts lines and columns from 1 and names what may be meant", () => {
  const reportOf = (yaml: string): string => {
    const [result] = load(yaml).files;
    if (!result) throw new Error("nothing was loaded");
    return printLoadReport(result, { verbose: true, forPeople: true });
  };
  const output = reportOf(
    "- rule: A\n  desc: d\n  condition: evt.type = open\n  output: o %evt.typ\n  priority: INFO\n",
  );
  expect(output).toContain("rule 'A': (rules.yaml:1:3)\n");
  expect(output).toContain("rule output: (rules.yaml:4:11)\n");
  expect(output).toContain("The source of the rule has no field evt.typ. Did you mean evt.type?\n");
  const condition = reportOf(rule("evt.type = opem"));
  expect(condition).toMatch(/condition expression: \("evt.type = opem":3:/);
  expect(condition).toContain("unknown event type opem\nDid you mean open?\n");
  expect(reportOf(rule("evt.type = open and fd.nme = x"))).toContain("Did you mean fd.name?\n");
});
