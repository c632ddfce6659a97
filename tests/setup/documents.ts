import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./source-files.ts";

/** The documents of the repository, from its top, in order. */
export const documents: readonly string[] = globSync(["*.md", "docs/**/*.md"], { cwd: repository }).sort();

/** The text of a file, from the top of the repository. */
export function read(path: string): string {
  return readFileSync(join(repository, path), "utf8");
}

/** The headings of one depth, or of all. */
export function headings(text: string, depth?: number): string[] {
  const all = Array.from(withoutCode(text).matchAll(/^(#+) (.+)$/gm), ([, marks = "", title = ""]) => ({
    marks,
    title,
  }));
  return all.filter(({ marks }) => depth === undefined || marks.length === depth).map(({ title }) => title);
}

/** A document without what stands in code marks. */
export function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}
