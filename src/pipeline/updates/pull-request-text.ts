import type { Finding } from "../../model/findings/finding.ts";
import type { Proposal } from "./propose-updates.ts";

/** What a pull request of Plimsoll is about, as a comment in its text says. */
export interface RequestMark {
  readonly image: string;
  readonly digest: string;
  /** The commit that Plimsoll pushed. */
  readonly commit: string;
}

const mostFindings = 50;
const mostNames = 30;
const mark = /<!-- plimsoll-update image=(\S{1,600}) digest=(sha\d{3}:[0-9a-f]{64,128}) commit=([0-9a-f]{40,64}) -->/;

/** The title of a pull request for a proposal. */
export function requestTitle({ repository, tag, change }: Proposal): string {
  if (!change) return "";
  return change.step === "digest"
    ? `Update the digest of ${repository}:${change.tag}`
    : `Update ${repository} from ${tag ?? ""} to ${change.tag}`;
}

/** The text of a pull request: what changes, the images that were compared, and a mark for the next run. */
export function requestBody(proposal: Proposal, commit: string): string {
  const { change, comparison, rows } = proposal;
  if (!change || !comparison) return "";
  const { fixed, added, kept, changes, removedPackages, addedPackages } = comparison;
  return [
    `${requestTitle(proposal)}. All images in the table were scanned with Plimsoll.`,
    "",
    "| tag | known exploited | critical | high | medium | low | size | result |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(({ tag, findings, size, result }) => {
      const counts = findings
        ? [findings.knownExploited, findings.critical, findings.high, findings.medium, findings.low]
        : ["", "", "", "", ""];
      return `| ${[code(tag), ...counts, size === undefined ? "" : megabytes(size), plain(result)].join(" | ")} |`;
    }),
    "",
    ...findingLines(`Fixed (${fixed.length})`, fixed),
    ...findingLines(`New (${added.length})`, added),
    `Unchanged findings: ${kept.length}`,
    "",
    ...changes.map((one) => `- Changed ${code(one)}`),
    ...packageLine("Removed packages", removedPackages),
    ...packageLine("Added packages", addedPackages),
    "",
    `Digest: ${code(change.digest)}`,
    "",
    "If this pull request is closed without a merge, this image is not proposed again.",
    "",
    `<!-- plimsoll-update image=${imageOf(proposal)} digest=${change.digest} commit=${commit} -->`,
    "",
  ].join("\n");
}

/** The mark in the text of a pull request. */
export function requestMark(body: string): RequestMark | undefined {
  const [, image, digest, commit] = mark.exec(body) ?? [];
  return image === undefined || digest === undefined || commit === undefined ? undefined : { image, digest, commit };
}

/** The text of a pull request without its mark. */
export function withoutMark(body: string): string {
  return body.replace(mark, "");
}

/** The pull requests that would be opened. */
export function requestPreviews(
  proposals: readonly Proposal[],
): readonly { readonly title: string; readonly body: string }[] {
  return proposals
    .filter(({ change }) => change !== undefined)
    .map((proposal) => ({
      title: requestTitle(proposal),
      body: withoutMark(requestBody(proposal, "0".repeat(40))).trimEnd(),
    }));
}

/** The message of the commit. */
export function commitMessage(proposal: Proposal): string {
  const fixed = proposal.comparison?.fixed ?? [];
  const ids = [...new Set(fixed.map(({ id }) => id))].slice(0, mostFindings);
  return `${requestTitle(proposal)}\n${ids.length > 0 ? `\nFixes ${ids.join(", ")}.\n` : ""}`;
}

/** The image that a proposal is for, as its mark names it. */
export function imageOf({ repository, tag }: Proposal): string {
  return `${repository}${tag === undefined ? "" : `:${tag}`}`;
}

function findingLines(title: string, findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return [];
  const lines = findings.slice(0, mostFindings).map(({ id, severity, package: { name, version } }) => {
    return `- ${severity} ${code(id)} in ${code(`${name} ${version}`)}`;
  });
  const more = findings.length > mostFindings ? [`- and ${findings.length - mostFindings} more`] : [];
  return ["<details>", `<summary>${title}</summary>`, "", ...lines, ...more, "", "</details>", ""];
}

function packageLine(title: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return [`- ${title}: ${names.slice(0, mostNames).map(code).join(", ")}${more}`];
}

/** Text from an image, which cannot end the code mark, mention a person, or be HTML. */
function code(text: string): string {
  return `\`${text.replace(/[`|\p{Cc}]/gu, " ").slice(0, 300)}\``;
}

function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:;()/+-]/gu, " ").slice(0, 300);
}

function megabytes(size: number): string {
  return `${(size / 1_000_000).toFixed(1)} MB`;
}
