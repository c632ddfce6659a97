import { harmlessJson } from "../../json.ts";
import { digestLines, digestOf, digestTitle, findingLine } from "../rows/digest.ts";
import type { ResultRow } from "../rows/result-row.ts";

const mostFindings = 8;
/** Slack's limits for the text of a header and of a section. */
const longestHeader = 150;
const longestText = 3000;

/**
 * A message for an incoming webhook of Slack, in Block Kit. Its texts are plain, so that nothing in a report formats,
 * links or mentions.
 */
export function* slackMessage(rows: Iterable<ResultRow>): Iterable<string> {
  const digest = digestOf(rows, { most: mostFindings });
  const title = cut(digestTitle(digest), longestHeader);
  const lines = digestLines(digest);
  const findings = digest.worst.map(findingLine);
  const more = digest.findings - findings.length;
  if (more > 0) findings.push(`and ${more} more`);
  const message = {
    text: escaped(title),
    blocks: [
      { type: "header", text: plain(title) },
      ...[lines, findings].filter(({ length }) => length > 0).map((some) => section(some)),
    ],
  };
  yield `${harmlessJson(JSON.stringify(message, null, 2))}\n`;
}

function section(lines: readonly string[]): object {
  return { type: "section", text: plain(cut(lines.join("\n"), longestText)) };
}

function plain(text: string): object {
  return { type: "plain_text", text, emoji: false };
}

/** The text of the notification is Slack's markup. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}
