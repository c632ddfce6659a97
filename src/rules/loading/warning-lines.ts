import { placesFromOne } from "./load-report.ts";
import type { LoadFinding } from "./rule-set.ts";

const most = 20;

/**
 * The warnings among findings, one line each: file, line from 1, item, what is doubtful. When there are more than 20,
 * the first are shown, and the number of the others.
 */
export function warningLines(findings: readonly LoadFinding[]): readonly string[] {
  const warnings = findings.filter(({ kind }) => kind === "warning");
  const lines = warnings.slice(0, most).map(warningLine);
  return warnings.length > most ? [...lines, `${warnings.length - most} more warnings`] : lines;
}

function warningLine(finding: LoadFinding): string {
  const inFile = placesFromOne(finding).filter(({ itemType }) => itemType !== "condition expression");
  const { file = "", line = 1 } = inFile.at(-1) ?? {};
  const item = inFile.findLast(({ itemName }) => itemName !== "");
  const { deprecatedField, message, code } = finding;
  const field = deprecatedField === undefined ? "" : `field ${deprecatedField} is deprecated: `;
  const subject = item === undefined ? "" : `${item.itemType} '${item.itemName}': `;
  return `${file}:${line}: ${subject}${field}${message === "" ? code : message}`;
}
