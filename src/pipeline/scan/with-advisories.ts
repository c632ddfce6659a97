import type { KnownFindings } from "../../detectors/vulnerabilities/joining/known-findings.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Contents } from "../../model/reports/report.ts";
import { AdvisoriesOfRun, type AdvisoriesOfRunOptions } from "../database/advisories-of-run.ts";
import { checkSignal, type ExamineOptions, examineTarget } from "./examine-target.ts";

/** What a target is compared with. */
export interface CompareOptions extends ExamineOptions, AdvisoriesOfRunOptions {}

/** A target and the advisories for it, open. */
export interface OpenComparison {
  readonly contents: Contents;
  readonly index: AdvisoryIndex;
  /** Why some advisories are missing that should have been fetched. */
  readonly failures: readonly string[];
  /** What of the advisories leaves the answer about this target open, as {@link AdvisoriesOfRun.prepare} tells. */
  readonly open?: readonly string[];
  /** What was found for targets before this one, in a run over many. */
  readonly known?: KnownFindings | undefined;
}

/**
 * Takes stock of a target, fetches the advisories that it needs and are missing, if that is allowed, and opens them
 * while `use` works.
 *
 * Errors: those of {@link examineTarget}, `database-not-found`, `database-malformed`, `database-outdated`.
 */
export async function withAdvisories<T>(
  text: string,
  options: CompareOptions,
  use: (opened: OpenComparison) => T,
): Promise<T> {
  using advisories = new AdvisoriesOfRun(options);
  const contents = await examineTarget(text, options);
  options.progress?.({ stage: "matching", done: 0, total: 0 });
  checkSignal(options.signal);
  const matches = options.scanners?.includes("vulnerabilities") ?? true;
  const open = matches ? await advisories.prepare(contents) : [];
  return use({ contents, index: advisories.index, failures: advisories.failures, open });
}
