import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fitsWildcard } from "../../../src/model/packages/wildcard.ts";
import { printCondition } from "../../../src/rules/language/print-condition.ts";
import { type DescribedItem, describeRules } from "../../../src/rules/loading/describe-rules.ts";
import { loadReportJson, printLoadReport } from "../../../src/rules/loading/load-report.ts";
import { type LoadOptions, loadRules, type RuleFile } from "../../../src/rules/loading/load-rules.ts";
import { unmetRequirement } from "../../../src/rules/loading/plugin-requirements.ts";
import type { FileResult, LoadFinding, Rule, RuleSet } from "../../../src/rules/loading/rule-set.ts";
import { type RuleSelection, selectRules } from "../../../src/rules/loading/select-rules.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { bareSyscallSource, everySource } from "../../setup/rule-sources.ts";

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly locations: readonly { type: string; name: string; line: number; column: number; offset?: number }[];
  readonly snippet?: string;
}

interface Observed {
  readonly ok: boolean;
  readonly schema: string;
  readonly text: string;
  readonly errors?: readonly Finding[];
  readonly warnings?: readonly Finding[];
  readonly describe?: Description;
  readonly describe_error?: string;
}

interface Description {
  readonly required_engine_version: string;
  readonly required_plugin_versions: readonly unknown[];
  readonly rules: readonly Record<string, unknown>[];
  readonly macros: readonly Record<string, unknown>[];
  readonly lists: readonly Record<string, unknown>[];
}

type Step =
  | { readonly load: string; readonly yaml: string; readonly observed: Observed }
  | {
      readonly assert: string;
      readonly value: unknown;
      readonly text?: string;
      readonly rule?: string;
    };

interface AppendOutputCase {
  readonly match?: { readonly rule?: string; readonly source?: string; readonly tags?: readonly string[] };
  readonly extra_output?: string;
  readonly extra_fields?: readonly Readonly<Record<string, string>>[];
}

interface LoaderCase {
  readonly name: string;
  readonly options?: { readonly append_output?: readonly AppendOutputCase[] };
  readonly steps: readonly Step[];
}

interface LegacyCase {
  readonly name: string;
  readonly mode: string;
  readonly rules: readonly string[];
  readonly expect: { readonly exit_status?: number };
  readonly head?: {
    readonly ok: boolean;
    readonly loads?: readonly (Partial<LoadSummary> & { readonly successful: boolean })[];
  };
}

interface LoadSummary {
  readonly successful: boolean;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly schema: string;
}

const syscall = bareSyscallSource();
const source = (name: string) => (name === "syscall" ? syscall : undefined);

describeWithCorpus("the rule loader of Falco", () => {
  const { cases } = corpusJson<{ cases: readonly LoaderCase[] }>("runtime", "rule-loader", "cases.json");
  let loads = 0;
  let asserts = 0;

  for (const { name, options = {}, steps } of cases) {
    test(`${name}: errors, warnings, report, schema and description are those of Falco`, () => {
      const files: RuleFile[] = [];
      const appendOutput = (options.append_output ?? []).map(({ match, extra_output, extra_fields }) => ({
        ...(match && { match }),
        ...(extra_output !== undefined && { extraOutput: extra_output }),
        ...(extra_fields && { extraFields: extra_fields }),
      }));
      let loaded: RuleSet | undefined;
      for (const step of steps) {
        if ("load" in step) {
          files.push({ name: step.load, text: step.yaml });
          loaded = loadRules(files, { source, appendOutput });
          checkLoad(loaded, step.observed);
          loads++;
        } else {
          checkAssert(loaded, step);
          asserts++;
        }
      }
    });
  }

  test("all 114 cases ran with their 110 asserts", () => {
    expect(cases.length).toBe(114);
    expect(loads).toBe(114);
    expect(asserts).toBe(110);
  });

  test("rules are selected by name, wildcard and tag as Falco's engine does", () => {
    const { yaml, cases: sequences } = corpusJson<EnableFile>("runtime", "rule-loader", "enable.json");
    let checks = 0;
    for (const { steps } of sequences) {
      const sets = new Map<string, readonly Rule[]>();
      let rules: readonly Rule[] = [];
      for (const step of steps) {
        if (step.load !== undefined) {
          rules = loadRules([{ name: step.load, text: yaml[step.load] ?? "" }], { source }).rules;
          sets.clear();
          sets.set("default_ruleset", rules);
          continue;
        }
        const set = step.ruleset ?? "";
        const now = sets.get(set) ?? rules.map((rule) => ({ ...rule, isEnabled: false }));
        if (step.call === undefined) {
          expect(now.filter(({ isEnabled }) => isEnabled).length).toBe(step.expect_enabled);
          checks++;
        } else sets.set(set, selectRules(now, selectionsOf(step)));
      }
    }
    expect(checks).toBe(89);
  });

  test("wildcards and plugin requirements match as Falco's do", () => {
    const tables = corpusJson<Tables>("runtime", "rule-loader", "tables.json");
    expect(
      tables.rule_name_wildcards.filter(({ pattern, text, match }) => fitsWildcard(text, pattern) !== match),
    ).toEqual([]);
    const wrong = tables.plugin_requirements.filter(({ plugins, yaml, ok }) => {
      const { requiredPlugins, findings } = loadRules([{ name: "rules.yaml", text: yaml }], { source, plugins });
      return (unmetRequirement(requiredPlugins, plugins) === undefined) !== ok && (findings.length === 0) !== ok;
    });
    expect(wrong).toEqual([]);
    expect([tables.rule_name_wildcards.length, tables.plugin_requirements.length]).toEqual([16, 17]);
  });
});

describeWithCorpus("the rule files of Falco's regression suite", () => {
  const { cases } = corpusJson<{ cases: readonly LegacyCase[] }>("runtime", "falco-legacy", "cases.json");
  const { cases: auditCases } = corpusJson<{ cases: readonly LegacyCase[] }>("runtime", "k8s-audit", "cases.json");
  // The others are about what is not in the files: dropped events, and plugins that are not there.
  const loading = cases.filter(({ head }) => head?.loads !== undefined);
  const everything = everySource();
  const onlySyscalls = (name: string) => (name === "syscall" ? everything(name) : undefined);

  for (const { name, mode, rules, head, expect: expected } of loading) {
    test(`${name}: each file is judged as Falco judges it`, () => {
      const results = loadFrom("falco-legacy", rules, onlySyscalls).files;
      expect(results.map(summary)).toEqual(
        head?.loads?.map(({ errors = [], warnings = [], schema = "ok", successful }) => ({
          successful,
          errors,
          warnings,
          schema,
        })),
      );
      if (mode === "validate") {
        expect(results.every(({ isSuccessful }) => isSuccessful)).toBe(head?.ok);
        expect(head?.ok ? 0 : 1).toBe(expected.exit_status ?? 0);
      }
    });
  }

  for (const { name, rules, head } of auditCases) {
    test(`${name}: each file of audit rules has the errors that Falco finds`, () => {
      // Falco stops at the first file with an error here, and the warnings are not in the corpus.
      const results = loadFrom("k8s-audit", rules, everything).files.slice(0, head?.loads?.length);
      expect(results.map(summary).map(({ warnings: _warnings, ...rest }) => rest)).toEqual(
        head?.loads?.map(({ errors = [], schema = "ok", successful }) => ({ successful, errors, schema })),
      );
    });
  }

  test("87 cases ran, among them the 34 that only validate, and 46 with audit rules", () => {
    expect(loading.length).toBe(87);
    expect(loading.filter(({ mode }) => mode === "validate").length).toBe(34);
    expect(auditCases.length).toBe(46);
  });

  function loadFrom(set: string, paths: readonly string[], of: LoadOptions["source"]): RuleSet {
    const files = paths.map((path) => ({
      name: path.split("/").at(-1) ?? path,
      text: readFileSync(corpusPath("runtime", set, path), "utf8"),
    }));
    return loadRules(files, { source: of });
  }

  function summary({ isSuccessful, findings, schema }: FileResult): LoadSummary {
    return {
      successful: isSuccessful,
      errors: findingsOf(findings, "error"),
      warnings: findingsOf(findings, "warning"),
      schema: schema[0] ?? "none",
    };
  }

  /** The corpus leaves out offsets and snippets here. */
  function findingsOf(findings: readonly LoadFinding[], kind: LoadFinding["kind"]): Finding[] {
    return findings
      .filter((finding) => finding.kind === kind)
      .map(({ code, message, locations }) => ({
        code,
        message,
        locations: locations.map(({ itemType: type, itemName, line, column }) => ({
          type,
          name: itemName,
          line,
          column,
        })),
      }));
  }
});

function checkLoad(loaded: RuleSet, observed: Observed): void {
  const result = loaded.files.at(-1);
  if (!result) throw new Error("nothing was loaded");
  expect(fullFindings(result.findings, "error")).toEqual(observed.errors ?? []);
  expect(fullFindings(result.findings, "warning")).toEqual(observed.warnings ?? []);
  expect(result.isSuccessful).toBe(observed.ok);
  expect(result.schema[0] ?? "none").toBe(observed.schema);
  expect(printLoadReport(result, { verbose: true })).toBe(observed.text);
  expect(loadReportJson([result]).falco_load_results).toMatchObject([{ successful: observed.ok }]);
  if (observed.describe) {
    const { rules, macros, lists, ...rest } = describeRules(loaded);
    const described = { rules: rules.map(flat), macros: macros.map(flat), lists: lists.map(flat), ...rest };
    expect(withoutEmpty(described)).toEqual(withoutEmpty(observed.describe));
  }
}

function fullFindings(findings: readonly LoadFinding[], kind: LoadFinding["kind"]): Finding[] {
  return findings
    .filter((finding) => finding.kind === kind)
    .map(({ code, message, locations, snippet }) => ({
      code,
      message,
      locations: locations.map(({ itemType: type, itemName: name, line, column, offset }) => ({
        type,
        name,
        line,
        column,
        offset,
      })),
      snippet,
    }));
}

/** The corpus has both parts of a description in one, leaves out what is empty, and has long lists as their length only. */
function flat({ info, details }: DescribedItem): Record<string, unknown> {
  const events = details["events"];
  const isLong = Array.isArray(events) && events.length > 100;
  return { ...info, ...details, ...(isLong && { events: `${events.length} names` }) };
}

function withoutEmpty({ rules, macros, lists }: Pick<Description, "rules" | "macros" | "lists">): unknown {
  const drop = (item: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(item).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
  // Of macros the corpus has these keys only.
  const macro = ({ name, condition, condition_compiled, used }: Record<string, unknown>) => ({
    name,
    condition,
    condition_compiled,
    used,
  });
  return { rules: rules.map(drop), macros: macros.map(macro), lists: lists.map(drop) };
}

function checkAssert(loaded: RuleSet | undefined, step: Extract<Step, { assert: string }>): void {
  const findings = loaded?.files.at(-1)?.findings ?? [];
  const has = (kind: LoadFinding["kind"]) =>
    findings.some(
      (finding) => finding.kind === kind && (step.text === undefined || finding.message.includes(step.text)),
    );
  const rule = loaded?.rules.find(({ name }) => name === step.rule);
  const answers: Readonly<Record<string, () => unknown>> = {
    error_contains: () => has("error"),
    warning_contains: () => has("warning"),
    has_warnings: () => has("warning"),
    rule_condition: () => rule && printCondition(rule.resolved),
    rule_output: () => rule?.output,
    enabled_rules: () => loaded?.rules.filter(({ isEnabled }) => isEnabled).length,
  };
  const answer = answers[step.assert];
  if (!answer) throw new Error(`unknown assert ${step.assert}`);
  expect(answer()).toEqual(step.value);
}

interface EnableFile {
  readonly yaml: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly steps: readonly EnableStep[] }[];
}

interface EnableStep {
  readonly load?: string;
  readonly call?: string;
  readonly what?: string | readonly string[];
  readonly enabled?: boolean;
  readonly ruleset?: string;
  readonly expect_enabled?: number;
}

function selectionsOf({ call, what = "", enabled }: EnableStep): RuleSelection[] {
  const matchers = [what].flat().map((word) => {
    if (call === "enable_rule_by_tag") return { tag: word };
    if (call === "enable_rule_wildcard") return { rule: word };
    // An empty name is every rule there.
    if (call === "enable_rule_exact" && word !== "") return { rule: word };
    return { contains: word };
  });
  return matchers.map((matcher) => (enabled ? { enable: matcher } : { disable: matcher }));
}

interface Tables {
  readonly rule_name_wildcards: readonly { readonly pattern: string; readonly text: string; readonly match: boolean }[];
  readonly plugin_requirements: readonly {
    readonly plugins: NonNullable<LoadOptions["plugins"]>;
    readonly yaml: string;
    readonly ok: boolean;
  }[];
}
