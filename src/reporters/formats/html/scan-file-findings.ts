import type { FileFinding } from "../../../model/findings/file-finding.ts";
import type { Report } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { fileFindingDetail, fileFindingPlace, fileFindingWords } from "../../file-finding-text.ts";
import { severities } from "../../package-groups.ts";
import { dataTable } from "./data-table.ts";
import type { PageSection } from "./html-page.ts";
import { html, type Markup } from "./markup.ts";

/** A section for the malware and one for the secrets, each when it was looked for. */
export function fileFindingSections(report: Report): readonly PageSection[] {
  const { malware, secrets } = report;
  return [
    ...(malware ? [sectionOf("malware", malware, report)] : []),
    ...(secrets ? [sectionOf("secret", secrets, report)] : []),
  ];
}

function sectionOf(kind: FileFinding["kind"], found: readonly FileFinding[], report: Report): PageSection {
  const { heading } = fileFindingWords[kind];
  const id = heading.toLowerCase();
  return { id, heading, count: readableNumber(found.length), body: partsOf(kind, found, report) };
}

/** The findings, worst first; a sentence when there are none. */
function* partsOf(kind: FileFinding["kind"], found: readonly FileFinding[], report: Report): Iterable<Markup> {
  const { heading, unit, detail } = fileFindingWords[kind];
  if (found.length === 0) {
    yield html`<p class="good-notice">No ${heading.toLowerCase()} found.</p>`;
    return;
  }
  const sorted = found.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  yield* dataTable({
    ...{ id: `${kind}-table`, caption: counted(found.length, unit) },
    columns: [
      { title: "Severity", width: "medium" },
      { title: "Name", width: "wide" },
      { title: `${detail[0]?.toUpperCase()}${detail.slice(1)}`, width: "medium" },
      { title: "Place", width: "wide" },
    ],
    rows: sorted.map(
      (finding) => html`<tr><td>${finding.severity}</td><td>${finding.title}</td>
<td class="code">${fileFindingDetail(finding)}</td><td class="code">${fileFindingPlace(finding, report)}</td></tr>
`,
    ),
  });
}
