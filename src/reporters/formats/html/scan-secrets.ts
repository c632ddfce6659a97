import type { SecretFinding } from "../../../model/findings/secret.ts";
import type { Report } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import { severities } from "../../package-groups.ts";
import { secretPlace } from "../../secret-place.ts";
import { dataTable } from "./data-table.ts";
import { html, type Markup } from "./markup.ts";

/** The secrets, worst first; a sentence when there are none. */
export function* secretParts(secrets: readonly SecretFinding[], report: Report): Iterable<Markup> {
  if (secrets.length === 0) {
    yield html`<p class="good-notice">No secrets were found.</p>`;
    return;
  }
  const sorted = secrets.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  yield* dataTable({
    ...{ id: "secret-table", caption: counted(secrets.length, "secret") },
    columns: [
      { title: "Severity", width: "medium" },
      { title: "Secret", width: "wide" },
      { title: "Value", width: "medium" },
      { title: "Place", width: "wide" },
    ],
    rows: sorted.map(
      (secret) => html`<tr><td>${secret.severity}</td><td>${secret.title}</td><td class="code">${secret.shape}</td>
<td class="code">${secretPlace(secret, report)}</td></tr>
`,
    ),
  });
}
