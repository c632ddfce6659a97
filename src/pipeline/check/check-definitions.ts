import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { definitionResult, evaluateDefinitions } from "../../checks/definitions/evaluate-definitions.ts";
import { hostProbe } from "../../checks/definitions/host-probe.ts";
import { loadDefinitions } from "../../checks/definitions/load-definitions.ts";
import { nativeAuditRunner } from "../../checks/definitions/script/run-script.ts";
import type { CheckReport, CheckResult } from "../../model/checks/check.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { openHostView } from "../../sources/host/open-host-view.ts";
import { type CheckPolicy, checkReport } from "./check-report.ts";
import { findFiles, readWhole } from "./find-files.ts";
import { requireFolder } from "./require-folder.ts";

/** Which definitions are evaluated, on which host. */
export interface DefinitionCheckOptions {
  /** The root of the host: `/` when absent. */
  readonly root?: string;
  /** The folder of one benchmark of several: `cis-1.12`. */
  readonly benchmark?: string;
  /** Version of the cluster or the kubelet, by which a benchmark is chosen. */
  readonly kubernetesVersion?: string;
  readonly policy: CheckPolicy;
  readonly signal: AbortSignal;
}

/**
 * Evaluates definitions in the form of kube-bench, docker-bench and linux-bench. Their audits are scripts, and no shell
 * is run: what asks for processes and files in the usual ways is answered from them, all else is a `warn`. Errors:
 * `usage` when no benchmark can be chosen, `target-not-found`.
 */
export async function checkDefinitions(folder: string, options: DefinitionCheckOptions): Promise<CheckReport> {
  const { root = "/", benchmark, kubernetesVersion, policy, signal } = options;
  const problems: Problem[] = [];
  const problem = (one: Problem): void => void problems.push(one);
  const paths = findFiles([folder], { isWanted: (name) => /\.ya?ml$/.test(name), problem });
  const files = paths.flatMap((path) => {
    const bytes = readWhole(path, problem);
    const name = isFolder(folder) ? relative(folder, path).split(sep).join("/") : path;
    return bytes ? [{ path: name, text: bytes.toString("utf8") }] : [];
  });
  requireFolder(root);
  const host = openHostView(root);
  const loaded = await loadDefinitions(files, {
    probe: hostProbe(host),
    ...(benchmark !== undefined && { benchmark }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
  });
  const results: CheckResult[] = [];
  for await (const evaluated of evaluateDefinitions(loaded.controls, { runner: nativeAuditRunner(host) })) {
    signal.throwIfAborted();
    results.push(definitionResult(evaluated));
  }
  const name = loaded.benchmark === undefined ? folder : join(folder, loaded.benchmark);
  return checkReport(
    { target: { kind: "definitions", name }, results, problems: [...problems, ...loaded.problems] },
    policy,
  );
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
