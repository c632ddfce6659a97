import type { ChannelFix } from "../../../model/findings/finding.ts";
import { rememberingSchemeOf } from "../../../versions/remembering-scheme.ts";
import { channelOf, isContinuing } from "../ecosystems/channel.ts";
import { entriesAbout, evaluate, evaluateEntries, isMarked, listsVersion } from "./evaluate.ts";
import type { Hit } from "./match-package.ts";
import { versionForEntry } from "./missing-epoch.ts";
import { whyNoVersion } from "./why-no-version.ts";

/**
 * The lowest version above the installed one that none of these records covers, among the versions that they call
 * fixed. With several maintained branches that is the fix of the installed branch. Undefined when there is none, or
 * only one in a channel that the target does not use.
 */
export function fixedVersion(hits: readonly Hit[]): string | undefined {
  const first = hits[0];
  const only = first && hits.length === 1 ? onlyFix(first) : undefined;
  if (only !== undefined) return only;
  return lowestAbove(hits, hits.flatMap(fixesOf)).find((version) => hits.every((hit) => isOutside(hit, version)));
}

/**
 * The fix that a record names whose one entry has one range and does not list it, where no range need be compared
 * again.
 */
function onlyFix({ subject, deciding, evaluation: { entry, lowestFix } }: Hit): string | undefined {
  if (lowestFix === undefined || "reason" in deciding || deciding.unused || deciding.entries.length > 1)
    return undefined;
  if (isMarked(subject.version) || isMarked(lowestFix)) return undefined;
  const { ecosystem } = subject;
  if (whyNoVersion({ ecosystem, version: lowestFix }) !== undefined) return undefined;
  return listsVersion(entry, { ecosystem, version: lowestFix }) ? undefined : lowestFix;
}

function isOutside({ advisory, subject, deciding }: Hit, version: string): boolean {
  const { ecosystem } = subject;
  const isDecidedAlike = !isMarked(subject.version) && !isMarked(version);
  const then = isDecidedAlike
    ? evaluateEntries(deciding, { ecosystem, version })
    : evaluate(advisory, { ...subject, version });
  return then.affected === false;
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

/** Fixes of all deciding entries: where entries overlap, the fix of the one that matched may lie in another. */
function fixesOf({ deciding }: Hit): string[] {
  return "reason" in deciding || deciding.unused ? [] : deciding.entries.flatMap(fixesIn);
}

function fixesIn({ ranges = [] }: Hit["evaluation"]["entry"]): string[] {
  const fixes: string[] = [];
  for (const { events } of ranges) for (const { fixed } of events) if (fixed !== undefined) fixes.push(fixed);
  return fixes;
}

/** Those of the versions that lie above the installed one, lowest first. */
function lowestAbove(hits: readonly Hit[], versions: readonly string[]): string[] {
  const [first] = hits;
  if (versions.length === 0) return [];
  const scheme = first && rememberingSchemeOf(first.subject.ecosystem);
  const installed = first && scheme?.parse(versionForEntry(first.subject.version, first.evaluation.entry));
  if (!scheme || installed === undefined) return [];
  const above: { readonly text: string; readonly version: unknown }[] = [];
  for (const text of new Set(versions)) {
    const version = scheme.parse(text);
    if (version !== undefined && scheme.compare(version, installed) > 0) above.push({ text, version });
  }
  above.sort((a, b) => scheme.compare(a.version, b.version));
  return above.slice(0, mostCandidates).map(({ text }) => text);
}

/** More branches than any project maintains; a bound on what a record can make us do. */
const mostCandidates = 200;
