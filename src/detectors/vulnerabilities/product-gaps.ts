import type { Package } from "../../model/packages/package.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { PackageMatches } from "./matching/match-package.ts";
import type { ProductDoubt } from "./matching/red-hat-products.ts";
import { compareNames } from "./names/vulnerability-names.ts";

type Place = Extract<PackageMatches["where"], { ecosystem: string }>;

/**
 * Gathers the records that may be about packages if they are of a product of Red Hat of which it is not known whether
 * the target has it.
 *
 * A problem where the target names a repository that the database does not know, and for a package of which the main
 * channel knows nothing: it is from another product. A limit for the others: that a package of the main channel were
 * another product's is possible, and would make every SBOM without repositories unclear.
 */
export class ProductGaps {
  readonly #problems = new Map<string, Gap>();
  readonly #limits = new Map<string, Gap>();

  add(subject: Package, where: Place, open: PackageMatches["unclear"]): void {
    const { doubt } = where;
    if (!doubt || open.length === 0) return;
    const isProblem = doubt.kind === "unknown" || !open.some(({ evaluation }) => evaluation.otherProducts?.isInMain);
    const gaps = isProblem ? this.#problems : this.#limits;
    let gap = gaps.get(doubt.reason);
    if (!gap) {
      gap = { doubt, records: new Set(), packages: 0, examples: [] };
      gaps.set(doubt.reason, gap);
    }
    gap.packages++;
    const ids = open.map(({ advisory }) => advisory.id).sort(compareNames);
    for (const id of ids) gap.records.add(id);
    if (gap.examples.length < mostExamples) gap.examples.push(`${ids[0]} in ${subject.name} ${subject.version}`);
  }

  problems(): Problem[] {
    return [...this.#problems.values()].map((gap) => ({
      code: gap.doubt.kind === "unknown" ? "no-advisories" : "unknown-distribution",
      message: clauseOf(gap),
    }));
  }

  limits(): string[] {
    return [...this.#limits.values()].map(clauseOf);
  }
}

interface Gap {
  readonly doubt: ProductDoubt;
  readonly records: Set<string>;
  packages: number;
  /** The first packages in their order. */
  readonly examples: string[];
}

const mostExamples = 3;

function clauseOf({ doubt, records, packages, examples }: Gap): string {
  const { size } = records;
  const many = size === 1 ? "one record" : `${size} records`;
  return `${doubt.reason}, so ${many} about Red Hat products other than its distribution may or may not apply: ${examples.join(", ")}${packages > examples.length ? " and others" : ""}`;
}
