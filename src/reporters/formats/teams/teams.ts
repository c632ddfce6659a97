import { harmlessJson } from "../../json.ts";
import { digestLines, digestOf, digestTitle, findingLine, shortLine } from "../rows/digest.ts";
import type { ResultRow } from "../rows/result-row.ts";

/** So that the message stays below the 28 KB that Teams accepts. */
const mostFindings = 8;

/**
 * A message for a workflow webhook of Microsoft Teams, as an Adaptive Card. Its texts are text runs, which have no
 * Markdown, so that nothing in a report formats or links.
 */
export function* teamsMessage(rows: Iterable<ResultRow>): Iterable<string> {
  const digest = digestOf(rows, { most: mostFindings });
  const findings = digest.worst.map(findingLine);
  const more = digest.findings - findings.length;
  if (more > 0) findings.push(`and ${more} more`);
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body: [
      block(shortLine(digestTitle(digest)), { size: "large", weight: "bolder" }),
      ...digestLines(digest).map((line) => block(line)),
      ...findings.map((line) => block(line, { fontType: "monospace" })),
    ],
  };
  const attachments = [{ contentType: "application/vnd.microsoft.card.adaptive", content }];
  yield `${harmlessJson(JSON.stringify({ type: "message", attachments }, null, 2))}\n`;
}

function block(text: string, style: Readonly<Record<string, string>> = {}): object {
  return { type: "RichTextBlock", inlines: [{ type: "TextRun", text, ...style }] };
}
