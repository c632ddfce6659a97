import type { DatabasePart } from "../../model/findings/advisory.ts";
import type { Problem } from "../../model/reports/problem.ts";

/** Which parts are asked about. */
export interface AskedParts {
  /** Without suffixes. */
  readonly ecosystems: readonly string[];
  readonly isAbout: (part: Pick<DatabasePart, "feed" | "name">, ecosystem: string) => boolean;
}

/** True when {@link remarksOnRefused} could remark on a part, whatever it is about. */
export function hasRefused(parts: readonly DatabasePart[]): boolean {
  return parts.some(({ refused = 0 }) => refused > 0);
}

/**
 * Remarks on records that the last updates could not read, for each ecosystem that a target needs one: what these say
 * is missing, or is what they said before.
 */
export function remarksOnRefused(parts: readonly DatabasePart[], { ecosystems, isAbout }: AskedParts): string[] {
  return ecosystems.flatMap((ecosystem) => {
    const ofEcosystem = parts.filter((part) => isAbout(part, ecosystem));
    const count = ofEcosystem.reduce((sum, { refused = 0 }) => sum + refused, 0);
    if (count === 0) return [];
    const records = count === 1 ? "one record" : `${count} records`;
    return [`${records} about ${ecosystem} could not be read completely; \`plimsoll db update\` shows why`];
  });
}

/** How many records could not be read, and why the first could not. */
export function refusedText(refused: number, [first]: readonly Problem[]): string {
  const which = refused === 1 ? "one record could not be read" : `${refused} records could not be read, the first`;
  return `${which}: ${first?.message ?? ""}`;
}
