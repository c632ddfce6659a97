import type { AuditDefinition, CheckDefinition, Controls } from "./definition.ts";
import { type AuditOutputs, type ItemJudgement, judgeOutput } from "./judge-output.ts";

/** What a script wrote; `error` when it did not end with 0: `exit status 1`. */
export interface AuditOutput {
  /** Standard output and standard error as they came. */
  readonly output: string;
  readonly error?: string;
}

/** Gives the output of a script, or the reason why there is none. It rejects only for a cancelled run. */
export type AuditRunner = (script: string) => Promise<AuditOutput | { readonly unavailable: string }>;

/** The states of kube-bench. `UNAVAILABLE` is ours: a script could not be run, so nothing can be said. */
export type DefinitionState = "PASS" | "FAIL" | "WARN" | "INFO" | "UNAVAILABLE";

/** How a check of a definition file came out. */
export interface DefinitionOutcome {
  readonly state: DefinitionState;
  /** The output that the first test item looked at. May hold more than the check is about. */
  readonly actualValue: string;
  /** What would pass, in the words of kube-bench. */
  readonly expectedResult: string;
  /** Empty when the tests alone tell. */
  readonly reason: string;
  /** The remediation of the sub-check that was taken, else of the check. */
  readonly remediation: string;
  readonly items: readonly ItemJudgement[];
}

/** What a check is run with. */
export interface RunDefinitionOptions {
  readonly dialect: Controls["dialect"];
  readonly runner: AuditRunner;
  /** By key, what the user declares: `platform` to `rhel7`. Without it no sub-check holds, as upstream. */
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Runs one check: decides by its type, else runs its scripts and judges what they wrote. A script that fails fails a
 * scored check in files of kube-bench, and is only what it wrote in those of docker-bench and linux-bench.
 *
 * Sources: kube-bench, `check/check.go` `run`; bench-common, `check/check.go` `Run`.
 */
export async function runDefinition(
  check: CheckDefinition,
  { dialect, runner, constraints = {} }: RunDefinitionOptions,
): Promise<DefinitionOutcome> {
  const decided = decidedByType(check, dialect);
  if (decided) return decided;
  const definition = check.subChecks === undefined ? check : firstThatHolds(check.subChecks, constraints);
  if (definition === undefined) return outcome(check, "WARN", "no sub-check has constraints that match this host");
  if (definition.type === "manual") return outcome(definition, "WARN", "Test marked as a manual test");
  if (definition.type === "skip") return outcome(definition, "INFO", "Test marked as skip");
  const unmet = check.scored ? "FAIL" : "WARN";
  if (definition.tests === undefined || definition.tests.items.length === 0) {
    return outcome(definition, dialect === "kube-bench" ? unmet : "WARN", "No tests defined");
  }
  const outputs = await runScripts(definition, { runner, dialect });
  if ("unavailable" in outputs) return outcome(definition, "UNAVAILABLE", outputs.unavailable);
  if ("error" in outputs) return outcome(definition, unmet, outputs.error);
  const judgement = judgeOutput(definition, outputs, { dialect, useMultipleValues: check.useMultipleValues });
  if (!judgement.passes && outputs.missing !== undefined && judgement.items.some(({ item }) => item.env !== "")) {
    return outcome(definition, "UNAVAILABLE", outputs.missing);
  }
  return {
    state: judgement.passes ? "PASS" : unmet,
    actualValue: judgement.actual,
    expectedResult: judgement.expected,
    reason: "",
    remediation: definition.remediation,
    items: judgement.items,
  };
}

function decidedByType(check: CheckDefinition, dialect: Controls["dialect"]): DefinitionOutcome | undefined {
  if (dialect === "kube-bench" && check.scored && check.type === "" && check.tests === undefined) {
    return outcome(check, "WARN", "There are no tests");
  }
  if (check.type === "skip") return outcome(check, "INFO", "Test marked as skip");
  if (check.type === "manual") return outcome(check, "WARN", "Test marked as a manual test");
  if (dialect === "bench-common" && check.tests === undefined && check.subChecks === undefined) {
    return outcome(check, "WARN", "There are no test items");
  }
  return undefined;
}

/** The first sub-check of which every constraint has a declared value. */
function firstThatHolds(
  subChecks: readonly AuditDefinition[],
  declared: Readonly<Record<string, readonly string[]>>,
): AuditDefinition | undefined {
  return subChecks.find(({ constraints }) => constraintsHold(constraints, declared));
}

/** True when for every key one of the values is declared. */
export function constraintsHold(
  constraints: Readonly<Record<string, readonly string[]>>,
  declared: Readonly<Record<string, readonly string[]>>,
): boolean {
  return Object.entries(constraints).every(([key, values]) => {
    const known = Object.hasOwn(declared, key) ? (declared[key] ?? []) : [];
    return values.some((value) => known.includes(value));
  });
}

type Scripts =
  | (AuditOutputs & { readonly missing?: string })
  | { readonly error: string }
  | { readonly unavailable: string };

async function runScripts(
  { audit, auditConfig, auditEnv }: AuditDefinition,
  { runner, dialect }: { readonly runner: AuditRunner; readonly dialect: Controls["dialect"] },
): Promise<Scripts> {
  const isStrict = dialect === "kube-bench";
  const env = await runScript(auditEnv, runner);
  if ("output" in env && env.error !== undefined && isStrict) return { error: failure(auditEnv, env) };
  const main = await runScript(audit, runner);
  if ("unavailable" in main) return main;
  if (main.error !== undefined && isStrict) return { error: failure(audit, main) };
  const config = await runScript(auditConfig, runner);
  if ("unavailable" in config) return config;
  const envOutput = "output" in env ? env.output : "";
  let configOutput = config.output;
  if (config.error !== undefined && isStrict) {
    // A configuration file that is not there is no failure where the command line or the environment tell something.
    const isAbsent = /exit status 127|No such file or directory/.test(failure(auditConfig, config));
    if (!isAbsent || (envOutput === "" && main.output === "")) return { error: failure(auditConfig, config) };
    configOutput = "";
  }
  return {
    audit: main.output,
    auditConfig: configOutput,
    auditEnv: envOutput,
    ...("unavailable" in env && { missing: env.unavailable }),
  };
}

async function runScript(script: string, runner: AuditRunner): ReturnType<AuditRunner> {
  const clean = script.trim();
  return clean === "" ? { output: "" } : await runner(clean);
}

function failure(script: string, { output, error }: AuditOutput): string {
  return `failed to run: ${JSON.stringify(script.trim())}, output: ${JSON.stringify(output)}, error: ${error}`;
}

function outcome(definition: AuditDefinition, state: DefinitionState, reason: string): DefinitionOutcome {
  return { state, actualValue: "", expectedResult: "", reason, remediation: definition.remediation, items: [] };
}
