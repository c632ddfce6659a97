import { basename, sep } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Check } from "../../checks/check.ts";
import { manifestObjects } from "../../checks/expressions/custom/manifest-objects.ts";
import { policyChecks } from "../../checks/expressions/policies/policy-checks.ts";
import { manifestChecks } from "../../checks/manifests/manifest-checks.ts";
import type { ManifestFacts } from "../../checks/manifests/manifest-resource.ts";
import { emptyTemplates, emptyTemplatesText } from "../../checks/manifests/reading/chart-templates.ts";
import { chartFolders, filesToRender, manifestTreeSteps } from "../../checks/manifests/reading/manifest-tree-steps.ts";
import { withoutCovered } from "../../checks/pod-security/covered-failures.ts";
import { podSecurityChecks } from "../../checks/pod-security/pod-security-checks.ts";
import {
  isPodSecurityLevel,
  type PodSecurityPolicy,
  parsePodSecurityPolicy,
} from "../../checks/pod-security/pod-security-policy.ts";
import { newestPodSecurityVersion } from "../../checks/pod-security/pod-security-rules.ts";
import { runChecks } from "../../checks/run-checks.ts";
import { TemporaryFolder } from "../../io/files/temporary-folder.ts";
import type { CheckReport, CheckResult } from "../../model/checks/check.ts";
import type { InlineWaiver } from "../../model/checks/inline-waiver.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { applyInlineWaivers } from "../../policy/check-waivers.ts";
import { renderChart } from "../../sources/manifests/render-chart.ts";
import { type CheckPolicy, checkReport, dayOf, isWanted } from "./check-report.ts";
import { type CustomChecks, runCustomChecks } from "./custom-checks.ts";
import { findFiles, readStdin, readWhole } from "./find-files.ts";
import { readEnvironment } from "./read-environment.ts";

const stepsOfTurn = 10;

/** Options for checks of manifests. */
export interface ManifestCheckOptions {
  /** `restricted@1.29`; `baseline` when absent. */
  readonly podSecurity?: string;
  /** Files without Kubernetes objects or Compose files alone are not a problem. */
  readonly allowsOtherFiles?: boolean;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly custom: CustomChecks;
  /** Where `helm` is looked for, as `PATH`. */
  readonly searchPath: string;
  readonly policy: CheckPolicy;
  readonly signal: AbortSignal;
}

/**
 * Checks Kubernetes manifests and Compose files at these paths, kustomizations as they patch, charts as `helm` renders
 * them when it is there; `-` is stdin. Errors: `usage` for no such standard, `target-not-found`, `limit-exceeded`.
 */
export async function checkManifests(paths: readonly string[], options: ManifestCheckOptions): Promise<CheckReport> {
  const standard = podSecurityOf(options.podSecurity ?? "baseline");
  const { custom, policy } = options;
  const problems: Problem[] = [];
  const problem = (one: Problem): void => void problems.push(one);
  const files = await manifestFiles(paths, options.stdin, problem);
  const renderedCharts = await renderCharts(files, { ...options, problem });
  const reading = { problem, renderedCharts, readEnvironment: (path: string) => readEnvironment(path, problem) };
  const facts = await inTurns(manifestTreeSteps(files, reading), options.signal);
  const { resources, compose } = facts;
  if (!options.allowsOtherFiles && resources.length + compose.length + problems.length === 0) {
    problem({ code: "not-examined", message: "no Kubernetes objects or Compose files found" });
  }
  const checks = [...podSecurityChecks(standard), ...manifestChecks, ...policyChecks(custom.policies)];
  const results = [
    ...(await inTurns(checkSteps(checks, facts), options.signal)),
    ...runCustomChecks(custom, { kind: "manifest", objects: manifestObjects(resources) }),
  ];
  // A check that is not wanted covers nothing, and stays for the policy to leave out.
  const [wanted, unwanted] = [true, false].map((is) => results.filter(({ id }) => isWanted(id, policy) === is));
  const waivers = waiversByPath([...resources, ...compose]);
  const examined = { files: files.size, resources: resources.length, composeFiles: compose.length };
  return checkReport(
    {
      target: { kind: "manifests", name: paths.join(" "), examined },
      results: [
        ...applyInlineWaivers(withoutCovered(wanted ?? []), {
          waivers,
          today: dayOf(policy.now),
          isRefused: policy.refusesInlineWaivers,
        }),
        ...(unwanted ?? []),
      ],
      problems,
    },
    policy,
  );
}

/** Runs steps to their end, and lets the signal end them in between: all of this work would otherwise be one turn. */
async function inTurns<T>(steps: Iterator<undefined, T>, signal: AbortSignal): Promise<T> {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (count % stepsOfTurn !== 0) continue;
    await turn();
    signal.throwIfAborted();
  }
}

function* checkSteps(
  checks: readonly Check<ManifestFacts>[],
  facts: ManifestFacts,
): Generator<undefined, CheckResult[]> {
  const results: CheckResult[][] = [];
  for (const check of checks) {
    results.push(runChecks([check], facts, { joinsPasses: true }));
    yield undefined;
  }
  return results.flat();
}

/** The files by their paths with slashes. */
async function manifestFiles(
  paths: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
  problem: (problem: Problem) => void,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const input = paths.includes("-") ? await readStdin(stdin, problem) : undefined;
  if (input) files.set("stdin", input);
  const isWanted = (name: string): boolean => /\.(?:ya?ml|json)$|^Kustomization$/i.test(basename(name));
  const named = paths.filter((name) => name !== "-");
  for (const path of findFiles(named, { isWanted, problem })) {
    const bytes = readWhole(path, problem);
    if (bytes) files.set(path.split(sep).join("/"), bytes);
  }
  return files;
}

/**
 * Adds to the files what each chart gives, under the name of its folder; the folders of those that could be rendered.
 */
async function renderCharts(
  files: Map<string, Uint8Array>,
  {
    searchPath,
    problem,
    signal,
  }: Pick<ManifestCheckOptions, "searchPath" | "signal"> & {
    readonly problem: (problem: Problem) => void;
  },
): Promise<ReadonlySet<string>> {
  const folders = chartFolders(files.keys());
  const rendered = new Set<string>();
  if (folders.length === 0) return rendered;
  using home = folderForHelm(folders, problem);
  const paths = filesToRender(files);
  const kubernetes = `1.${newestPodSecurityVersion}.0`;
  for (const folder of folders) {
    const text = home && (await renderChart(folder, { searchPath, home: home.path, kubernetes, problem, signal }));
    // A chart that could not be rendered is a problem already, and needs no second one.
    rendered.add(folder);
    if (text === undefined) continue;
    files.set(`${folder} (rendered)`, Buffer.from(text));
    const empty = emptyTemplates(folder, { paths, rendered: text });
    if (empty.length > 0) problem({ code: "not-examined", message: emptyTemplatesText(empty), path: folder });
  }
  return rendered;
}

/** Undefined, and a problem of each chart, where none can be made. */
function folderForHelm(charts: readonly string[], problem: (problem: Problem) => void): TemporaryFolder | undefined {
  try {
    return new TemporaryFolder("plimsoll-helm-");
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    const message = `it is a Helm chart, but helm cannot be run: ${error.message}. ${error.hint ?? ""}`.trim();
    for (const path of charts) problem({ code: "not-examined", message, path });
    return undefined;
  }
}

function waiversByPath(
  parts: readonly { readonly path: string | undefined; readonly waivers: readonly InlineWaiver[] }[],
): ReadonlyMap<string, readonly InlineWaiver[]> {
  const byPath = new Map<string, InlineWaiver[]>();
  // All resources of one document have the same ones.
  const seen = new Set<readonly InlineWaiver[]>();
  for (const { path, waivers } of parts) {
    if (path === undefined || seen.has(waivers)) continue;
    seen.add(waivers);
    const known = byPath.get(path);
    if (known) known.push(...waivers);
    else byPath.set(path, [...waivers]);
  }
  return byPath;
}

function podSecurityOf(text: string): PodSecurityPolicy {
  const policy = parsePodSecurityPolicy(text);
  if (policy) return policy;
  const [level = "", version] = text.split(/[@:]/, 2);
  const isLevel = version !== undefined && isPodSecurityLevel(level);
  const named = JSON.stringify(isLevel && version !== "" ? version : text);
  const what = isLevel
    ? version === ""
      ? "has no version"
      : "is not a Kubernetes version"
    : "is not a Pod Security Standard";
  throw new PlimsollError("usage", `${named} ${what}`, {
    hint: "Use baseline, restricted or privileged, optionally with a version: restricted@1.29.",
  });
}
