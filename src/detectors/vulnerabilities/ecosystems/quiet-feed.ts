import type { AdvisoryIndex } from "../../../model/findings/advisory.ts";

/**
 * Feeds that their makers fill by hand, and after how many days without a new record they are taken to have stopped.
 * Kubernetes announces vulnerabilities several times a year, and its feed in OSV form has stood still for longer
 * before.
 */
const quietAfterDays: Readonly<Record<string, number>> = { Kubernetes: 180 };

/**
 * A clause when the feed behind an ecosystem (without suffix) has brought nothing for so long before `now` that what
 * was found since is probably missing; undefined otherwise, and for feeds that are not known to stop.
 */
export function quietFeedLimit(
  ecosystem: string,
  { index, now }: { readonly index: Pick<AdvisoryIndex, "status">; readonly now: Date },
): string | undefined {
  const days = Object.hasOwn(quietAfterDays, ecosystem) ? quietAfterDays[ecosystem] : undefined;
  const newest = index.status.ecosystems.find((count) => count.ecosystem === ecosystem)?.newest;
  if (days === undefined || newest === undefined) return undefined;
  if (!(now.getTime() - Date.parse(newest) > days * 24 * 60 * 60 * 1000)) return undefined;
  return `the newest advisory of ${ecosystem} is from ${newest.slice(0, 10)}: later vulnerabilities are probably missing`;
}
