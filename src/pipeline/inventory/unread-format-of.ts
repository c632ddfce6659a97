import { isInDependency } from "../../extractors/is-in-dependency.ts";
import { unreadFormats } from "../../extractors/unread-formats.ts";
import type { UnreadFormat } from "../../model/packages/unread-files.ts";

/** A member of {@link UnreadFormat.files}, taken apart. */
interface NamePattern {
  readonly format: UnreadFormat;
  readonly isFromRoot: boolean;
  /** The folders above the file, the nearest first; `*` is any. */
  readonly folders: readonly string[];
  /** What the file's name begins and ends with, and whether anything may stand between them. */
  readonly start: string;
  readonly end: string;
  readonly isOpen: boolean;
}

const patterns: readonly (readonly NamePattern[])[] = patternsOf(unreadFormats);

/**
 * The format of packages that a file of this path is of, which no extractor reads; undefined for nearly all files. A
 * file that declares packages and lies inside an installed one is of none. It is asked for every name in an image, so
 * the last character is looked at first.
 */
export function unreadFormatOf(path: string): UnreadFormat | undefined {
  const candidates = patterns[path.charCodeAt(path.length - 1)];
  if (!candidates) return undefined;
  const start = path.lastIndexOf("/") + 1;
  for (const pattern of candidates) {
    if (!fits(pattern, path, start)) continue;
    const { format } = pattern;
    return format.kind === "declared" && isInDependency(path) ? undefined : format;
  }
  return undefined;
}

function fits({ start, end, isOpen, folders, isFromRoot }: NamePattern, path: string, nameStart: number): boolean {
  const more = path.length - nameStart - start.length - end.length;
  if (isOpen ? more < 0 : more !== 0) return false;
  if (!path.endsWith(end) || !path.startsWith(start, nameStart)) return false;
  let slash = nameStart - 1;
  for (const folder of folders) {
    if (slash < 0) return false;
    const above = slash === 0 ? -1 : path.lastIndexOf("/", slash - 1);
    if (folder !== "*" && path.slice(above + 1, slash) !== folder) return false;
    slash = above;
  }
  return !isFromRoot || slash < 0;
}

/** By the last character of a file's name. */
function patternsOf(formats: readonly UnreadFormat[]): NamePattern[][] {
  const patterns: NamePattern[][] = [];
  for (const format of formats) {
    for (const file of format.files) {
      const last = file.charCodeAt(file.length - 1);
      patterns[last] ??= [];
      patterns[last].push(patternOf(format, file));
    }
  }
  return patterns;
}

function patternOf(format: UnreadFormat, file: string): NamePattern {
  const isFromRoot = file.startsWith("/");
  const [name = "", ...folders] = file
    .slice(isFromRoot ? 1 : 0)
    .split("/")
    .reverse();
  const star = name.indexOf("*");
  const isOpen = star >= 0;
  const [start, end] = isOpen ? [name.slice(0, star), name.slice(star + 1)] : ["", name];
  return { format, isFromRoot, folders, start, end, isOpen };
}
