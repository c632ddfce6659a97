import { schemeOf } from "../../versions/ecosystems.ts";
import { entriesAbout, evaluate } from "./evaluate.ts";
import type { Hit } from "./match-package.ts";

/**
 * The lowest version above the installed one that none of these records covers, among the versions that they call fixed.
 * With several maintained branches that is the fix of the installed branch. Undefined when there is none.
 */
export function fixedVersion(hits: readonly Hit[]): string | undefined {
  const [first] = hits;
  const scheme = first && schemeOf(first.subject.ecosystem);
  const installed = first && scheme?.parse(first.subject.version);
  if (!scheme || installed === undefined) return undefined;
  const candidates = new Map<string, unknown>();
  for (const fixed of hits.flatMap(fixesOf)) {
    if (candidates.has(fixed)) continue;
    const version = scheme.parse(fixed);
    if (version !== undefined && scheme.compare(version, installed) > 0) candidates.set(fixed, version);
  }
  return [...candidates]
    .sort(([, a], [, b]) => scheme.compare(a, b))
    .slice(0, mostCandidates)
    .map(([text]) => text)
    .find((version) =>
      hits.every(({ advisory, subject }) => evaluate(advisory, { ...subject, version }).affected === false),
    );
}

/** Of every entry about the package: where entries overlap, the fix of the one that matched may lie in another. */
function fixesOf({ advisory, subject }: Hit): string[] {
  return entriesAbout(advisory, subject).flatMap(({ ranges = [] }) =>
    ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed]))),
  );
}

/** More branches than any project maintains; a bound on what a record can make us do. */
const mostCandidates = 200;
