import { isCveId } from "./cve-id.ts";
import type { Finding } from "./finding.ts";

/** True for an erratum that covers several CVE ids: its own id is not a CVE. */
export function isErratum({ id, aliases }: Pick<Finding, "id" | "aliases">): boolean {
  return !isCve(id) && new Set(aliases.filter(isCve).map((name) => name.toUpperCase())).size > 1;
}

/** True for a CVE id in any letter case. */
export function isCve(name: string): boolean {
  return isCveId(name.toUpperCase());
}
