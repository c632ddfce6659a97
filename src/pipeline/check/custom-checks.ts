import {
  type CustomCheck,
  type CustomCheckKind,
  type CustomObject,
  runnableCheck,
} from "../../checks/expressions/custom/custom-check.ts";
import { readCustomChecks } from "../../checks/expressions/custom/read-custom-checks.ts";
import { type PolicySet, policiesFrom } from "../../checks/expressions/policies/policy-checks.ts";
import type { ManifestResource } from "../../checks/manifests/manifest-resource.ts";
import { readManifests } from "../../checks/manifests/reading/read-manifests.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckResult } from "../../model/checks/check.ts";
import { PlimsollError } from "../../model/error.ts";
import { findFiles, readWhole } from "./find-files.ts";

/** Checks that a user wrote in CEL: policies for manifests, and checks of other facts. */
export interface CustomChecks {
  readonly policies: PolicySet;
  readonly checks: readonly CustomCheck[];
}

/**
 * Reads files and folders of custom checks and policies, as `docs/adding-a-check.md` has them. Errors:
 * `rules-malformed` with all mistakes, `target-not-found`, `target-unreadable`.
 */
export function readCustomFiles(paths: readonly string[]): CustomChecks {
  const checks: CustomCheck[] = [];
  const resources: ManifestResource[] = [];
  const refuse = ({ message, path }: { readonly message: string; readonly path?: string }): never => {
    throw new PlimsollError("rules-malformed", `${path ?? "a file"} cannot be used: ${message}`, {
      hint: "docs/adding-a-check.md describes the format of such a file.",
    });
  };
  const isWanted = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name);
  for (const path of findFiles(paths, { isWanted, problem: refuse })) {
    const bytes = readWhole(path, refuse);
    if (!bytes) continue;
    const own = readCustomChecks(bytes.toString("utf8"), path);
    if (own) checks.push(...own);
    else resources.push(...readManifests(bytes, { path, problem: refuse }).resources);
  }
  return { policies: policiesFrom(resources), checks };
}

/** Runs the custom checks of a kind over the objects of that kind. */
export function runCustomChecks(
  { checks }: CustomChecks,
  { kind, objects }: { readonly kind: CustomCheckKind; readonly objects: readonly CustomObject[] },
): CheckResult[] {
  const runnable = checks.filter((check) => check.kind === kind).map((check) => runnableCheck(check));
  return runChecks(runnable, { objects }, { joinsPasses: true });
}
