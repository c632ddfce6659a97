import type { CheckReport } from "../../model/checks/check.ts";
import type { WorkloadReport } from "../../model/images/workload.ts";
import type { RegistryReport } from "../../model/reports/registry-report.ts";
import type { Contents, Report } from "../../model/reports/report.ts";

/** The kinds of reports, each with its type: of `scan`, `sbom`, `check`, `scan --registry` and `ps`. */
export interface ReportKinds {
  readonly scan: Report;
  readonly sbom: Contents;
  readonly check: CheckReport;
  readonly registry: RegistryReport;
  readonly workloads: WorkloadReport;
}

/** The kind of a report. */
export type ReportKind = keyof ReportKinds;

/** Writes a report in pieces. The same report gives the same text. */
export type ReportWriter<Kind extends ReportKind> = (report: ReportKinds[Kind]) => Iterable<string>;

/** A format in which reports can be written. */
export interface ReportFormat {
  /** As `--format` has it. */
  readonly id: string;
  /** Loads the writer for each kind of report that the format supports. */
  readonly writers: { readonly [Kind in ReportKind]?: () => Promise<ReportWriter<Kind>> };
}
