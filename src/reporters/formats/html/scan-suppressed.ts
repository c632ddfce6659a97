import type { Finding } from "../../../model/findings/finding.ts";
import type { VexStatement } from "../../../model/findings/vex.ts";
import { untilFixed, type WaivedFinding } from "../../../model/findings/waiver.ts";
import type { SuppressedFinding } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import { dataTable, folded } from "./data-table.ts";
import { vulnerabilityLink } from "./finding-parts.ts";
import { html, type Markup } from "./markup.ts";
import { severityLabel } from "./severity-parts.ts";
import { dayText } from "./texts.ts";
import { sentences } from "./unexamined.ts";

const mostVisible = 10;

/** Findings that do not count, with the statements that say so. */
export function* suppressedParts(suppressed: readonly SuppressedFinding[]): Iterable<Markup> {
  yield html`<p class="lead">Vulnerabilities that match a package and do not count, because a statement of the publisher
or of the user says that the package is not affected or fixed.</p>`;
  const table = dataTable({
    id: "suppressed-table",
    caption: counted(suppressed.length, "suppressed finding"),
    columns: [
      { title: "Severity", width: "small" },
      { title: "Vulnerability", width: "id" },
      { title: "Package", width: "wide" },
      { title: "Statement", width: "wide" },
      { title: "Author", width: "wide" },
    ],
    rows: suppressed.values().map(suppressedRow),
  });
  if (suppressed.length <= mostVisible) yield* table;
  else yield* folded(`Show ${counted(suppressed.length, "suppressed finding")}`, table);
}

/** Findings that waivers of the policy accept, and the waivers without effect. */
export function* waivedParts(waived: readonly WaivedFinding[], idleWaivers: readonly string[]): Iterable<Markup> {
  if (waived.length > 0) {
    const table = dataTable({
      id: "waived-table",
      caption: counted(waived.length, "waived finding"),
      columns: [
        { title: "Severity", width: "small" },
        { title: "Vulnerability", width: "id" },
        { title: "Package", width: "wide" },
        { title: "Reason", width: "wide" },
        { title: "Until", width: "medium" },
        { title: "Owner", width: "medium" },
      ],
      rows: waived.values().map(waivedRow),
    });
    if (waived.length <= mostVisible) yield* table;
    else yield* folded(`Show ${counted(waived.length, "waived finding")}`, table);
  }
  yield sentences("Waivers without effect", idleWaivers);
}

function waivedRow({ finding, waiver }: WaivedFinding): Markup {
  const { severity, score } = finding;
  const { id, reason, until, owner = "" } = waiver;
  const end = until === undefined ? "removed" : until === untilFixed ? "a fix is available" : until;
  return html`<tr><td>${severityLabel(severity, score)}</td><th scope="row">${vulnerabilityLink(finding)}</th>\
<td>${packageText(finding)}</td><td>${reason}<small>waiver for ${id}</small></td><td>${end}</td><td>${owner}</td></tr>
`;
}

function packageText({ package: { name, type, version } }: Finding): Markup {
  return html`${name} <span class="tag">${type}</span><small>installed: ${version}</small>`;
}

function suppressedRow({ finding, by, document, statement }: SuppressedFinding): Markup {
  const { severity, score } = finding;
  const { author, timestamp, status } = statement;
  const day = timestamp === undefined ? "" : `, ${dayText(timestamp)}`;
  const where = document === undefined ? "" : `: ${document}`;
  const reasons = reasonsOf(statement).map((reason) => html`<small>${reason}</small>`);
  return html`<tr><td>${severityLabel(severity, score)}</td><th scope="row">${vulnerabilityLink(finding)}</th>\
<td>${packageText(finding)}</td>\
<td>${words(status)}${reasons}</td>\
<td>${author}${day}<small>${by === "user" ? "statement of the user" : "statement of the publisher"}${where}</small></td></tr>
`;
}

function reasonsOf(statement: VexStatement): readonly string[] {
  const { justification = "", impact_statement: impact, status_notes: notes, action_statement: action } = statement;
  return [words(justification), impact, notes, action].flatMap((text) => (text ? [text] : []));
}

function words(text: string): string {
  return text.replaceAll("_", " ");
}
