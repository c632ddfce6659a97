import type { YamlShape } from "../../../io/documents/yaml-shape.ts";
import type { Waiver } from "../../../model/findings/waiver.ts";
import { isDay } from "../../file/waiver-day.ts";
import { type ImportedWaivers, isVulnerabilityId, patternOfGlob } from "./import-result.ts";

const kinds = ["vulnerabilities", "misconfigurations", "secrets", "licenses"];

/** Whether a mapping is a `.trivyignore.yaml`. */
export function isTrivyYaml(shape: YamlShape): boolean {
  return kinds.some((kind) => shape.mapping().has(kind));
}

/** `.trivyignore.yaml`: lists by kind of finding, of which those of vulnerabilities are read. */
export function readTrivyYaml(shape: YamlShape, file: string): ImportedWaivers {
  const lists = shape.mapping();
  const waivers: Waiver[] = [];
  const skipped: string[] = [];
  for (const entry of lists.get("vulnerabilities")?.list() ?? []) {
    const waiver = waiverOf(entry, file);
    if (typeof waiver === "string") skipped.push(`${file}:${entry.place.line}: ${waiver}`);
    else waivers.push(waiver);
  }
  for (const kind of kinds.slice(1)) {
    const entries = lists.get(kind)?.list() ?? [];
    if (entries.length > 0) skipped.push(`${file}: ${kind} are not converted (${entries.length})`);
  }
  return { waivers, skipped };
}

function waiverOf(entry: YamlShape, file: string): Waiver | string {
  const member = entry.mapping();
  const id = member.get("id")?.text() ?? "";
  if (!isVulnerabilityId(id)) return `${id || "an entry"} is not the id of a vulnerability`;
  const paths = member
    .get("paths")
    ?.list()
    .map((path) => patternOfGlob(path.text()));
  if (paths?.some((path) => path === undefined)) return `${id} has a path pattern that cannot be converted`;
  const purls = member
    .get("purls")
    ?.list()
    .map((purl) => purl.text());
  if (purls?.some((purl) => /[?#]/.test(purl))) return `${id} has a package URL with qualifiers`;
  const until = member.get("expired_at")?.text().slice(0, "2027-01-31".length);
  if (until !== undefined && !isDay(until)) return `${id} has an expiry date that cannot be read`;
  const statement = member.get("statement")?.text().trim();
  return {
    id,
    ...(purls && purls.length > 0 && { package: purls }),
    ...(paths && paths.length > 0 && { path: paths.flatMap((path) => path ?? []) }),
    reason: statement || `from ${file}`,
    ...(until !== undefined && { until }),
  };
}
