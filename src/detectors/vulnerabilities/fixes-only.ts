/**
 * Ecosystems whose publishers name a hole when they have a fix for it. Debian, Ubuntu, Red Hat and SUSE name those that are open too.
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
 * A clause when the advisories of an ecosystem (without suffix) tell fixes alone; undefined for others. `owned` is how many packages of
 * languages are left to them, because a package of the distribution owns these.
 */
export function fixesOnlyLimit(ecosystem: string, owned: number): string | undefined {
  if (!namesFixesOnly.has(ecosystem)) return undefined;
  const clause = `the advisories of ${ecosystem} name a hole when it is fixed: one without a fix is not told`;
  if (owned === 0) return clause;
  const packages = owned === 1 ? "a package of a language" : `${owned} packages of languages`;
  return `${clause}, also none in ${packages} that its own packages hold`;
}
