import type { Package, PackageOwner } from "../../model/packages/package.ts";
import type { UnreadFiles, UnreadFormat } from "../../model/packages/unread-files.ts";
import type { VisibleFile } from "./merge-layers.ts";

const mostPaths = 10;
const mostNamed = 5;

/** Facts about the files that are known when the packages are. */
export interface Surroundings {
  readonly packages: readonly Pick<Package, "type" | "ownedBy" | "ownProject">[];
  /** By the path of a file, see `ownersOf`. */
  readonly owners: ReadonlyMap<string, PackageOwner>;
  /** True for a folder of source code: what its files declare is not installed beside them. */
  readonly isRepository?: boolean | undefined;
}

/**
 * The files of packages that were not read, by ecosystem, in the order of their first paths. Files of a distribution's
 * package are left out, because the distribution's advisories cover them. Files that only declare packages count where
 * no package of their type was found: beside installed packages nearly every application has the file that they were
 * installed by. In a folder of source code they all count.
 */
export function unreadFiles(
  files: readonly VisibleFile[],
  { packages, owners, isRepository = false }: Surroundings,
): UnreadFiles[] {
  const found = new Set(packages.flatMap(({ type, ownedBy, ownProject }) => (ownedBy || ownProject ? [] : [type])));
  const groups = new Map<string, { readonly format: Omit<UnreadFormat, "files">; readonly paths: string[] }>();
  for (const { path, facts } of files) {
    for (const extraction of facts.extractions) {
      if (extraction.kind !== "unread" || owners.has(path)) continue;
      const { format } = extraction;
      if (format.kind === "declared" && !isRepository && found.has(format.type)) continue;
      const key = `${format.kind} ${format.packagesOf}`;
      const group = groups.get(key) ?? { format, paths: [] };
      group.paths.push(path);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ format: { packagesOf, kind }, paths }) => {
    return { packagesOf, kind, files: paths.length, paths: paths.slice(0, mostPaths) };
  });
}

/** One sentence that names what was seen and not read, without a full stop; undefined when there is nothing. */
export function unreadSentence(unread: readonly UnreadFiles[] = []): string | undefined {
  const installed = unread.filter(({ kind }) => kind === "installed").map(whose);
  const declared = unread.filter(({ kind }) => kind === "declared").map(whose);
  const subjects = [
    ...(installed.length > 0 ? [`packages of ${listed(installed)}`] : []),
    ...(declared.length > 0 ? [`packages declared for ${listed(declared)}`] : []),
  ];
  if (subjects.length === 0) return undefined;
  const all = unread.reduce((sum, { files }) => sum + files, 0);
  const named = firstPaths(unread);
  const more = all > named.length ? ` and ${all - named.length} more` : "";
  return `${subjects.join(", and ")} were found, but are not scanned: ${named.join(", ")}${more}`;
}

function whose({ packagesOf, files }: UnreadFiles): string {
  return `${packagesOf} (${files} ${files === 1 ? "file" : "files"})`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** The first path of each format, then the second path of each. */
function firstPaths(unread: readonly UnreadFiles[]): string[] {
  const paths: string[] = [];
  for (let index = 0; index < mostPaths && paths.length < mostNamed; index++) {
    paths.push(...unread.flatMap(({ paths: own }) => own.slice(index, index + 1)));
  }
  return paths.slice(0, mostNamed);
}
