import type { Proposal, ProposalReport, ProposalRow } from "../../../pipeline/updates/propose-updates.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { tableRows } from "../terminal/table-rows.ts";
import { countedSeverities } from "./counted-severities.ts";

const mostNames = 8;
const shortDigest = "sha256:".length + 12;

/** The proposals for people: the change, what it does, and the images that were compared. */
export function proposalText({ proposals, problems }: ProposalReport, width: number): string {
  const changes = proposals.filter(({ change }) => change !== undefined);
  const unchanged = proposals.filter(({ change }) => change === undefined);
  const blocks = [
    ...changes.map((proposal) => changeText(proposal, width)),
    ...(unchanged.length > 0 ? [unchangedText(unchanged, width)] : []),
    ...(problems.length > 0
      ? [problems.map(({ path, message }) => `${printable(path ?? "files")}: ${printable(message)}\n`).join("")]
      : []),
  ];
  const summary = `${changes.length} of ${proposals.length} images have a better tag.\n`;
  return [...blocks, summary].join("\n");
}

function changeText({ repository, tag, references, change, comparison, rows }: Proposal, width: number): string {
  if (!change || !comparison) return "";
  const { fixed, added, kept, changes, removedPackages, addedPackages } = comparison;
  const lines = [
    `${printable(repository)}:${printable(tag ?? "")} → ${printable(change.tag)}@${change.digest.slice(0, shortDigest)} (${change.step})`,
    ...references.map(({ file, line }) => `  ${printable(file)}:${line}`),
    `  fixes ${countedSeverities(fixed)}`,
    `  adds ${countedSeverities(added)}, keeps ${kept.length}`,
    ...packageLine("removed packages", removedPackages),
    ...packageLine("added packages", addedPackages),
    ...changes.map((one) => `  changes ${printable(one)}`),
  ];
  return `${lines.join("\n")}\n${rowTable(rows, width)}`;
}

function packageLine(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > mostNames ? `, and ${names.length - mostNames} more` : "";
  return [`  ${what}: ${names.slice(0, mostNames).map(printable).join(", ")}${more}`];
}

function rowTable(rows: readonly ProposalRow[], width: number): string {
  const cells = rows.map(({ tag, step, findings, size, endOfLife, result }) => [
    `  ${tag}`,
    step,
    ...(findings
      ? [findings.knownExploited, findings.critical, findings.high, findings.medium, findings.low].map(String)
      : ["", "", "", "", ""]),
    size === undefined ? "" : `${(size / 1_000_000).toFixed(1)} MB`,
    endOfLife === true ? `${result}; end of life` : result,
  ]);
  const heading = ["  TAG", "STEP", "EXPLOITED", "CRITICAL", "HIGH", "MEDIUM", "LOW", "SIZE", "RESULT"];
  return tableRows([heading, ...cells], { width, colour: false });
}

function unchangedText(proposals: readonly Proposal[], width: number): string {
  const rows = proposals.map(({ repository, tag, references, skipped, failure }) => {
    const [first] = references;
    const place = first ? `${first.file}:${first.line}` : "";
    return [`${repository}${tag === undefined ? "" : `:${tag}`}`, place, failure ?? skipped ?? "no better tag"];
  });
  return tableRows([["UNCHANGED", "PLACE", "REASON"], ...rows], { width, colour: false });
}
