import type { ReportFormat, ReportKind, ReportWriter } from "./report-format.ts";
import type { ResultRow } from "./rows/result-row.ts";
import type { RowKind } from "./rows/rows-of.ts";

/** The format for terminals. Its writers need the layout of the terminal, so the commands call them. */
export const tableFormat = "table";

const json = async () => (await import("../json.ts")).jsonText;

/** The writers of a format that is made from rows, for each kind of report. */
function fromRows(load: () => Promise<(rows: Iterable<ResultRow>) => Iterable<string>>): ReportFormat["writers"] {
  const writerOf =
    <Kind extends RowKind>(kind: Kind) =>
    async (): Promise<ReportWriter<Kind>> => {
      const [write, { rowsOf }] = await Promise.all([load(), import("./rows/rows-of.ts")]);
      return (report) => write(rowsOf[kind](report));
    };
  return {
    scan: writerOf("scan"),
    check: writerOf("check"),
    registry: writerOf("registry"),
    workloads: writerOf("workloads"),
  };
}

/** The formats for files and other programs, in the order of the help. Writers are loaded when they are needed. */
export const builtinFormats: readonly ReportFormat[] = [
  { id: "json", writers: { scan: json, check: json, registry: json, workloads: json } },
  {
    id: "sarif",
    writers: {
      scan: async () => (await import("./sarif/sarif.ts")).scanSarif,
      check: async () => (await import("./sarif/sarif.ts")).checkSarif,
      registry: async () => (await import("./sarif/sarif.ts")).registrySarif,
      workloads: async () => (await import("./sarif/sarif.ts")).workloadsSarif,
    },
  },
  {
    id: "csv",
    writers: {
      scan: async () => (await import("./csv/csv.ts")).scanCsv,
      check: async () => (await import("./csv/csv.ts")).checkCsv,
      registry: async () => (await import("./csv/csv.ts")).registryCsv,
      workloads: async () => (await import("./csv/csv.ts")).workloadsCsv,
    },
  },
  {
    id: "junit",
    writers: {
      scan: async () => (await import("./junit/junit.ts")).scanJunit,
      check: async () => (await import("./junit/junit.ts")).checkJunit,
      registry: async () => (await import("./junit/junit.ts")).registryJunit,
      workloads: async () => (await import("./junit/junit.ts")).workloadsJunit,
    },
  },
  {
    id: "cyclonedx",
    writers: {
      scan: async () => (await import("./cyclonedx/cyclonedx.ts")).scanCyclonedx,
      sbom: async () => (await import("./cyclonedx/cyclonedx.ts")).cyclonedx,
    },
  },
  { id: "openvex", writers: { scan: async () => (await import("./openvex/openvex.ts")).scanOpenvex } },
  {
    id: "gitlab",
    writers: {
      scan: async () => (await import("./gitlab/gitlab.ts")).scanGitlab,
      registry: async () => (await import("./gitlab/gitlab.ts")).registryGitlab,
    },
  },
  { id: "dagda", writers: { scan: async () => (await import("./dagda/dagda.ts")).scanDagda } },
  {
    id: "markdown",
    writers: {
      scan: async () => (await import("./markdown/markdown.ts")).scanMarkdown,
      check: async () => (await import("./markdown/markdown.ts")).checkMarkdown,
      registry: async () => (await import("./markdown/markdown.ts")).registryMarkdown,
      workloads: async () => (await import("./markdown/markdown.ts")).workloadsMarkdown,
    },
  },
  {
    id: "html",
    writers: {
      scan: async () => (await import("./html/scan-page.ts")).scanHtml,
      check: async () => (await import("./html/check-page.ts")).checkHtml,
      registry: async () => (await import("./html/registry-page.ts")).registryHtml,
      workloads: async () => (await import("./html/workloads-page.ts")).workloadsHtml,
    },
  },
  { id: "github", writers: fromRows(async () => (await import("./github/github.ts")).githubAnnotations) },
  { id: "slack", writers: fromRows(async () => (await import("./slack/slack.ts")).slackMessage) },
  { id: "teams", writers: fromRows(async () => (await import("./teams/teams.ts")).teamsMessage) },
];

/** The ids of the formats for a kind of report, the table first. */
export function formatsFor(kind: ReportKind): [string, ...string[]] {
  return [tableFormat, ...documentFormatsFor(kind)];
}

/** The ids of the formats for a kind of report, without the table. */
export function documentFormatsFor(kind: ReportKind): readonly string[] {
  return builtinFormats.filter(({ writers }) => writers[kind]).map(({ id }) => id);
}

/** The writer of a format for a kind of report; undefined for the table, and for a format without this kind. */
export async function loadWriter<Kind extends ReportKind>(
  id: string,
  kind: Kind,
): Promise<ReportWriter<Kind> | undefined> {
  return builtinFormats.find((format) => format.id === id)?.writers[kind]?.();
}
