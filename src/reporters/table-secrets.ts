import type { Report } from "../model/reports/report.ts";
import { counted } from "../model/text/counted.ts";
import { severities } from "./package-groups.ts";
import { secretPlace } from "./secret-place.ts";
import { paragraph, row, type TableRoom } from "./table-layout.ts";
import { severityStyles } from "./table-package.ts";
import type { Line } from "./terminal-text.ts";

const mostSecrets = 50;

/** The secrets, worst first, each with its place; nothing when none were looked for. */
export function* secretLines(report: Report, { columns, full }: TableRoom): Iterable<Line> {
  const { secrets, waivedSecrets = [] } = report;
  if (!secrets) return;
  const sorted = secrets.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const shown = full ? sorted : sorted.slice(0, mostSecrets);
  const label = { text: "Secrets", style: "bold" } as const;
  const waived = waivedSecrets.length > 0 ? `, ${waivedSecrets.length} waived` : "";
  const count = secrets.length === 0 ? "none found" : counted(secrets.length, "secret");
  yield* paragraph(label, [`${count}${waived}`], { columns });
  for (const secret of shown) {
    yield row({ text: secret.severity, style: severityStyles[secret.severity] }, [
      { text: `${secret.title} `, style: "bold" },
      { text: secret.shape, style: "dim" },
    ]);
    yield* paragraph(undefined, [secretPlace(secret, report)], { columns });
  }
  if (shown.length < sorted.length) {
    const more = `${sorted.length - shown.length} more; all: --no-trunc`;
    yield* paragraph(undefined, [more], { columns, style: "dim" });
  }
}
