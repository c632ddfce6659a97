import type { FileFinding } from "../model/findings/file-finding.ts";
import type { MalwareEngineStatus } from "../model/findings/malware.ts";
import type { Report } from "../model/reports/report.ts";
import { counted } from "../model/text/counted.ts";
import { fileFindingDetail, fileFindingPlace, fileFindingWords } from "./file-finding-text.ts";
import { severities } from "./package-groups.ts";
import { paragraph, row, type TableRoom } from "./table-layout.ts";
import { severityStyles } from "./table-package.ts";
import { type Line, printable } from "./terminal-text.ts";

const mostFindings = 50;

/** The secrets and the malware, worst first, each with its place; nothing of what was not looked for. */
export function* fileFindingLines(report: Report, room: TableRoom): Iterable<Line> {
  const { secrets, malware, waivedSecrets = [], waivedMalware = [] } = report;
  if (malware) {
    yield* linesOf("malware", { found: malware, waived: waivedMalware.length, report, room });
    const engines = (report.malwareEngines ?? []).map(engineText);
    yield* paragraph(undefined, [`looked for with ${engines.join(", ")}`], { columns: room.columns, style: "dim" });
  }
  if (secrets) yield* linesOf("secret", { found: secrets, waived: waivedSecrets.length, report, room });
}

function engineText({ engine, name, signatures, version, builtAt }: MalwareEngineStatus): string {
  const text = printable(name);
  if (engine !== "clamd")
    return `${text} (${engine === "hashes" ? counted(signatures ?? 0, "hash", "hashes") : counted(signatures ?? 0, "rule")})`;
  return builtAt === undefined
    ? `${text} (signatures of unknown age)`
    : `${text} (signatures ${version} of ${builtAt.slice(0, 10)})`;
}

interface FoundInFiles {
  readonly found: readonly FileFinding[];
  readonly waived: number;
  readonly report: Report;
  readonly room: TableRoom;
}

function* linesOf(
  kind: FileFinding["kind"],
  { found, waived, report, room: { columns, full } }: FoundInFiles,
): Iterable<Line> {
  const { heading, unit } = fileFindingWords[kind];
  const sorted = found.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const shown = full ? sorted : sorted.slice(0, mostFindings);
  const label = { text: heading, style: "bold" } as const;
  const count = found.length === 0 ? "none found" : counted(found.length, unit);
  yield* paragraph(label, [`${count}${waived > 0 ? `, ${waived} waived` : ""}`], { columns });
  for (const finding of shown) {
    yield row({ text: finding.severity, style: severityStyles[finding.severity] }, [
      { text: `${printable(finding.title)} `, style: "bold" },
      { text: fileFindingDetail(finding), style: "dim" },
    ]);
    yield* paragraph(undefined, [fileFindingPlace(finding, report)], { columns });
  }
  if (shown.length < sorted.length) {
    const more = `${sorted.length - shown.length} more; all: --no-trunc`;
    yield* paragraph(undefined, [more], { columns, style: "dim" });
  }
}
