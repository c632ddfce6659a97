import type { Advisory } from "../../../model/findings/advisory.ts";
import type { VexStatement } from "../../../model/findings/vex.ts";
import type { AbsenceKind, AbsenceReason } from "../../../model/findings/why-not.ts";
import type { Package } from "../../../model/packages/package.ts";
import { ecosystemBase, normaliseName } from "../../../model/packages/package-name.ts";
import { schemeOf } from "../../../versions/ecosystems.ts";
import { decidingEntries } from "../ecosystems/channel.ts";
import { distributionEcosystem } from "../ecosystems/distribution-ecosystem.ts";
import type { LookUp } from "../ecosystems/ecosystem-of.ts";
import { PublisherStatements } from "../joining/publisher-statements.ts";
import { isKernelHeaders } from "../kernel/kernel-headers.ts";
import { coveredCves, namesOf } from "../names/vulnerability-names.ts";
import { chosenChannels, entriesAbout, type Subject } from "./evaluate.ts";
import { compareWithAdvisories, type Match, type MatchOptions, type PackagePlace, placeOf } from "./match-package.ts";
import { streamMismatch } from "./module-stream.ts";
import { coversRelease } from "./release-scope.ts";

type Place = Extract<PackagePlace, { ecosystem: string }>;

/**
 * What records and statements say of packages under one name of a vulnerability, in any case: a reason for each record
 * or statement. Empty for a package that no record or statement names.
 */
export class AbsenceReasons {
  readonly #id: string;
  readonly #options: MatchOptions;
  readonly #statements: PublisherStatements;

  constructor(id: string, options: MatchOptions) {
    this.#id = id;
    this.#options = options;
    this.#statements = new PublisherStatements(options);
  }

  of(found: Package): readonly AbsenceReason[] {
    const title = `${found.name} ${found.version}`;
    const where = placeOf(found, this.#options);
    const place = "ecosystem" in where ? where : this.#placeOtherwise(found);
    if (!place) return [];
    const matches = compareWithAdvisories(found, place, this.#options.index).filter(({ advisory }) =>
      this.#isNamed(advisory),
    );
    const because = (kind: AbsenceKind, text: string): AbsenceReason => ({
      package: { name: found.name, version: found.version, type: found.type },
      kind,
      text,
    });
    if ("suppressed" in where) {
      if (matches.length === 0) return [];
      return [because(notComparedKind(found, where.maker), `${title} was not compared: ${where.suppressed}.`)];
    }
    if ("unknown" in where) {
      if (matches.length === 0) return [];
      const kind = where.code === "unknown-distribution" ? where.code : "no-ecosystem";
      return [because(kind, `${title} could not be compared: ${where.unknown}.`)];
    }
    // A publisher may say the same in several places: of a release and of what continues it.
    return withoutRepetition([
      ...matches.map((match) => because(kindOf(match), sentence(title, match))),
      ...this.#withdrawn(place).map((advisory) =>
        because("withdrawn", `${advisory.id} listed ${title}, but was withdrawn on ${dayOf(advisory.withdrawn)}.`),
      ),
      ...this.#statements
        .about(found, [this.#id])
        .map(({ statement }) => because("statement", statementSentence(title, statement))),
    ]);
  }

  #isNamed(advisory: Advisory): boolean {
    const wanted = this.#id.toLowerCase();
    const names = [...namesOf(advisory), ...(advisory.upstream ?? []), ...coveredCves(advisory)];
    return names.some((name) => name.toLowerCase() === wanted);
  }

  #withdrawn({ ecosystem, lookUps }: Place): Advisory[] {
    const records = lookUps.flatMap(({ name }) => this.#options.index.withdrawn(ecosystemBase(ecosystem), name));
    return [...new Map(records.map((advisory) => [advisory.id, advisory])).values()].filter(
      (advisory) => advisory.withdrawn !== undefined && this.#isNamed(advisory),
    );
  }

  /** The place of a package that is not compared, as if it were compared, to learn whether any record names it. */
  #placeOtherwise(found: Package): Place | undefined {
    const { distribution } = this.#options;
    if (found.ownedBy) {
      const { ownedBy: _ownedBy, ...unowned } = found;
      const where = placeOf(unowned, this.#options);
      return "ecosystem" in where ? where : undefined;
    }
    const known = distribution ? distributionEcosystem(distribution) : undefined;
    if (!known || !("ecosystem" in known)) return undefined;
    const { name, version, source } = found;
    const lookUps: LookUp[] = [{ name, version, matchedBy: "package" }];
    if (source && source.name !== name) {
      lookUps.push({ name: source.name, version: source.version || version, matchedBy: "source-package" });
    }
    return { ecosystem: known.ecosystem, lookUps };
  }
}

function withoutRepetition(reasons: readonly AbsenceReason[]): AbsenceReason[] {
  return [...new Map(reasons.map((reason) => [reason.text, reason])).values()];
}

function statementSentence(title: string, statement: VexStatement): string {
  const { author, justification, impact_statement: impact } = statement;
  const status = statement.status.replaceAll("_", " ");
  const why = [justification?.replaceAll("_", " "), impact?.replace(/\.$/, "")].filter(
    (part) => part !== undefined && part !== "" && part.toLowerCase() !== status,
  );
  const told = why.length > 0 ? ` (${why.join("; ").slice(0, 300)})` : "";
  return `${author} says of ${title}: ${status}${told}.`;
}

function notComparedKind(found: Package, maker: string | undefined): AbsenceKind {
  if (found.ownedBy) return "owned";
  if (maker !== undefined) return "third-party";
  return isKernelHeaders(found) ? "kernel-headers" : "not-compared";
}

function kindOf({ advisory, subject, evaluation, leftTo, matchesNamesake }: Match): AbsenceKind {
  if (leftTo) return "owned";
  if (matchesNamesake) return "other-package";
  if (evaluation.affected === true) return "affected";
  if (evaluation.affected === "unknown") return "cannot-compare";
  const entries = entriesAbout(advisory, subject);
  if (entries.length === 0) return mismatchKind(advisory, subject);
  const deciding = decidingEntries(entries, { ...subject, chosen: chosenChannels(subject) });
  if ("reason" in deciding) return "other-channel";
  return isPastAFix(deciding.entries, subject) ? "fixed" : "outside-range";
}

/**
 * Which property of the package kept an entry of its name from meaning it: the platform it was built for, what is
 * linked into it, its architecture, and so on. Without that property an entry would mean it.
 */
function mismatchKind(advisory: Advisory, subject: Subject): AbsenceKind {
  const { programs = [], ...notLinked } = subject;
  const anyPlatform = programs.map(({ builtFor: _builtFor, ...program }) => program);
  if (programs.length > 0 && entriesAbout(advisory, { ...notLinked, programs: anyPlatform }).length > 0) {
    return "other-platform";
  }
  if (entriesAbout(advisory, notLinked).length > 0) return "not-linked";
  const { architecture: _architecture, ...anywhere } = notLinked;
  if (entriesAbout(advisory, anywhere).length > 0) return "other-architecture";
  const { kind: _kind, unmarked: _unmarked, ...ofEitherKind } = anywhere;
  if (entriesAbout(advisory, ofEitherKind).length > 0) return "other-package";
  const name = normaliseName(subject.ecosystem, subject.name);
  const ofStream = (advisory.affected ?? []).some((entry) => {
    const { package: target } = entry;
    if (!target || normaliseName(target.ecosystem, target.name) !== name) return false;
    return coversRelease(target.ecosystem, subject.ecosystem) && streamMismatch(advisory, entry, subject) !== undefined;
  });
  return ofStream ? "other-module" : "other-release";
}

/** Whether the last bound at or below the version ends an interval. */
function isPastAFix(entries: ReturnType<typeof entriesAbout>, { ecosystem, version: text }: Subject): boolean {
  const scheme = schemeOf(ecosystem);
  const version = scheme?.parse(text);
  if (!scheme || version === undefined) return false;
  return entries.some(({ ranges = [] }) =>
    ranges.some(({ events }) => {
      let last: { readonly bound: unknown; readonly ends: boolean } | undefined;
      for (const { introduced, fixed, last_affected: lastAffected } of events) {
        const bound = scheme.parse(fixed ?? lastAffected ?? introduced ?? "");
        if (bound === undefined || introduced === "0" || scheme.compare(bound, version) > 0) continue;
        if (!last || scheme.compare(bound, last.bound) >= 0) last = { bound, ends: introduced === undefined };
      }
      return last?.ends === true;
    }),
  );
}

function sentence(title: string, { advisory, lookUp, subject, evaluation, leftTo, matchesNamesake }: Match): string {
  if (leftTo) {
    const { owner, ecosystem } = leftTo;
    return `${title} was not matched against ${advisory.id}: its files belong to the ${owner.type} package ${owner.name}, and the advisories of ${ecosystemBase(ecosystem)} cover the vulnerability there.`;
  }
  if (matchesNamesake) {
    return `${title} is the project itself, and ${advisory.id} is about the malicious package of that name in a registry.`;
  }
  const as = lookUp.matchedBy === "source-package" ? `, looked up by its source ${lookUp.name} ${lookUp.version},` : "";
  if (evaluation.affected === true) {
    const how = evaluation.rule === "versions" ? "lists the version" : "has it in a range";
    return `${title}${as} is affected: ${advisory.id} ${how} for ${subject.ecosystem} (${evaluation.comparison}, compared by ${evaluation.scheme}).`;
  }
  if (evaluation.affected === false) return `${title}${as} is not affected by ${advisory.id}: ${evaluation.reason}.`;
  return `${title}${as} cannot be compared with ${advisory.id}: ${evaluation.reason}.`;
}

function dayOf(time: string | undefined): string {
  return (time ?? "").slice(0, 10);
}
