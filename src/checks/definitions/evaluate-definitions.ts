import type { CheckResult, CheckState, Evidence } from "../../model/checks/check.ts";
import type { CheckDefinition, Controls, DefinitionGroup } from "./definition.ts";
import { type AuditRunner, constraintsHold, type DefinitionOutcome, runDefinition } from "./run-definition.ts";

/** Which checks are run: all unless given. */
export interface DefinitionChoice {
  /** Ids; checks of other groups are left out. */
  readonly groups?: readonly string[];
  readonly checks?: readonly string[];
  readonly scored?: boolean;
  readonly unscored?: boolean;
}

/** What definitions are evaluated with. */
export interface EvaluateDefinitionsOptions {
  readonly runner: AuditRunner;
  readonly choice?: DefinitionChoice;
  /** Ids of groups and checks that are reported as skipped. */
  readonly skip?: readonly string[];
  /** By key, what the user declares for `constraints` of linux-bench: `platform` to `ubuntu`. */
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
}

/** One check of a definition file with its outcome in the words of its own engine. */
export interface EvaluatedDefinition {
  readonly controls: Controls;
  readonly group: DefinitionGroup;
  readonly check: CheckDefinition;
  readonly outcome: DefinitionOutcome;
}

const longestValue = 500;

/** Runs the chosen checks in their order, one after the other. */
export async function* evaluateDefinitions(
  files: readonly Controls[],
  { runner, choice = {}, skip = [], constraints = {} }: EvaluateDefinitionsOptions,
): AsyncGenerator<EvaluatedDefinition> {
  for (const controls of files) {
    for (const group of controls.groups) {
      const left = group.type === "skip" || skip.includes(group.id) || !constraintsHold(group.constraints, constraints);
      for (const original of group.checks) {
        if (!isChosen(choice, { group, check: original })) continue;
        const check = left || skip.includes(original.id) ? { ...original, type: "skip" } : original;
        const outcome =
          (check.type === "skip" ? undefined : outcomeWithoutRun(controls, check)) ??
          (await runDefinition(check, { dialect: controls.dialect, runner, constraints }));
        yield { controls, group, check, outcome };
      }
    }
  }
}

/** True when a check is among the chosen ones. Source: kube-bench, `cmd/common.go`, `NewRunFilter`. */
export function isChosen(
  { groups, checks, scored = true, unscored = true }: DefinitionChoice,
  {
    group,
    check,
  }: { readonly group: Pick<DefinitionGroup, "id">; readonly check: Pick<CheckDefinition, "id" | "scored"> },
): boolean {
  if (groups && !groups.includes(group.id)) return false;
  if (checks && !checks.includes(check.id)) return false;
  return check.scored ? scored : unscored;
}

/**
 * The result of a check of a definition file. A failure because a script failed is `warn` here: the setting was not
 * examined. What it calls a warning is `manual` when only a person can tell, and a failure of low severity when an
 * unscored test did not pass.
 */
export function definitionResult({ controls, check, outcome }: EvaluatedDefinition): CheckResult {
  const { state, reason } = stateOf(outcome, check);
  return {
    id: check.id,
    state,
    severity: check.scored ? "medium" : "low",
    title: check.text.replace(/\s+/g, " ").trim() || check.id,
    ...(controls.type !== "" && { resource: controls.type }),
    location: check.location,
    evidence: evidenceOf(outcome, check),
    ...(reason !== undefined && { reason }),
    remediation: outcome.remediation.trim(),
    mappings: [{ framework: controls.version || controls.text || controls.path, id: check.id }],
  };
}

function outcomeWithoutRun(controls: Controls, check: CheckDefinition): DefinitionOutcome | undefined {
  const empty = { actualValue: "", expectedResult: "", remediation: check.remediation, items: [] };
  if (controls.absent !== undefined) return { ...empty, state: "INFO", reason: controls.absent };
  if (check.refused === undefined) return undefined;
  return { ...empty, state: "UNAVAILABLE", reason: `the definition cannot be used: ${check.refused}` };
}

function stateOf(
  outcome: DefinitionOutcome,
  check: CheckDefinition,
): { readonly state: CheckState; readonly reason?: string } {
  const { reason } = outcome;
  switch (outcome.state) {
    case "PASS":
      return { state: "pass" };
    case "INFO":
      return { state: "not-applicable", reason: reason || "the definition is skipped" };
    case "UNAVAILABLE":
      return { state: "warn", reason };
    case "FAIL":
    case "WARN":
      if (outcome.items.length > 0) return { state: "fail" };
      if (check.type === "manual") return { state: "manual", reason: "the definition requires a manual review" };
      if (reason.startsWith("failed to run")) return { state: "warn", reason: shortened(reason) };
      return { state: "manual", reason: reason || "the definition has no test" };
  }
}

function evidenceOf(outcome: DefinitionOutcome, check: CheckDefinition): Evidence[] {
  if (outcome.items.length > 0) {
    return outcome.items.map(({ subject, found, value, expected }) => ({
      subject,
      ...(found && { value: printable(subject, value) }),
      expected: shortened(expected),
    }));
  }
  const script = check.audit.trim();
  return outcome.state === "UNAVAILABLE" && script !== "" ? [{ subject: "audit", value: shortened(script) }] : [];
}

/** A value as it may be shown: of what is named like a secret only its length. */
function printable(subject: string, value: string): string {
  const isSecret = /pass(?:word|wd|phrase)|secret|token|credential|api[-_]?key/i.test(subject);
  if (isSecret && !/^(?:true|false|[/.].*|\d{1,6})$/i.test(value)) return `(${value.length} characters)`;
  return shortened(value);
}

function shortened(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
