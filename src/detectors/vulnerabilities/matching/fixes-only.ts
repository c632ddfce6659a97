/**
 * Ecosystems whose publishers name a vulnerability when they have a fix for it. Debian, Ubuntu, Red Hat and SUSE name
 * those that are open too.
 *
 * Source: the feeds themselves: Alpine's, Wolfi's and Chainguard's secdb lists `secfixes`; the others publish errata.
 */
const namesFixesOnly: ReadonlySet<string> = new Set([
  "Alpine",
  "AlmaLinux",
  "Amazon Linux",
  "Chainguard",
  "Oracle Linux",
  "Rocky Linux",
  "Wolfi",
]);

/**
 * Those of them that follow the versions of upstream, so that a version tells what is open. Amazon and those who
 * rebuild Red Hat stay at a version and bring fixes back, of which their advisories name only a part.
 */
const followsUpstream: ReadonlySet<string> = new Set(["Alpine", "Chainguard", "Wolfi"]);

/**
 * True when packages of languages that packages of this ecosystem (without suffix) own are judged by their language's
 * advisories beside the distribution's.
 */
export function leavesLanguagesOpen(ecosystem: string): boolean {
  return namesFixesOnly.has(ecosystem) && followsUpstream.has(ecosystem);
}

/**
 * A clause when the advisories of an ecosystem (without suffix) tell fixes alone; undefined for others. `owned` is how
 * many packages of languages are left to them, because a package of the distribution owns these.
 */
export function fixesOnlyLimit(ecosystem: string, owned: number): string | undefined {
  if (!namesFixesOnly.has(ecosystem)) return undefined;
  const clause = `the advisories of ${ecosystem} list a vulnerability only when it is fixed; vulnerabilities without a fix are not listed`;
  if (owned === 0 || leavesLanguagesOpen(ecosystem)) return clause;
  const packages = owned === 1 ? "a package of a language" : `${owned} packages of languages`;
  return `${clause}, including those in ${packages} that its own packages contain`;
}
