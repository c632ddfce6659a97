/** The patterns of a `.dockerignore`. */
export interface IgnoreFile {
  readonly patterns: readonly IgnorePattern[];
  /** True when a pattern takes paths back in: then the excluded paths are unknown without the files. */
  readonly hasExceptions: boolean;
}

interface IgnorePattern {
  /** `*`, `?` and `**` have their meaning. */
  readonly parts: readonly string[];
}

const mostPatterns = 1000;
const longestPattern = 500;

/** Reads a `.dockerignore`. Source: Docker's documentation, "Build context", ".dockerignore files". */
export function readIgnoreFile(text: string): IgnoreFile {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && line.length <= longestPattern)
    .slice(0, mostPatterns);
  return {
    patterns: lines.filter((line) => !line.startsWith("!")).map((line) => ({ parts: partsOf(line) })),
    hasExceptions: lines.some((line) => line.startsWith("!")),
  };
}

/** How many comparisons of characters a question about a path may take. */
export function ignoreCost(path: string, { patterns }: IgnoreFile): number {
  const length = path.length + 1;
  return patterns.reduce((sum, { parts }) => sum + length * partsOf(path).length * (parts.join("/").length + 1), 1);
}

/**
 * True when a path of the build context, or a folder above it, is left out. The context itself is when everything in it
 * is.
 */
export function isIgnored(path: string, { patterns }: IgnoreFile): boolean {
  const parts = partsOf(path);
  if (parts.length === 0)
    return patterns.some(({ parts: [first, ...more] }) => isEverything(first) && more.every(isEverything));
  return patterns.some((pattern) => parts.some((_, index) => matchesParts(pattern.parts, parts.slice(0, index + 1))));
}

function isEverything(part: string | undefined): boolean {
  return part === "*" || part === "**";
}

function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts;
}

/** Follows all positions at once: the time grows with the product of the lengths. */
function matchesParts(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = new Set([0]);
  for (const part of pattern) {
    const next = new Set<number>();
    for (const position of reached) {
      if (part === "**") for (let later = position; later <= path.length; later++) next.add(later);
      else if (position < path.length && matchesPart(part, path[position] ?? "")) next.add(position + 1);
    }
    reached = next;
  }
  return reached.has(path.length);
}

function matchesPart(pattern: string, text: string): boolean {
  let reached = new Set([0]);
  for (const character of pattern) {
    const next = new Set<number>();
    for (const position of reached) {
      if (character === "*") for (let later = position; later <= text.length; later++) next.add(later);
      else if (position < text.length && (character === "?" || character === text[position])) next.add(position + 1);
    }
    reached = next;
  }
  return reached.has(text.length);
}
