import { ecosystemBase } from "../../model/packages/package-name.ts";

/**
 * The `covers` of an index. `names` are the ecosystems as its records write them, with the suffixes of releases. For an
 * ecosystem without suffix it returns whether any record is of it; for a release, whether any record names that release
 * or none at all.
 */
export function coverage(names: readonly string[]): (ecosystem: string) => boolean {
  const asWritten = new Set(names);
  const bases = new Set(names.map(ecosystemBase));
  return (ecosystem) => {
    const base = ecosystemBase(ecosystem);
    return base === ecosystem ? bases.has(base) : asWritten.has(ecosystem) || asWritten.has(base);
  };
}
