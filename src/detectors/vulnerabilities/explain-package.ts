import type { Package } from "../../model/package.ts";
import { ecosystemOf } from "./ecosystem-of.ts";
import { compareWithAdvisories, type Match, type MatchOptions } from "./match-package.ts";
import { coveredCves, namesOf } from "./vulnerability-names.ts";

/**
 * Why a vulnerability is or is not found in a package, as sentences. `id` is any name of it, in any case. Empty when the
 * package was judged and no record under this name speaks of it.
 */
export function explainPackage(subject: Package, id: string, options: MatchOptions): readonly string[] {
  const title = `${subject.name} ${subject.version}`;
  const where = ecosystemOf(subject, options.distribution);
  if ("suppressed" in where) return [`${title} was not compared: ${where.suppressed}.`];
  if ("unknown" in where) return [`${title} could not be compared: ${where.unknown}.`];
  const wanted = id.toLowerCase();
  return compareWithAdvisories(subject, where, options.index)
    .filter(({ advisory }) => {
      const names = [...namesOf(advisory), ...(advisory.upstream ?? []), ...coveredCves(advisory)];
      return names.some((name) => name.toLowerCase() === wanted);
    })
    .map((match) => sentence(title, match));
}

function sentence(title: string, { advisory, lookUp, subject, evaluation }: Match): string {
  const as = lookUp.matchedBy === "source-package" ? `, looked up by its source ${lookUp.name} ${lookUp.version},` : "";
  if (evaluation.affected === true) {
    const how = evaluation.rule === "versions" ? "lists the version" : "has it in a range";
    return `${title}${as} is affected: ${advisory.id} ${how} for ${subject.ecosystem} (${evaluation.comparison}, compared by ${evaluation.scheme}).`;
  }
  if (evaluation.affected === false) return `${title}${as} is not affected by ${advisory.id}: ${evaluation.reason}.`;
  return `${title}${as} cannot be compared with ${advisory.id}: ${evaluation.reason}.`;
}
