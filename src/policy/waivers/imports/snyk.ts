import type { YamlShape } from "../../../io/documents/yaml-shape.ts";
import type { Waiver } from "../../../model/findings/waiver.ts";
import { isDay } from "../../file/waiver-day.ts";
import { type ImportedWaivers, isVulnerabilityId } from "./import-result.ts";

/** Whether a mapping is a `.snyk`. */
export function isSnyk(shape: YamlShape): boolean {
  const ignore = shape.mapping().get("ignore")?.value;
  return typeof ignore === "object" && ignore !== null && !Array.isArray(ignore);
}

/** The mapping `ignore` of `.snyk`: ids with the paths for which each is ignored, of which `*` is converted. */
export function readSnyk(shape: YamlShape, file: string): ImportedWaivers {
  const waivers: Waiver[] = [];
  const skipped: string[] = [];
  for (const [id, paths] of shape.mapping().get("ignore")?.mapping() ?? []) {
    for (const entry of paths.list()) {
      for (const [path, details] of entry.mapping()) {
        const waiver = waiverOf(id, { path, details, file });
        if (typeof waiver === "string") skipped.push(`${file}:${entry.place.line}: ${waiver}`);
        else waivers.push(waiver);
      }
    }
  }
  return { waivers, skipped };
}

interface SnykEntry {
  readonly path: string;
  readonly details: YamlShape;
  readonly file: string;
}

function waiverOf(id: string, { path, details, file }: SnykEntry): Waiver | string {
  if (!isVulnerabilityId(id)) return `${id} is an id of Snyk's database alone: use the CVE or GHSA id`;
  if (path !== "*") return `${id} is ignored for one dependency path, which cannot be converted`;
  const member = details.mapping();
  const until = member.get("expires")?.text().slice(0, "2027-01-31".length);
  if (until !== undefined && !isDay(until)) return `${id} has an expiry date that cannot be read`;
  const reason = member.get("reason")?.text().trim() || `from ${file}`;
  return { id, reason, ...(until !== undefined && { until }) };
}
