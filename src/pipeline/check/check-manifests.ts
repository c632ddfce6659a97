import { buffer } from "node:stream/consumers";
import { manifestChecks } from "../../checks/manifests/manifest-checks.ts";
import type { ComposeFile, ManifestResource } from "../../checks/manifests/manifest-resource.ts";
import { readManifests } from "../../checks/manifests/read-manifests.ts";
import { podSecurityChecks } from "../../checks/pod-security/pod-security-checks.ts";
import { type PodSecurityPolicy, parsePodSecurityPolicy } from "../../checks/pod-security/pod-security-policy.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport } from "../../model/check.ts";
import { PlimsollError } from "../../model/error.ts";
import type { InlineWaiver } from "../../model/inline-waiver.ts";
import type { Problem } from "../../model/problem.ts";
import { applyInlineWaivers } from "../../policy/check-waivers.ts";
import { type CheckPolicy, checkReport } from "./check-report.ts";
import { findFiles, readWhole } from "./find-files.ts";

/** What is checked of manifests. */
export interface ManifestCheckOptions {
  /** `restricted@1.29`; `baseline` when absent. */
  readonly podSecurity?: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly policy: CheckPolicy;
}

/**
 * Checks Kubernetes manifests and Compose files at these paths; `-` is stdin. Errors: `usage` for no such standard, `target-not-found`,
 * `limit-exceeded`.
 */
export async function checkManifests(paths: readonly string[], options: ManifestCheckOptions): Promise<CheckReport> {
  const standard = podSecurityOf(options.podSecurity ?? "baseline");
  const problems: Problem[] = [];
  const problem = (one: Problem): void => void problems.push(one);
  const resources: ManifestResource[] = [];
  const compose: ComposeFile[] = [];
  for await (const { path, bytes } of manifestFiles(paths, options.stdin, problem)) {
    const read = readManifests(bytes, { path, problem });
    resources.push(...read.resources);
    compose.push(...read.compose);
  }
  const facts = { resources, compose };
  const results = runChecks([...podSecurityChecks(standard), ...manifestChecks], facts, { joinsPasses: true });
  const today = options.policy.now.toISOString().slice(0, 10);
  return checkReport(
    {
      target: { kind: "manifests", name: paths.join(" ") },
      results: applyInlineWaivers(results, { waivers: waiversByPath([...resources, ...compose]), today }),
      problems,
    },
    options.policy,
  );
}

async function* manifestFiles(
  paths: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
  problem: (problem: Problem) => void,
): AsyncGenerator<{ readonly path: string; readonly bytes: Uint8Array }> {
  if (paths.includes("-")) yield { path: "stdin", bytes: await buffer(stdin) };
  const isWanted = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name);
  for (const path of findFiles(
    paths.filter((name) => name !== "-"),
    { isWanted, problem },
  )) {
    const bytes = readWhole(path, problem);
    if (bytes) yield { path, bytes };
  }
}

function waiversByPath(
  parts: readonly { readonly path: string | undefined; readonly waivers: readonly InlineWaiver[] }[],
): ReadonlyMap<string, readonly InlineWaiver[]> {
  const byPath = new Map<string, InlineWaiver[]>();
  for (const { path, waivers } of parts) {
    if (path === undefined || waivers.length === 0) continue;
    const known = byPath.get(path);
    if (known) known.push(...waivers);
    else byPath.set(path, [...waivers]);
  }
  return byPath;
}

function podSecurityOf(text: string): PodSecurityPolicy {
  const policy = parsePodSecurityPolicy(text);
  if (policy) return policy;
  throw new PlimsollError("usage", `${JSON.stringify(text)} is no Pod Security Standard`, {
    hint: "Write baseline, restricted, or one of a version: restricted@1.29.",
  });
}
