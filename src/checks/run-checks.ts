import type { CheckResult } from "../model/checks/check.ts";
import { PlimsollError } from "../model/error.ts";
import type { Check, CheckDescription, Observation } from "./check.ts";
import { titleFor } from "./check-title.ts";

/**
 * Runs checks over the same facts, in their order. A check whose facts could not be collected, or have not the form
 * that they should have, is a `warn` with the reason; one that finds nothing of its kind is `not-applicable`. With
 * `joinsPasses` a check that passed for several resources is one result that counts them, as for the thousands of a
 * repository.
 */
export function runChecks<Facts extends object>(
  checks: Iterable<Check<Facts>>,
  facts: Facts,
  { joinsPasses = false }: { readonly joinsPasses?: boolean } = {},
): CheckResult[] {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const missing = check.needs.flatMap((need) => reasonOf(facts[need]) ?? []);
    if (missing.length > 0) {
      results.push(resultOf(check, { state: "warn", evidence: [], reason: [...new Set(missing)].join("; ") }));
      continue;
    }
    let isEmpty = true;
    let passed = 0;
    for (const observation of observationsOf(check, facts)) {
      isEmpty = false;
      if (joinsPasses && observation.state === "pass") passed++;
      else results.push(resultOf(check, observation));
    }
    if (passed > 0) {
      results.push(
        resultOf(check, {
          state: "pass",
          evidence: [],
          reason: `for ${passed} ${passed === 1 ? "resource" : "resources"}`,
        }),
      );
    }
    if (isEmpty) {
      results.push(resultOf(check, { state: "not-applicable", evidence: [], reason: "nothing to check" }));
    }
  }
  return results;
}

/** What a check saw. Facts may come from an edited file: then one check says so, and the others go on. */
function* observationsOf<Facts extends object>(check: Check<Facts>, facts: Facts): Iterable<Observation> {
  try {
    yield* check.evaluate(facts);
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    yield {
      state: "warn",
      evidence: [],
      reason: `the facts do not have the format that the check expects: ${message}`,
    };
  }
}

/** The result of an observation of a check. */
function resultOf(check: CheckDescription, observation: Observation): CheckResult {
  const { id, severity, title, remediation, mappings } = check;
  return { id, severity, title: titleFor(title, observation.state), remediation, mappings, ...observation };
}

/** Why a fact is not there; `undefined` when it is, and for facts that are always there. */
function reasonOf(fact: unknown): string | undefined {
  if (typeof fact !== "object" || fact === null || !("unavailable" in fact)) return undefined;
  return typeof fact.unavailable === "string" ? fact.unavailable : undefined;
}
