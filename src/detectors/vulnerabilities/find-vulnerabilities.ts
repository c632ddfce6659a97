import { PlimsollError } from "../../model/error.ts";
import type { MatchEvidence, VulnerabilityFinding } from "../../model/finding.ts";
import type { Package } from "../../model/package.ts";
import type { Problem } from "../../model/problem.ts";
import { supportOf } from "./end-of-life.ts";
import { channelFix, fixedVersion } from "./fixed-version.ts";
import { Gaps } from "./gaps.ts";
import { type Hit, type MatchOptions, PackageMatcher } from "./match-package.ts";
import { statusOf, statusReasonOf } from "./rate.ts";
import { FindingRater } from "./rate-finding.ts";
import { compareNames, groupByNames, leadingName, vulnerabilitiesOf } from "./vulnerability-names.ts";

/** What packages are held against, and how the search ends early. */
export interface FindOptions extends MatchOptions {
  readonly signal?: AbortSignal;
  /** The day for which the support of the distribution is judged; not at all when absent. */
  readonly now?: Date;
}

/** What was found, and what could not be judged. */
export interface FoundVulnerabilities {
  /** In the order of the packages, then by id. */
  readonly findings: readonly VulnerabilityFinding[];
  /** `unknown-distribution`, `no-advisories`, `unknown-version`, `end-of-life`: each gap once. */
  readonly problems: readonly Problem[];
  /** What advisories cannot tell about these packages by their nature, one clause each. */
  readonly limits: readonly string[];
}

/**
 * The known vulnerabilities of packages: one finding per package and vulnerability, records that share a name being one
 * vulnerability, and one that covers several counting once for each. The same packages, advisories and day give the same
 * result.
 *
 * Errors: `cancelled`; those of `index.find`; `database-not-found`, `database-malformed` when the installation is damaged.
 */
export function findVulnerabilities(packages: readonly Package[], options: FindOptions): FoundVulnerabilities {
  const matcher = new PackageMatcher(options);
  const gaps = new Gaps(options);
  const rater = new FindingRater(options.index);
  const findings: VulnerabilityFinding[] = [];
  for (const subject of packages) {
    if (options.signal?.aborted) throw new PlimsollError("cancelled", "the search for vulnerabilities was cancelled");
    const matches = matcher.match(subject);
    gaps.add(subject, matches);
    const claims = matches.hits.flatMap((hit) => vulnerabilitiesOf(hit.advisory).map((names) => ({ hit, names })));
    const found = groupByNames(claims, ({ names }) => names).map((group) => findingOf(subject, group, rater));
    findings.push(...found.sort((a, b) => compareNames(a.id, b.id)));
  }
  const support = supportOf(packages, options);
  return {
    findings,
    problems: [...gaps.problems(), ...support.problems],
    limits: [...gaps.limits(), ...support.limits],
  };
}

/** A record that covers a package, and the names of one of the vulnerabilities that it is about. */
interface Claim {
  readonly hit: Hit;
  readonly names: readonly string[];
}

function findingOf(subject: Package, claims: readonly Claim[], rater: FindingRater): VulnerabilityFinding {
  const hits = distinct(claims.map(({ hit }) => hit));
  const names = distinct(claims.flatMap((claim) => claim.names));
  const id = leadingName(names);
  // An erratum's id is a further name, though several vulnerabilities share it.
  const ids = hits.map(({ advisory }) => advisory.id);
  const aliases = distinct([...names, ...ids].filter((name) => name !== id)).sort(compareNames);
  const records = hits.map(({ advisory, evaluation }) => ({ advisory, entry: evaluation.entry }));
  const { severity, score, severities, facts, bases } = rater.rate(records, names);
  const fixedIn = withoutZeroEpoch(fixedVersion(hits));
  const elsewhere = fixedIn === undefined ? channelFix(hits) : undefined;
  const stated = records.find(({ entry }) => statusOf(entry) !== undefined)?.entry;
  const reason = fixedIn === undefined ? statusReasonOf(stated ?? records[0]?.entry ?? {}) : undefined;
  const summary = summaryOf(hits, id);
  return {
    kind: "vulnerability",
    id,
    aliases,
    severity,
    ...(score !== undefined && { score }),
    severities,
    ...(facts && { facts }),
    ...(summary !== undefined && { summary }),
    package: {
      name: subject.name,
      version: subject.version,
      type: subject.type,
      purl: subject.purl,
      ...(subject.source && { source: subject.source }),
      paths: subject.paths,
      layer: subject.layer,
    },
    ...(fixedIn !== undefined && { fixedIn }),
    ...(elsewhere && { channelFix: elsewhere }),
    status: fixedIn !== undefined ? "fixed" : ((stated && statusOf(stated)) ?? "affected"),
    ...(reason !== undefined && { statusReason: reason }),
    evidence: hits
      .map((hit, index) => evidenceOf(hit, bases[index]))
      .sort((a, b) => compareNames(a.advisory, b.advisory)),
  };
}

function distinct<T>(items: T[]): T[] {
  return items.length < 2 ? items : [...new Set(items)];
}

/** rpm and dpkg take a missing epoch for 0, and people leave it out. */
function withoutZeroEpoch(version: string | undefined): string | undefined {
  return version?.replace(/^0:/, "");
}

function evidenceOf({ advisory, lookUp, subject, evaluation }: Hit, basis: string | undefined): MatchEvidence {
  return {
    advisory: advisory.id,
    ecosystem: evaluation.entry.package?.ecosystem ?? subject.ecosystem,
    name: lookUp.name,
    version: lookUp.version,
    matchedBy: lookUp.matchedBy,
    rule: evaluation.rule,
    scheme: evaluation.scheme,
    comparison: evaluation.comparison,
    ...(basis !== undefined && { severity: basis }),
  };
}

/** The record that bears the finding's name is heard first; a summary before details. */
function summaryOf(hits: readonly Hit[], id: string): string | undefined {
  const records = hits.map(({ advisory }) => advisory);
  if (records.length > 1) records.sort((a, b) => Number(b.id === id) - Number(a.id === id) || compareNames(a.id, b.id));
  return records.find(({ summary }) => summary)?.summary ?? records.find(({ details }) => details)?.details;
}
