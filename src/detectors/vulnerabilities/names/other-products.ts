import type { Advisory, AdvisoryIndex, Affected } from "../../../model/findings/advisory.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";
import { channelOf } from "../ecosystems/channel.ts";
import type { LookUp } from "../ecosystems/ecosystem-of.ts";
import { entryMismatch } from "../matching/entry-mismatch.ts";
import { entriesNaming, evaluateEntries, matchesRelease, type Subject } from "../matching/evaluate.ts";
import type { Match } from "../matching/match-package.ts";
import { coversProducts, mayBeInstalled, type ProductDoubt, productsOfEntry } from "../matching/red-hat-products.ts";
import { listNames } from "./list-names.ts";
import { namesOf } from "./vulnerability-names.ts";

// A package of OpenShift has no mark of it, and where an image does not tell from which repositories its packages are,
// a record about OpenShift may or may not be about it. What the main channel says of the same vulnerability in the same
// package decides then, by a record or by a statement; extended updates alone, which the main channel's fixes lie
// above, are left open beside it.

/** Known facts about one package. */
interface Known {
  /** Results for each of its names, also where another name counts. */
  readonly all: readonly Match[];
  readonly doubt: ProductDoubt;
  readonly ecosystem: string;
  readonly lookUps: readonly Pick<LookUp, "name">[];
  readonly index: Pick<AdvisoryIndex, "statements">;
}

/** The matches, with those unclear that would cover the package if it were of a product that the target may have. */
export function withOtherProducts(matches: readonly Match[], known: Known): Match[] {
  const byRecord = Map.groupBy(known.all, ({ advisory }) => advisory.id);
  const main = new MainChannel(known);
  return matches.map((match) => {
    if (match.evaluation.affected !== false) return match;
    return openMatch(byRecord.get(match.advisory.id) ?? [match], { doubt: known.doubt, main }) ?? match;
  });
}

/** The first of a record's matches that another product would make a finding of. */
function openMatch(
  matches: readonly Match[],
  { doubt, main }: { readonly doubt: ProductDoubt; readonly main: MainChannel },
): Match | undefined {
  let isDecided: boolean | undefined;
  for (const match of matches) {
    const others = coveringEntriesOfOthers(match);
    if (others.length === 0) continue;
    isDecided ??= matches.some((one) => main.speaksOf(one));
    const open = isDecided ? others.filter((entry) => channelOf(entry) === "eus") : others;
    if (open.length === 0) continue;
    const products = [...new Set(open.flatMap(productsOfEntry))].sort();
    const reason = `it is for packages of ${listNames(products)}; it is unknown whether this is one: ${doubt.reason}`;
    const isInMain = main.isNamed();
    return { ...match, evaluation: { affected: "unknown", reason, otherProducts: { isInMain } } };
  }
  return undefined;
}

/** The entries of other products that cover the version, or may. What costs least and decides most is asked first. */
function coveringEntriesOfOthers({ advisory, subject }: Match): Affected[] {
  const mainSubject = withoutProducts(subject);
  return entriesNaming(advisory, subject).filter(
    (entry) =>
      mayBeInstalled(entry, subject.ecosystem) &&
      evaluateEntries({ entries: [entry] }, subject).affected !== false &&
      !matchesRelease(entry, subject) &&
      !matchesRelease(entry, mainSubject) &&
      entryMismatch(advisory, entry, subject) === undefined,
  );
}

/**
 * What the main channel of the release says of one package. Its statements are read once for each name, and only when
 * they are asked for.
 */
class MainChannel {
  readonly #known: Known;
  /** The lower-cased names of the vulnerabilities that statements are about, by the name of the package. */
  readonly #stated = new Map<string, ReadonlySet<string>>();
  #isNamed: boolean | undefined;

  constructor(known: Known) {
    this.#known = known;
  }

  /** Whether it says anything of the record's vulnerability in the package. */
  speaksOf({ advisory, subject }: Match): boolean {
    const isMeant = entriesOfMain(advisory, subject).some((entry) => !entryMismatch(advisory, entry, subject));
    if (isMeant) return true;
    const stated = this.#statedOf(subject);
    return stated.size > 0 && namesOf(advisory).some((name) => stated.has(name.toLowerCase()));
  }

  /** Whether it says anything of packages of this name: then the package is likely to be from there. */
  isNamed(): boolean {
    const { all, ecosystem, lookUps } = this.#known;
    this.#isNamed ??=
      all.some(({ advisory, subject }) => entriesOfMain(advisory, subject).length > 0) ||
      lookUps.some(({ name }) => this.#statedOf({ ecosystem, name }).size > 0);
    return this.#isNamed;
  }

  #statedOf(subject: Pick<Subject, "ecosystem" | "name">): ReadonlySet<string> {
    let names = this.#stated.get(subject.name);
    if (!names) {
      names = statedNames(subject, this.#known.index);
      this.#stated.set(subject.name, names);
    }
    return names;
  }
}

function entriesOfMain(advisory: Advisory, subject: Subject): Affected[] {
  const mainSubject = withoutProducts(subject);
  return entriesNaming(advisory, subject).filter((entry) => matchesRelease(entry, mainSubject));
}

function withoutProducts({ products: _products, ...mainSubject }: Subject): Subject {
  return mainSubject;
}

function statedNames(
  { ecosystem, name }: Pick<Subject, "ecosystem" | "name">,
  index: Known["index"],
): ReadonlySet<string> {
  const statements = index
    .statements(ecosystemBase(ecosystem), name)
    .filter((statement) => coversProducts({ package: { ecosystem: statement.ecosystem, name } }, ecosystem, undefined));
  const names = statements.flatMap(({ vulnerability }) => [vulnerability.name, ...(vulnerability.aliases ?? [])]);
  return new Set(names.map((one) => one.toLowerCase()));
}
