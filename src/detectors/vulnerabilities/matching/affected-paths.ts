import type { Package } from "../../../model/packages/package.ts";
import { evaluate } from "./evaluate.ts";
import type { Hit } from "./match-package.ts";

/**
 * The paths of a package at which one of the records covers it: of several Go programs those that hold what is
 * vulnerable. Sorted.
 */
export function affectedPaths(
  { paths, linkedPrograms }: Pick<Package, "paths" | "linkedPrograms">,
  hits: readonly Hit[],
): readonly string[] {
  if (!linkedPrograms) return paths;
  const affected = linkedPrograms.filter((_, index) =>
    hits.some(({ advisory, subject }) => {
      const program = subject.programs?.[index];
      return !program || evaluate(advisory, { ...subject, programs: [program] }).affected === true;
    }),
  );
  return affected.length === linkedPrograms.length ? paths : affected.flatMap((program) => program.paths).sort();
}
