import { PlimsollError } from "../../model/error.ts";
import type { FindingPackage, MatchEvidence, VulnerabilityFinding } from "../../model/findings/finding.ts";
import type { Package } from "../../model/packages/package.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { supportOf } from "./ecosystems/end-of-life.ts";
import { Gaps } from "./gaps.ts";
import { describeRecords } from "./joining/describe-records.ts";
import { joinByOthers } from "./joining/join-by-others.ts";
import type { KnownFindings } from "./joining/known-findings.ts";
import { affectedPaths } from "./matching/affected-paths.ts";
import { channelFix, fixedVersion } from "./matching/fixed-version.ts";
import { type Hit, type MatchOptions, PackageMatcher, type PackageMatches } from "./matching/match-package.ts";
import {
  compareNames,
  distinct,
  groupByNames,
  leadingName,
  sortNames,
  vulnerabilitiesOf,
} from "./names/vulnerability-names.ts";
import { statusOf, statusReasonOf } from "./rating/rate.ts";
import { FindingRater, type FindingRating } from "./rating/rate-finding.ts";

/** The advisories that packages are compared with, and the signal that ends the search early. */
export interface FindOptions extends MatchOptions {
  readonly signal?: AbortSignal;
  /** The day for which the support of the distribution is judged; not at all when absent. */
  readonly now?: Date;
  /** True to add dates and references, which are not needed for matching. */
  readonly describes?: boolean;
  /** Known findings of earlier targets. */
  readonly known?: KnownFindings | undefined;
}

/** What was found, and what could not be judged. */
export interface FoundVulnerabilities {
  /** In the order of the packages, then by id. */
  readonly findings: readonly VulnerabilityFinding[];
  /**
   * `unknown-distribution`, `no-advisories`, `unknown-version`, `end-of-life`: each gap once. What only the built-in
   * advisories lack, and a database has, is among the limits.
   */
  readonly problems: readonly Problem[];
  /** What advisories cannot tell about these packages by their nature, one clause each. */
  readonly limits: readonly string[];
  /** Those of them for which the answer stays open: what is not among the findings may be there all the same. */
  readonly open: readonly string[];
}

/**
 * The known vulnerabilities of packages: one finding per package and vulnerability, records that share a name being one
 * vulnerability, and one that covers several counting once for each. Names that lack a CVE are looked for in the
 * package's other records too. The same packages, advisories and day give the same result.
 *
 * Errors: `cancelled`; those of `index.find`; `database-not-found`, `database-malformed` when the installation is
 * damaged.
 */
export function findVulnerabilities(packages: readonly Package[], options: FindOptions): FoundVulnerabilities {
  const matcher = new PackageMatcher({ packages, ...options });
  const gaps = new Gaps(options);
  const rater = new FindingRater(options.index);
  const { describes = false } = options;
  const findings: VulnerabilityFinding[] = [];
  const known = options.known?.in(options.distribution, options.index);
  for (const subject of packages) {
    if (options.signal?.aborted) throw new PlimsollError("cancelled", "the search for vulnerabilities was cancelled");
    let result = known?.get(subject);
    if (!result) {
      const matches = matcher.match(subject);
      result = {
        where: matches.where,
        unclear: matches.unclear,
        findings: findingsOf(subject, matches, { rater, describes }),
      };
      // Another target may have the same package under an owner of another source.
      if (!subject.ownedBy) known?.set(subject, result);
    }
    gaps.add(subject, result);
    for (const finding of result.findings) findings.push(finding);
  }
  const support = supportOf(packages, options);
  const open = gaps.quietFeeds();
  return {
    findings,
    problems: [...gaps.problems(), ...support.problems],
    limits: [
      ...gaps.notBuiltIn(),
      ...gaps.makers(),
      ...gaps.otherProducts(),
      ...gaps.fixesOnly(),
      ...open,
      ...support.limits,
    ],
    open,
  };
}

/** A record that covers a package, and the names of one of the vulnerabilities that it is about. */
interface Claim {
  readonly hit: Hit;
  readonly names: readonly string[];
}

function findingsOf(
  subject: Package,
  { hits, others, notCovering }: Pick<PackageMatches, "hits" | "others" | "notCovering">,
  { rater, describes }: { readonly rater: FindingRater; readonly describes: boolean },
): readonly VulnerabilityFinding[] {
  if (hits.length === 0) return [];
  const named = packageOf(subject);
  const byName = groupByNames(claimsOf(hits), ({ names }) => names);
  const groups = others.length === 0 ? byName : joinByOthers(byName, others);
  const placed = (group: readonly Claim[]): FindingPackage =>
    subject.linkedPrograms
      ? {
          ...named,
          paths: affectedPaths(
            subject,
            group.map(({ hit }) => hit),
          ),
        }
      : named;
  const rate: Rate = (records, names) => rater.rate(records, names, notCovering);
  return groups
    .map((group) => findingOf(placed(group), group, { rate, describes }))
    .sort((a, b) => compareNames(a.id, b.id));
}

function claimsOf(hits: readonly Hit[]): Claim[] {
  const claims: Claim[] = [];
  for (let place = 0, hit = hits[0]; hit; hit = hits[++place]) {
    const vulnerabilities = vulnerabilitiesOf(hit.advisory);
    for (let index = 0, names = vulnerabilities[0]; names; names = vulnerabilities[++index])
      claims.push({ hit, names });
  }
  return claims;
}

function packageOf({ name, version, type, purl, source, paths, layer, declaration }: Package): FindingPackage {
  return { name, version, type, purl, ...(source && { source }), paths, layer, ...(declaration && { declaration }) };
}

type Rate = (...asked: Parameters<FindingRater["rate"]>) => FindingRating;

function findingOf(
  subject: FindingPackage,
  claims: readonly Claim[],
  { rate, describes }: { readonly rate: Rate; readonly describes: boolean },
): VulnerabilityFinding {
  const only = claims.length === 1 ? claims[0] : undefined;
  const hits = only ? [only.hit] : distinct(claims.map(({ hit }) => hit));
  const names = only ? only.names : distinct(claims.flatMap((claim) => claim.names));
  const id = leadingName(names);
  const { rating, bases } = rate(hits, names);
  const summary = summaryOf(hits, id);
  const evidence = hits.map((hit, index) => evidenceOf(hit, bases[index]));
  if (evidence.length > 1) evidence.sort((a, b) => compareNames(a.advisory, b.advisory));
  return {
    kind: "vulnerability",
    id,
    aliases: aliasesOf(id, names, hits),
    ...rating,
    ...(summary !== undefined && { summary }),
    ...(describes && describeRecords(hits.map(({ advisory }) => advisory))),
    package: subject,
    ...fixOf(hits),
    evidence,
  };
}

/** An erratum's id is a further name, though several vulnerabilities share it. */
function aliasesOf(id: string, names: readonly string[], hits: readonly Hit[]): readonly string[] {
  const aliases: string[] = [];
  for (let index = 0, name = names[0]; name !== undefined; name = names[++index]) if (name !== id) aliases.push(name);
  for (let index = 0, hit = hits[0]; hit; hit = hits[++index]) {
    if (!names.includes(hit.advisory.id)) aliases.push(hit.advisory.id);
  }
  sortNames(aliases);
  return aliases;
}

function fixOf(hits: readonly Hit[]): Pick<VulnerabilityFinding, "fixedIn" | "channelFix" | "status" | "statusReason"> {
  const fixedIn = fixedVersion(hits);
  if (fixedIn !== undefined) return { fixedIn: withoutZeroEpoch(fixedIn), status: "fixed" };
  const elsewhere = channelFix(hits);
  const entries = hits.map(({ evaluation }) => evaluation.entry);
  const stated = entries.find((entry) => statusOf(entry) !== undefined);
  const reason = statusReasonOf(stated ?? entries[0] ?? {});
  return {
    ...(elsewhere && { channelFix: elsewhere }),
    status: (stated && statusOf(stated)) ?? "affected",
    ...(reason !== undefined && { statusReason: reason }),
  };
}

/** rpm and dpkg take a missing epoch for 0, and people leave it out. */
function withoutZeroEpoch(version: string): string {
  return version.startsWith("0:") ? version.slice(2) : version;
}

function evidenceOf({ advisory, lookUp, subject, evaluation }: Hit, basis: string | undefined): MatchEvidence {
  const evidence = {
    advisory: advisory.id,
    ecosystem: evaluation.entry.package?.ecosystem ?? subject.ecosystem,
    name: lookUp.name,
    version: lookUp.version,
    matchedBy: lookUp.matchedBy,
    rule: evaluation.rule,
    scheme: evaluation.scheme,
    comparison: evaluation.comparison,
  };
  return basis === undefined ? evidence : { ...evidence, severity: basis };
}

/** The record that bears the finding's name is heard first; a summary before details. */
function summaryOf(hits: readonly Hit[], id: string): string | undefined {
  const first = hits[0];
  if (first && hits.length === 1) return first.advisory.summary || first.advisory.details || undefined;
  const records = hits.map(({ advisory }) => advisory);
  records.sort((a, b) => Number(b.id === id) - Number(a.id === id) || compareNames(a.id, b.id));
  return records.find(({ summary }) => summary)?.summary ?? records.find(({ details }) => details)?.details;
}
