import type { Advisory, AdvisoryIndex } from "../../model/advisory.ts";
import type { Distribution } from "../../model/distribution.ts";
import type { Package } from "../../model/package.ts";
import { ecosystemBase } from "../../model/package-name.ts";
import { ecosystemOf, type LookUp, type PackageEcosystem } from "./ecosystem-of.ts";
import { type Evaluation, evaluate, type Subject } from "./evaluate.ts";

/** What packages are held against. */
export interface MatchOptions {
  /** Null when the target names none. */
  readonly distribution: Distribution | null;
  readonly index: AdvisoryIndex;
}

/** A record that names a package, and what it says about the package's version. */
export interface Match<E extends Evaluation = Evaluation> {
  readonly advisory: Advisory;
  readonly lookUp: LookUp;
  readonly subject: Subject;
  readonly evaluation: E;
}

/** A record that covers the package. */
export type Hit = Match<Extract<Evaluation, { affected: true }>>;

/** The result for one package. */
export interface PackageMatches {
  readonly where: PackageEcosystem;
  readonly hits: readonly Hit[];
  /** Records that may or may not cover the package. */
  readonly unclear: readonly Match<Extract<Evaluation, { affected: "unknown" }>>[];
}

/** Finds the records that cover packages; packages built from one source at one version are evaluated once. */
export class PackageMatcher {
  readonly #options: MatchOptions;
  readonly #known = new Map<string, Omit<PackageMatches, "where">>();

  constructor(options: MatchOptions) {
    this.#options = options;
  }

  match(subject: Package): PackageMatches {
    const where = ecosystemOf(subject, this.#options.distribution);
    if (!("ecosystem" in where)) return { where, hits: [], unclear: [] };
    const key = JSON.stringify([where.ecosystem, where.lookUps, subject.module]);
    let known = this.#known.get(key);
    if (!known) {
      known = sort(compareWithAdvisories(subject, where, this.#options.index));
      this.#known.set(key, known);
    }
    return { where, ...known };
  }
}

/** Every record that names the package, evaluated; the first name under which a record is found counts. */
export function compareWithAdvisories(
  { module }: Pick<Package, "module">,
  { ecosystem, lookUps }: Extract<PackageEcosystem, { ecosystem: string }>,
  index: AdvisoryIndex,
): Match[] {
  const matches = new Map<string, Match>();
  for (const lookUp of lookUps) {
    const { name, version } = lookUp;
    const subject: Subject = { ecosystem, name, version, ...(module !== undefined && { module }) };
    for (const advisory of index.find(ecosystemBase(ecosystem), name)) {
      if (advisory.withdrawn !== undefined || matches.get(advisory.id)?.evaluation.affected === true) continue;
      matches.set(advisory.id, { advisory, lookUp, subject, evaluation: evaluate(advisory, subject) });
    }
  }
  return [...matches.values()];
}

function sort(matches: readonly Match[]): Omit<PackageMatches, "where"> {
  const hits: Hit[] = [];
  const unclear: PackageMatches["unclear"][number][] = [];
  for (const match of matches) {
    const { evaluation } = match;
    if (evaluation.affected === true) hits.push({ ...match, evaluation });
    else if (evaluation.affected === "unknown") unclear.push({ ...match, evaluation });
  }
  return { hits, unclear };
}
