import type { Advisory, AdvisoryIndex, Affected } from "../../model/advisory.ts";
import { ecosystemBase } from "../../model/package-name.ts";
import { channelOf } from "./channel.ts";
import type { PackageEcosystem } from "./ecosystem-of.ts";
import { entryMismatch } from "./entry-mismatch.ts";
import { entriesNaming, evaluateEntries, isOfRelease, type Subject } from "./evaluate.ts";
import type { Match } from "./match-package.ts";
import { coversProducts, mayBeInstalled, type ProductDoubt, productsOfEntry } from "./red-hat-products.ts";
import { namesOf } from "./vulnerability-names.ts";

// A package of OpenShift has no mark of it, and where an image does not tell from which repositories its packages are, a record about
// OpenShift may or may not be about it. What the main channel says of the same vulnerability in the same package decides then, by a
// record or by a statement; extended updates alone, which the main channel's fixes lie above, are left open beside it.

/** What is known of one package. */
interface Known {
  /** What each of its names was held against, also where another name counts. */
  readonly all: readonly Match[];
  readonly doubt: ProductDoubt;
  readonly index: Pick<AdvisoryIndex, "statements">;
}

/** The matches, with those unclear that would cover the package if it were of a product that the target may have. */
export function withOtherProducts(matches: readonly Match[], known: Known): Match[] {
  const byRecord = Map.groupBy(known.all, ({ advisory }) => advisory.id);
  return matches.map((match) => {
    if (match.evaluation.affected !== false) return match;
    return openMatch(byRecord.get(match.advisory.id) ?? [match], known) ?? match;
  });
}

/** The first of a record's matches that another product would make a finding of. */
function openMatch(matches: readonly Match[], { doubt, index }: Known): Match | undefined {
  let isDecided: boolean | undefined;
  for (const match of matches) {
    const { advisory, subject } = match;
    const others = entriesOfOthers(advisory, subject);
    if (others.length === 0 || evaluateEntries({ entries: others }, subject).affected === false) continue;
    isDecided ??= matches.some((one) => speaksOfMain(one, index));
    const open = isDecided ? others.filter((entry) => channelOf(entry) === "eus") : others;
    if (open.length === 0 || evaluateEntries({ entries: open }, subject).affected === false) continue;
    const products = [...new Set(open.flatMap(productsOfEntry))].sort();
    const reason = `it is for packages of ${listed(products)}, and whether this is one is not known: ${doubt.reason}`;
    return { ...match, evaluation: { affected: "unknown", reason, products } };
  }
  return undefined;
}

function entriesOfOthers(advisory: Advisory, subject: Subject): Affected[] {
  const { products: _products, ...ofMain } = subject;
  return entriesNaming(advisory, subject).filter(
    (entry) =>
      !isOfRelease(entry, subject) &&
      !isOfRelease(entry, ofMain) &&
      mayBeInstalled(entry, subject.ecosystem) &&
      entryMismatch(advisory, entry, subject) === undefined,
  );
}

function speaksOfMain({ advisory, subject }: Match, index: Known["index"]): boolean {
  const { products: _products, ...ofMain } = subject;
  const named = entriesNaming(advisory, subject);
  if (named.some((entry) => isOfRelease(entry, ofMain) && entryMismatch(advisory, entry, subject) === undefined)) {
    return true;
  }
  const names = new Set([...namesOf(advisory)].map((name) => name.toLowerCase()));
  return statementsOfMain(subject, index).some(({ vulnerability: { name, aliases = [] } }) =>
    [name, ...aliases].some((one) => names.has(one.toLowerCase())),
  );
}

/** Whether anything is known of packages of this name in the main channel of the release: then a package is likely to be from there. */
export function isNamedInMain(
  { ecosystem, lookUps }: Extract<PackageEcosystem, { ecosystem: string }>,
  index: Pick<AdvisoryIndex, "find" | "statements">,
): boolean {
  return lookUps.some(({ name, version }) => {
    const subject: Subject = { ecosystem, name, version };
    const records = index.find(ecosystemBase(ecosystem), name);
    return (
      records.some((advisory) => entriesNaming(advisory, subject).some((entry) => isOfRelease(entry, subject))) ||
      statementsOfMain(subject, index).length > 0
    );
  });
}

function statementsOfMain({ ecosystem, name }: Subject, index: Known["index"]) {
  return index
    .statements(ecosystemBase(ecosystem), name)
    .filter((statement) => coversProducts({ package: { ecosystem: statement.ecosystem, name } }, ecosystem, undefined));
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${some} and ${names.length - 3} more` : some;
}
