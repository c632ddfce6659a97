import { escapeGlob } from "../policy/variables.ts";

/** A path as a glob, and how it is wider than the path. */
export interface GeneralisedPath {
  readonly glob: string;
  /** The generalisations that were applied; none if the glob is only the path. */
  readonly applied: readonly string[];
}

const uuid = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/g;
const longHex = /[0-9a-f]{32,}/g;
const longNumber = /[0-9]{6,}/g;

/**
 * The glob of a path: parts that differ in every run become patterns within their segment.
 *
 * - `/proc/NUMBER/` and `/proc/NUMBER/task/NUMBER/`: process ids
 * - UUIDs
 * - 32 or more hexadecimal digits: container and layer ids
 * - 6 or more digits: times, random numbers
 *
 * All other characters match only themselves.
 */
export function generalisePath(path: string, { exact }: { readonly exact: boolean }): GeneralisedPath {
  if (exact) return { glob: escapeGlob(path), applied: [] };
  const applied = new Set<string>();
  const segments = path.split("/").map((segment, index, all) => {
    const isProcess = all[1] === "proc" && (index === 2 || (index === 4 && all[3] === "task"));
    if (isProcess && /^[0-9]{1,10}$/.test(segment)) {
      applied.add("process id");
      return "[0-9]*";
    }
    return replaceParts(segment, applied);
  });
  return { glob: segments.join("/"), applied: [...applied] };
}

function replaceParts(segment: string, applied: Set<string>): string {
  const patterns: readonly (readonly [RegExp, string, string])[] = [
    [uuid, "????????-????-????-????-????????????", "UUID"],
    [longHex, "[0-9a-f]*", "long hexadecimal number"],
    [longNumber, "[0-9]*", "long number"],
  ];
  for (const [pattern, glob, name] of patterns) {
    if (segment.search(pattern) < 0) continue;
    applied.add(name);
    return segment
      .split(pattern)
      .map((part) => replaceParts(part, applied))
      .join(glob);
  }
  return escapeGlob(segment);
}
