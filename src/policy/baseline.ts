import type { CheckReport, CheckResult } from "../model/checks/check.ts";
import { type FileFinding, type FileFindings, fileFindings } from "../model/findings/file-finding.ts";
import type { Finding } from "../model/findings/finding.ts";
import { parsePackageUrl } from "../model/packages/package-url.ts";
import type { Report } from "../model/reports/report.ts";
import type { Verdict } from "../model/reports/verdict.ts";
import { counted } from "../model/text/counted.ts";

/** An earlier report, whose findings are known and do not count. */
export interface Baseline {
  /** As the user named it. */
  readonly name: string;
  readonly keys: ReadonlySet<string>;
}

/**
 * The baseline of a scan: what counts in its report. A vulnerability stays the same, by any of its ids, in another
 * version of its package at the same paths; a secret stays the same on another line of its file.
 */
export function findingBaseline(report: BaselineReport, name: string): Baseline {
  return {
    name,
    keys: new Set([...report.findings.flatMap(findingKeys), ...fileFindings(report).map(fileFindingKey)]),
  };
}

type BaselineReport = Pick<Report, "findings"> & FileFindings;

/** The baseline of checks: those that failed. A failure stays the same on another line of its file. */
export function checkBaseline({ results }: Pick<CheckReport, "results">, name: string): Baseline {
  return { name, keys: new Set(results.filter(({ state }) => state === "fail").map(checkKey)) };
}

/** The findings that the baseline does not have. */
export function newFindings(findings: readonly Finding[], { keys }: Baseline): readonly Finding[] {
  return findings.filter((finding) => !findingKeys(finding).some((key) => keys.has(key)));
}

/** The secrets or the malware that the baseline does not have. */
export function newFileFindings<One extends FileFinding>(found: readonly One[], { keys }: Baseline): readonly One[] {
  return found.filter((one) => !keys.has(fileFindingKey(one)));
}

/** The results without the failures that the baseline has. */
export function newResults(results: readonly CheckResult[], { keys }: Baseline): readonly CheckResult[] {
  return results.filter((result) => result.state !== "fail" || !keys.has(checkKey(result)));
}

/** The verdict with the number of known findings as its last reason. */
export function withBaseline({ decision, reasons }: Verdict, known: number): Verdict {
  return {
    decision,
    reasons: known > 0 ? [...reasons, `${counted(known, "finding")} already in the baseline`] : reasons,
  };
}

function findingKeys({ id, aliases, package: found }: Finding): string[] {
  const { type, name, namespace } = parsePackageUrl(found.purl) ?? { ...found, namespace: undefined };
  const place = [type, namespace, name, found.name, ...found.paths.toSorted()];
  return [id, ...aliases].map((one) => JSON.stringify([one.toUpperCase(), ...place]));
}

function fileFindingKey(finding: FileFinding): string {
  const what = finding.kind === "malware" ? finding.sha256 : (finding.fingerprint ?? finding.shape);
  return JSON.stringify([finding.kind, finding.rule, finding.path, what]);
}

function checkKey({ id, resource, location }: CheckResult): string {
  return JSON.stringify([id, resource, location?.path]);
}
