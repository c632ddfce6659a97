import type { Waiver } from "../../../model/findings/waiver.ts";

/** What an ignore file of another scanner gives. */
export interface ImportedWaivers {
  readonly waivers: readonly Waiver[];
  /** A sentence for each entry that a waiver cannot express, or would express too widely. */
  readonly skipped: readonly string[];
}

/** Whether advisories can have this id: it is not one of a check, a secret or a vendor's own database. */
export function isVulnerabilityId(id: string): boolean {
  return /^[A-Za-z][A-Za-z]*-[A-Za-z0-9:-]+$/.test(id) && !/^(?:AVD|SNYK|DS|KSV|AWS)-/i.test(id);
}

/** Globs that mean the same as a pattern in which `*` fits any text; undefined where the pattern would be wider. */
export function patternOfGlob(glob: string): string | undefined {
  const pattern = glob
    .replace(/^\.?\/+/, "")
    .replaceAll("**/", "**")
    .replaceAll("**", "\0");
  return /[*?[\]{}!\\]/.test(pattern) || pattern === "" ? undefined : pattern.replaceAll("\0", "*");
}
