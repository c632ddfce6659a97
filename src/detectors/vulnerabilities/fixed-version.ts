import type { ChannelFix } from "../../model/finding.ts";
import { schemeOf } from "../../versions/ecosystems.ts";
import type { VersionScheme } from "../../versions/version-scheme.ts";
import { channelOf, decidingEntries, isContinuing } from "./channel.ts";
import { chosenChannels, entriesAbout, evaluate } from "./evaluate.ts";
import type { Hit } from "./match-package.ts";
import { versionForEntry } from "./missing-epoch.ts";

/**
 * The lowest version above the installed one that none of these records covers, among the versions that they call fixed.
 * With several maintained branches that is the fix of the installed branch. Undefined when there is none, or only one in a
 * channel that the target does not use.
 */
export function fixedVersion(hits: readonly Hit[]): string | undefined {
  return lowestAbove(hits, hits.flatMap(fixesOf)).find((version) =>
    hits.every(({ advisory, subject }) => evaluate(advisory, { ...subject, version }).affected === false),
  );
}

/** The lowest fix above the installed version in a channel that continues the release for those who pay. */
export function channelFix(hits: readonly Hit[]): ChannelFix | undefined {
  const offers = hits.flatMap(({ advisory, subject }) =>
    entriesAbout(advisory, subject).flatMap((entry) => {
      const channel = channelOf(entry);
      return isContinuing(channel) ? fixesIn(entry).map((version) => ({ channel, version })) : [];
    }),
  );
  const [lowest] = lowestAbove(
    hits,
    offers.map(({ version }) => version),
  );
  return offers.find(({ version }) => version === lowest);
}

/** Of every entry that decides: where entries overlap, the fix of the one that matched may lie in another. */
function fixesOf({ advisory, subject }: Hit): string[] {
  const deciding = decidingEntries(entriesAbout(advisory, subject), { ...subject, chosen: chosenChannels(subject) });
  return "reason" in deciding || deciding.unused ? [] : deciding.entries.flatMap(fixesIn);
}

function fixesIn({ ranges = [] }: Hit["evaluation"]["entry"]): string[] {
  return ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed])));
}

/** Those of the versions that lie above the installed one, lowest first. */
function lowestAbove(hits: readonly Hit[], versions: readonly string[]): string[] {
  const [first] = hits;
  const scheme = first && schemeOf(first.subject.ecosystem);
  const installed = first && scheme?.parse(versionForEntry(first.subject.version, first.evaluation.entry));
  if (!scheme || installed === undefined) return [];
  return inOrder(versions, scheme)
    .filter(([, version]) => scheme.compare(version, installed) > 0)
    .slice(0, mostCandidates)
    .map(([text]) => text);
}

function inOrder(versions: readonly string[], scheme: VersionScheme<unknown>): [string, unknown][] {
  const parsed = [...new Set(versions)].flatMap((text): [string, unknown][] => {
    const version = scheme.parse(text);
    return version === undefined ? [] : [[text, version]];
  });
  return parsed.sort(([, a], [, b]) => scheme.compare(a, b));
}

/** More branches than any project maintains; a bound on what a record can make us do. */
const mostCandidates = 200;
