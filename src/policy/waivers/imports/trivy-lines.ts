import { isDay } from "../../file/waiver-day.ts";
import { type ImportedWaivers, isVulnerabilityId } from "./import-result.ts";

/**
 * `.trivyignore`: an id on each line, with `exp:2027-01-31` behind it where it expires. A comment directly above, or
 * behind the id, is taken as the reason.
 */
export function readTrivyLines(text: string, file: string): ImportedWaivers {
  const waivers: ImportedWaivers["waivers"][number][] = [];
  const skipped: string[] = [];
  let comment: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [entry = "", ...behind] = line.split("#");
    const note = behind.join("#").trim();
    const [id, ...words] = entry.split(/\s+/).filter((word) => word !== "");
    if (id === undefined) {
      comment = note || undefined;
      continue;
    }
    const until = words.find((word) => word.startsWith("exp:"))?.slice("exp:".length);
    const isUsable = isVulnerabilityId(id) && (until === undefined || isDay(until)) && words.length <= 1;
    if (isUsable && words.every((word) => word.startsWith("exp:"))) {
      const reason = note || comment || `from ${file}`;
      waivers.push({ id, reason, ...(until !== undefined && { until }) });
    } else skipped.push(`${file}:${index + 1}: ${entry.trim()} is not the id of a vulnerability with an expiry date`);
    comment = undefined;
  }
  return { waivers, skipped };
}
