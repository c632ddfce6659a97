import type { Advisory, AdvisoryIndex } from "../../../model/findings/advisory.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";
import type { DecidingEntries } from "../ecosystems/channel.ts";
import { distributionEcosystem } from "../ecosystems/distribution-ecosystem.ts";
import { ecosystemOf, type LookUp, type PackageEcosystem } from "../ecosystems/ecosystem-of.ts";
import { OwnerAdvisories, type OwnerPlace } from "../joining/owner-advisories.ts";
import { withOtherProducts } from "../names/other-products.ts";
import { RecordsByName } from "../names/records-by-name.ts";
import { namesCve, namesOf } from "../names/vulnerability-names.ts";
import { type Evaluation, entriesDeciding, evaluateEntries, type Subject } from "./evaluate.ts";
import { leavesLanguagesOpen } from "./fixes-only.ts";
import { programsOf } from "./program-mismatch.ts";
import { type ImageProducts, productsOfImage } from "./red-hat-products.ts";
import { ecosystemsOfRelease } from "./release-scope.ts";

/** Advisories and settings that packages are compared with. */
export interface MatchOptions {
  /** Null when the target names none. */
  readonly distribution: Distribution | null;
  readonly index: AdvisoryIndex;
  /** All of the target: of packages that own others they tell the source. */
  readonly packages?: readonly Package[] | undefined;
}

/** Where a package's advisories are, and which of them count for its owner alone. */
export type PackagePlace = PackageEcosystem & {
  /** Set for a package that its owner's advisories judge first. */
  readonly owner?: OwnerPlace;
};

/** A record that names a package, and what it says about the package's version. */
export interface Match<E extends Evaluation = Evaluation> {
  readonly advisory: Advisory;
  readonly lookUp: LookUp;
  readonly subject: Subject;
  readonly deciding: DecidingEntries;
  readonly evaluation: E;
  /** Set when the record covers the package, and the advisories of its owner cover the vulnerability: they count. */
  readonly leftTo?: OwnerPlace;
  /** Set for the project itself, where the record is on a malicious package that has its name in a registry. */
  readonly matchesNamesake?: true;
}

/** A record that covers the package. */
export type Hit = Match<Extract<Evaluation, { affected: true }>>;

/** The result for one package. */
export interface PackageMatches {
  readonly where: PackagePlace;
  readonly hits: readonly Hit[];
  /** Records that may or may not cover the package. */
  readonly unclear: readonly Match<Extract<Evaluation, { affected: "unknown" }>>[];
  /** Where one of `hits` names no CVE: the other records about the package, which may tell it. */
  readonly others: readonly Advisory[];
  /** The records about the package that do not cover it. */
  readonly notCovering: RecordsByName;
}

/** Finds the records that cover packages; packages built from one source at one version are evaluated once. */
export class PackageMatcher {
  readonly #options: MatchOptions;
  readonly #places: Places;
  readonly #known = new Map<string, Omit<PackageMatches, "where">>();

  constructor(options: MatchOptions) {
    this.#options = options;
    this.#places = new Places(options);
  }

  match(subject: Package): PackageMatches {
    const where = this.#places.of(subject);
    if (!("ecosystem" in where)) {
      return { where, hits: [], unclear: [], others: [], notCovering: new RecordsByName(() => []) };
    }
    const compare = (): Omit<PackageMatches, "where"> =>
      sort(compareWithAdvisories(subject, where, this.#options.index));
    // A package that is looked up by its own name comes once, so that keeping its records would only hold memory.
    if (!where.lookUps.every(({ matchedBy }) => matchedBy === "source-package")) return { where, ...compare() };
    const key = JSON.stringify([where.ecosystem, where.lookUps, subject.architecture, subject.module]);
    let known = this.#known.get(key);
    if (!known) {
      known = compare();
      this.#known.set(key, known);
    }
    return { where, ...known };
  }
}

/**
 * The place of a package's advisories in the present database. Packages that a distribution's package owns are left to
 * the distribution's advisories; where the database does not have these, no other advisories would cover them, so those
 * of the package's own language do; and where they list only fixes for versions that are upstream's, the language's own
 * cover all vulnerabilities that they do not name.
 */
export function placeOf(subject: Package, options: MatchOptions): PackagePlace {
  let places = placesOf.get(options);
  if (!places) {
    places = new Places(options);
    placesOf.set(options, places);
  }
  return places.of(subject);
}

/** What follows from the distribution and the advisories is found once. */
const placesOf = new WeakMap<MatchOptions, Places>();

class Places {
  readonly #distribution: Distribution | null;
  readonly #ownersAreJudged: boolean;
  readonly #owners: OwnerAdvisories | undefined;
  readonly #products: ImageProducts | undefined;

  constructor({ distribution, index, packages = [] }: MatchOptions) {
    this.#distribution = distribution;
    const known = distribution ? distributionEcosystem(distribution) : undefined;
    const ecosystem = known && "ecosystem" in known ? known.ecosystem : undefined;
    const base = ecosystem === undefined ? undefined : ecosystemBase(ecosystem);
    this.#ownersAreJudged = ecosystem !== undefined && ecosystemsOfRelease(ecosystem).some(index.covers, index);
    if (this.#ownersAreJudged && ecosystem !== undefined && base !== undefined && leavesLanguagesOpen(base)) {
      this.#owners = new OwnerAdvisories(ecosystem, { index, packages });
    }
    this.#products = base === "Red Hat" ? productsOfImage(distribution, index) : undefined;
  }

  of(subject: Package): PackagePlace {
    const { ownedBy } = subject;
    if (ownedBy && this.#owners) {
      const where = ecosystemOf(withoutOwner(subject), this.#distribution);
      if ("ecosystem" in where) return { ...where, owner: this.#owners.of(ownedBy) };
    }
    const judged = ownedBy && !this.#ownersAreJudged ? withoutOwner(subject) : subject;
    const where = ecosystemOf(judged, this.#distribution);
    if (!this.#products || !("ecosystem" in where) || ecosystemBase(where.ecosystem) !== "Red Hat") return where;
    const { products, doubt } = this.#products;
    return { ...where, ...(products && { products }), ...(doubt && { doubt }) };
  }
}

function withoutOwner({ ownedBy: _ownedBy, ...unowned }: Package): Package {
  return unowned;
}

/** Every record that names the package, evaluated; the first name under which a record covers it counts. */
export function compareWithAdvisories(
  found: Pick<Package, "architecture" | "module" | "linkedPackages" | "builtFor" | "linkedPrograms" | "ownProject">,
  { ecosystem, lookUps, unmarked, products, doubt, owner }: Extract<PackagePlace, { ecosystem: string }>,
  index: AdvisoryIndex,
): Match[] {
  const matches = new Map<string, Match>();
  const all: Match[] = [];
  const { architecture, module } = found;
  const programs = programsOf(found);
  for (const lookUp of lookUps) {
    const { name, version, kind } = lookUp;
    const subject: Subject = {
      ecosystem,
      name,
      version,
      ...(kind && { kind }),
      ...(unmarked && { unmarked }),
      ...(architecture !== undefined && { architecture }),
      ...(module !== undefined && { module }),
      ...(programs && { programs }),
      ...(products && { products }),
    };
    const advisories = index.find(ecosystemBase(ecosystem), name);
    // Not by an iterator or a callback: this is done for every record that names a package.
    for (let place = 0, advisory = advisories[0]; advisory; advisory = advisories[++place]) {
      const before = matches.get(advisory.id);
      if (advisory.withdrawn !== undefined || before?.evaluation.affected === true) continue;
      const deciding = entriesDeciding(advisory, subject);
      const evaluation = evaluateEntries(deciding, subject);
      const compared = { advisory, lookUp, subject, deciding, evaluation };
      const isLeft = owner && affects(compared) && isMentioned(advisory, owner);
      const matchesNamesake = found.ownProject && advisory.id.startsWith("MAL-");
      const match: Match = isLeft
        ? { ...compared, leftTo: owner }
        : matchesNamesake
          ? { ...compared, matchesNamesake }
          : compared;
      if (doubt) all.push(match);
      if (before === undefined || rank(match) >= rank(before)) matches.set(advisory.id, match);
    }
  }
  return doubt
    ? withOtherProducts([...matches.values()], { all, doubt, ecosystem, lookUps, index })
    : [...matches.values()];
}

function affects({ evaluation: { affected } }: Match): boolean {
  return affected !== false;
}

function isMentioned(advisory: Advisory, { names }: OwnerPlace): boolean {
  return namesOf(advisory).some((name) => names.has(name));
}

/** When a record is found under several names, an unknown answer outweighs "not affected". */
function rank({ evaluation: { affected } }: Match): number {
  return affected === true ? 2 : affected === "unknown" ? 1 : 0;
}

function sort(matches: readonly Match[]): Omit<PackageMatches, "where"> {
  const hits: Hit[] = [];
  const unclear: PackageMatches["unclear"][number][] = [];
  for (const match of matches) {
    if (match.leftTo || match.matchesNamesake) continue;
    if (isHit(match)) hits.push(match);
    else if (isUnclear(match)) unclear.push(match);
  }
  const shouldReport = hits.every(({ advisory }) => namesCve(advisory));
  const others = (): Advisory[] => matches.flatMap((match) => (isHit(match) ? [] : match.advisory));
  return { hits, unclear, others: shouldReport ? [] : others(), notCovering: new RecordsByName(others) };
}

function isHit(match: Match): match is Hit {
  return match.evaluation.affected === true;
}

function isUnclear(match: Match): match is PackageMatches["unclear"][number] {
  return match.evaluation.affected === "unknown";
}
