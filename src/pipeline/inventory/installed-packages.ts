import type { Extraction } from "../../extractors/extractor.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { MergedTree, VisibleFile } from "./merge-layers.ts";

/** The files of a tree, without the packages that a file lists and that are not there. */
export interface InstalledPackages {
  readonly files: readonly VisibleFile[];
  /** One for each file of which no package is there. */
  readonly problems: readonly Problem[];
}

/**
 * Leaves out the packages whose location is not in the merged tree, such as those that Yarn lists for other platforms.
 */
export function installedPackages(
  files: readonly VisibleFile[],
  { holds }: Pick<MergedTree, "holds">,
): InstalledPackages {
  const problems: Problem[] = [];
  const isThere = (extraction: Extraction): boolean => {
    const location = extraction.kind === "package" ? extraction.location : undefined;
    return location === undefined || (location !== null && holds(location));
  };
  const installed = files.map((file) => {
    const { path, facts } = file;
    if (facts.extractions.every(isThere)) return file;
    const extractions = facts.extractions.filter(isThere);
    const isList = facts.extractions.some((one) => one.kind === "package" && !one.package.ownProject);
    if (isList && !extractions.some(({ kind }) => kind === "package")) problems.push(noneIsThere(path));
    return { ...file, facts: { ...facts, extractions } };
  });
  return { files: installed, problems };
}

function noneIsThere(path: string): Problem {
  const message = `${path} lists packages, but none of them is at its location, so they were not examined`;
  return { code: "not-examined", message, path };
}
