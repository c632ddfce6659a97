import type { Advisory, AdvisoryIndex, Affected } from "../../../model/findings/advisory.ts";
import type { Severity, SourcedSeverity, VulnerabilityFinding } from "../../../model/findings/finding.ts";
import type { VulnerabilityFacts } from "../../../model/findings/vulnerability-facts.ts";
import type { RecordsByName } from "../names/records-by-name.ts";
import { looksLikeCve } from "../names/vulnerability-names.ts";
import { basisOf, distinct, type Opinion, opinionsOf, opinionsOfStatements, severityRank } from "./rate.ts";

/** A record and the entry of it that covers the package. */
export interface RatedRecord {
  readonly advisory: Advisory;
  readonly evaluation: { readonly entry: Affected };
}

/** The severity of a finding with its source, and other facts about it. */
export interface FindingRating {
  readonly rating: Pick<VulnerabilityFinding, "severity" | "score" | "severities" | "facts">;
  /** For each of the records, what its own severity was taken from. */
  readonly bases: readonly (string | undefined)[];
}

/** More opinions than any vulnerability has; a bound on what a record can put into a report. */
const mostSeverities = 32;

/** Rates findings; the facts about a CVE are looked up once. */
export class FindingRater {
  readonly #index: Pick<AdvisoryIndex, "facts" | "builtInRecords">;
  readonly #facts = new Map<string, VulnerabilityFacts | undefined>();

  constructor(index: Pick<AdvisoryIndex, "facts" | "builtInRecords">) {
    this.#index = index;
  }

  /**
   * The severity by the first source of the order that is stated in `docs/decisions/0012-severity-order.md`, with the
   * opinions of all; among sources of one rank the worse counts. `names` are those of the one vulnerability. `others`
   * are records about the package that do not cover it: they serve when no other source rates the vulnerability.
   */
  rate(records: readonly RatedRecord[], names: readonly string[], others?: Pick<RecordsByName, "find">): FindingRating {
    const ofRecords = records.map(({ advisory, evaluation }) => opinionsOf(advisory, evaluation.entry));
    const bases = ofRecords.map(basisOfFirst);
    const known = this.#factsOf(names);
    const rated = inOrder(known.length === 0 ? ofRecords : ofRecords.concat(opinionsOfTables(known)));
    const severities = (rated.length > 0 ? rated : this.#ratedElsewhere(names, others?.find(names) ?? [])).map(
      publicPart,
    );
    const severity: Severity = severities[0]?.severity ?? "unknown";
    const score = severities.find(hasScore)?.score;
    const rating = score === undefined ? { severity, severities } : { severity, score, severities };
    const facts = join(known);
    return { rating: facts ? { ...rating, facts } : rating, bases };
  }

  /** The opinions of other records on the same vulnerability: those about the package before the built-in ones. */
  #ratedElsewhere(names: readonly string[], others: readonly Advisory[]): readonly Opinion[] {
    const opinions = inOrder(others.map(opinionsOfRecord));
    if (opinions.length > 0) return opinions;
    const builtIn = new Set(names.flatMap((name) => this.#index.builtInRecords(name)));
    return inOrder([...builtIn].map(opinionsOfRecord));
  }

  /** `names` are distinct. */
  #factsOf(names: readonly string[]): VulnerabilityFacts[] {
    const found: VulnerabilityFacts[] = [];
    for (const name of names) {
      const facts = looksLikeCve(name) ? this.#factsOfOne(name) : undefined;
      if (facts) found.push(facts);
    }
    return found;
  }

  #factsOfOne(name: string): VulnerabilityFacts | undefined {
    const known = this.#facts.get(name);
    if (known || this.#facts.has(name)) return known;
    const facts = this.#index.facts(name);
    this.#facts.set(name, facts);
    return facts;
  }
}

function opinionsOfRecord(advisory: Advisory): readonly Opinion[] {
  return opinionsOf(advisory, advisory.affected?.[0] ?? {});
}

function basisOfFirst(opinions: readonly Opinion[]): string | undefined {
  const first = opinions[0];
  return first && basisOf(first);
}

function hasScore({ score }: SourcedSeverity): boolean {
  return score !== undefined;
}

/** One list for each source of each CVE. */
function opinionsOfTables(known: readonly VulnerabilityFacts[]): Opinion[][] {
  return known.flatMap(({ severities = [] }) => [
    ...Map.groupBy(opinionsOfStatements(severities), ({ source }) => source).values(),
  ]);
}

/** By rank; in a rank what each record or source says first before what else it says; there the worse first. */
function inOrder(groups: readonly (readonly Opinion[])[]): readonly Opinion[] {
  const first = groups[0];
  if (!first) return [];
  if (groups.length === 1 && (first.length < 2 || (first.length === 2 && first[0]?.rank === first[1]?.rank)))
    return first;
  const placed = groups
    .flatMap((opinions) => opinions.map((opinion, index) => ({ opinion, turn: Math.min(index, 1) })))
    .sort(
      (a, b) =>
        a.opinion.rank - b.opinion.rank ||
        a.turn - b.turn ||
        severityRank(b.opinion.severity) - severityRank(a.opinion.severity) ||
        (b.opinion.score ?? -1) - (a.opinion.score ?? -1) ||
        compare(a.opinion.source, b.opinion.source) ||
        compare(a.opinion.statement, b.opinion.statement),
    );
  return distinct(placed.map(({ opinion }) => opinion)).slice(0, mostSeverities);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function publicPart({ source, severity, score, statement }: Opinion): SourcedSeverity {
  return score === undefined ? { source, severity, statement } : { source, severity, score, statement };
}

/**
 * The facts of several CVE ids as those of one: the earliest known exploitation, the likeliest prediction, every
 * exploit.
 */
function join(all: readonly VulnerabilityFacts[]): VulnerabilityFinding["facts"] {
  if (all.length === 0) return undefined;
  const known = all.flatMap(({ knownExploited }) => knownExploited ?? []);
  const first = known.toSorted((a, b) => compare(a.addedAt, b.addedAt))[0];
  const predictions = all.flatMap(({ exploitPrediction }) => exploitPrediction ?? []);
  const likeliest = predictions.toSorted((a, b) => b.probability - a.probability)[0];
  const exploits = [...new Set(all.flatMap((facts) => facts.exploits ?? []))].slice(0, mostSeverities);
  if (!first && !likeliest && exploits.length === 0) return undefined;
  return {
    ...(first && { knownExploited: { ...first, ransomware: known.some(({ ransomware }) => ransomware) } }),
    ...(likeliest && { exploitPrediction: likeliest }),
    ...(exploits.length > 0 && { exploits }),
  };
}
