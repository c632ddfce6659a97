import { PlimsollError } from "../../model/error.ts";
import type { MatchEvidence, VulnerabilityFinding } from "../../model/finding.ts";
import type { Package } from "../../model/package.ts";
import { ecosystemBase } from "../../model/package-name.ts";
import type { Problem } from "../../model/problem.ts";
import { fixedVersion } from "./fixed-version.ts";
import { type Hit, type MatchOptions, PackageMatcher, type PackageMatches } from "./match-package.ts";
import { type Rating, rate, severityRank, statusOf } from "./rate.ts";
import { ecosystemsOfRelease } from "./release-scope.ts";
import { compareNames, coveredCves, groupByNames, leadingName, namesOf } from "./vulnerability-names.ts";

/** What packages are held against, and how the search ends early. */
export interface FindOptions extends MatchOptions {
  readonly signal?: AbortSignal;
}

/** What was found, and what could not be judged. */
export interface FoundVulnerabilities {
  /** In the order of the packages, then by id. */
  readonly findings: readonly VulnerabilityFinding[];
  /** `unknown-distribution`, `no-advisories`, `unknown-version`: each gap once. */
  readonly problems: readonly Problem[];
}

/**
 * The known vulnerabilities of packages: one finding per package and vulnerability, records that share a name being one
 * vulnerability. Pure: the same packages and advisories give the same result.
 *
 * Errors: `cancelled`; those of `index.find`.
 */
export function findVulnerabilities(packages: readonly Package[], options: FindOptions): FoundVulnerabilities {
  const matcher = new PackageMatcher(options);
  const gaps = new Gaps(options);
  const findings: VulnerabilityFinding[] = [];
  for (const subject of packages) {
    if (options.signal?.aborted) throw new PlimsollError("cancelled", "the search for vulnerabilities was cancelled");
    const matches = matcher.match(subject);
    gaps.add(subject, matches);
    const groups = groupByNames(matches.hits, ({ advisory }) => namesOf(advisory));
    const found = groups.map((hits) => findingOf(subject, hits));
    findings.push(...found.sort((a, b) => compareNames(a.id, b.id)));
  }
  return { findings, problems: gaps.problems() };
}

function findingOf(subject: Package, hits: readonly Hit[]): VulnerabilityFinding {
  const names = new Set(hits.flatMap(({ advisory }) => namesOf(advisory)));
  const id = leadingName([...names]);
  const covered = hits.flatMap(({ advisory }) => coveredCves(advisory));
  const aliases = [...new Set([...names, ...covered])].filter((name) => name !== id).sort(compareNames);
  const rated = hits.map((hit) => ({ hit, rating: rate(hit.advisory, hit.evaluation.entry) }));
  const worst = rated.map(({ rating }) => rating).reduce(worse);
  const fixedIn = fixedVersion(hits);
  const stated = hits.map(({ evaluation }) => statusOf(evaluation.entry)).find((status) => status !== undefined);
  const summary = summaryOf(hits, id);
  return {
    kind: "vulnerability",
    id,
    aliases,
    severity: worst.severity,
    ...(worst.score !== undefined && { score: worst.score }),
    ...(summary !== undefined && { summary }),
    package: {
      name: subject.name,
      version: subject.version,
      type: subject.type,
      purl: subject.purl,
      paths: subject.paths,
      layer: subject.layer,
    },
    ...(fixedIn !== undefined && { fixedIn }),
    status: fixedIn !== undefined ? "fixed" : (stated ?? "affected"),
    evidence: rated
      .map(({ hit, rating }) => evidenceOf(hit, rating))
      .sort((a, b) => compareNames(a.advisory, b.advisory)),
  };
}

function evidenceOf({ advisory, lookUp, subject, evaluation }: Hit, { basis }: Rating): MatchEvidence {
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

/** A rating that says something wins over one that does not, then the more severe, then the higher score. */
function worse(a: Rating, b: Rating): Rating {
  const difference = severityRank(b.severity) - severityRank(a.severity) || (b.score ?? -1) - (a.score ?? -1);
  return difference > 0 ? b : a;
}

/** The record that bears the finding's name is heard first; a summary before details. */
function summaryOf(hits: readonly Hit[], id: string): string | undefined {
  const records = hits
    .map(({ advisory }) => advisory)
    .sort((a, b) => Number(b.id === id) - Number(a.id === id) || compareNames(a.id, b.id));
  return records.find(({ summary }) => summary)?.summary ?? records.find(({ details }) => details)?.details;
}

/** Gathers what could not be judged, so that each gap is told once. */
class Gaps {
  readonly #options: MatchOptions;
  readonly #byKind = new Map<string, { code: Problem["code"]; reason: string; packages: number }>();
  readonly #versions = new Map<string, Problem>();

  constructor(options: MatchOptions) {
    this.#options = options;
  }

  add(subject: Package, { where, unclear }: PackageMatches): void {
    if ("unknown" in where) this.#count(where.code, where.unknown);
    if (!("ecosystem" in where)) return;
    const { ecosystem } = where;
    const { index } = this.#options;
    if (!index.covers(ecosystemBase(ecosystem))) {
      this.#count("no-advisories", `the database holds no advisories for ${ecosystemBase(ecosystem)}`);
    } else if (!ecosystemsOfRelease(ecosystem).some((name) => index.covers(name))) {
      this.#count("no-advisories", `the database holds no advisories for ${ecosystem}`);
    }
    const [first] = unclear;
    if (!first) return;
    const ids = unclear.map(({ advisory }) => advisory.id).sort(compareNames);
    const some = ids.length > 3 ? `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more` : ids.join(", ");
    const message = `${subject.name} ${subject.version} cannot be compared with ${some}: ${first.evaluation.reason}`;
    const [path] = subject.paths;
    this.#versions.set(message, { code: "unknown-version", message, ...(path !== undefined && { path }) });
  }

  #count(code: Problem["code"], reason: string): void {
    const gap = this.#byKind.get(reason);
    if (gap) gap.packages++;
    else this.#byKind.set(reason, { code, reason, packages: 1 });
  }

  problems(): Problem[] {
    const kinds = [...this.#byKind.values()].map(({ code, reason, packages }) => ({
      code,
      message: `${reason} (${packages === 1 ? "one package" : `${packages} packages`})`,
    }));
    return [...kinds, ...this.#versions.values()];
  }
}
