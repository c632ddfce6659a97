import type { FieldDefinition } from "../../rules/language/field.ts";
import type { LintFinding } from "../../rules/lint/lint-finding.ts";
import { lintRules } from "../../rules/lint/lint-rules.ts";
import { describeRules } from "../../rules/loading/describe-rules.ts";
import { loadReportJson, printLoadReport } from "../../rules/loading/load-report.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import { type RuleLoading, readRules, readValidRules } from "./rule-files.ts";
import { ruleSource, ruleSourceNames } from "./rule-sources.ts";

/**
 * What loading said of each file, and whether all can be used: text for people, or the JSON of Falco. Errors: those of
 * `readRules`.
 */
export function loadReport(
  loading: RuleLoading,
  format: "text" | "json",
): { readonly text: string; readonly isSuccessful: boolean } {
  const { files } = readRules(loading);
  const text =
    format === "json"
      ? `${JSON.stringify(loadReportJson(files), undefined, 2)}\n`
      : files.map((file) => `${printLoadReport(file, { verbose: true, forPeople: true }).trimEnd()}\n`).join("");
  return { text, isSuccessful: files.every(({ isSuccessful }) => isSuccessful) };
}

/** The rules, without those that are switched off unless `all` are wanted. Errors: those of `readValidRules`. */
export function listRules(loading: RuleLoading, { all }: { readonly all: boolean }): readonly Rule[] {
  return readValidRules(loading).rules.filter(({ isEnabled }) => isEnabled || all);
}

/** All facts that Falco prints about rules, macros and lists with `-L`. Errors: those of `readValidRules`. */
export function ruleDescriptions(loading: RuleLoading): unknown {
  return describeRules(readValidRules(loading));
}

/**
 * What {@link ruleDescriptions} has of one rule; undefined when none has that name. Errors: those of `readValidRules`.
 */
export function ruleDescription(name: string, loading: RuleLoading): unknown {
  return describeRules(readValidRules(loading)).rules.find(({ info }) => info["name"] === name);
}

/** Doubtful parts of rules that load. Errors: those of `readValidRules`. */
export function lint(loading: RuleLoading): readonly LintFinding[] {
  const { generation = "head" } = loading;
  return lintRules(readValidRules(loading), { source: (name) => ruleSource(name, generation) });
}

/** The fields of each source, in the order of their catalogues. */
export function fieldsBySource(): readonly { readonly source: string; readonly fields: readonly FieldDefinition[] }[] {
  return ruleSourceNames.map((source) => ({ source, fields: ruleSource(source, "head")?.catalogue.definitions ?? [] }));
}
