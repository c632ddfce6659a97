import type { Waiver } from "../../model/findings/waiver.ts";
import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { PolicyContext, PolicyFinding } from "../rules/finding-facts.ts";
import type { Gate } from "../rules/judge-findings.ts";
import { waiversOf } from "./policy-waivers.ts";
import { dayOf, fitsAny, fitsEvery } from "./scope.ts";
import { WaiverUse } from "./waiver-use.ts";

/** Vulnerabilities after the waivers of a policy, in their order. */
export interface WaivedVulnerabilities<Found extends PolicyFinding> {
  readonly counting: readonly Found[];
  readonly waived: readonly { readonly finding: Found; readonly waiver: Waiver }[];
  /** A sentence for each waiver without effect. */
  readonly idle: readonly string[];
}

/** Splits vulnerabilities by the waivers of a policy. A waiver with a resource is about checks alone. */
export function waiveVulnerabilities<Found extends PolicyFinding>(
  findings: readonly Found[],
  { policy, context }: Gate,
): WaivedVulnerabilities<Found> {
  const waivers = waiversOf(policy);
  if (waivers.all.length === 0) return { counting: findings, waived: [], idle: [] };
  const search = searchById(waivers.all.filter(({ resource }) => !resource));
  const use = new WaiverUse(waivers);
  const today = dayOf(context.now);
  const counting: Found[] = [];
  const waived: { finding: Found; waiver: Waiver }[] = [];
  for (const finding of findings) {
    const about = search(finding).filter((waiver) => isInScope(waiver, finding, context));
    const hasFix = finding.fixedIn !== undefined || finding.channelFix !== undefined;
    const waiver = about.length === 0 ? undefined : use.choose(about, { today, hasFix });
    if (waiver) waived.push({ finding, waiver });
    else counting.push(finding);
  }
  return { counting, waived, idle: use.idle(isForVulnerabilities, { today }) };
}

/** Ids of checks have a slash, or consist of numbers: `docker/daemon-icc`, `1.2.3`. */
function isForVulnerabilities({ id, resource }: Waiver): boolean {
  return !resource && !id.includes("/") && !/^[\d.]+$/.test(id);
}

/** Finds the waivers for the names of a finding; those without a pattern by a look-up. */
function searchById(waivers: readonly Waiver[]): (finding: PolicyFinding) => readonly Waiver[] {
  const exact = Map.groupBy(waivers, ({ id }) => id.toLowerCase());
  const patterns = waivers.filter(({ id }) => id.includes("*"));
  return ({ id, aliases }) => {
    const names = [id, ...aliases].map((name) => name.toLowerCase());
    return [
      ...new Set(names.flatMap((name) => exact.get(name) ?? [])),
      ...patterns.filter((waiver) => names.some((name) => fitsWildcard(name, waiver.id.toLowerCase()))),
    ];
  };
}

function isInScope(waiver: Waiver, { package: found }: PolicyFinding, { images }: PolicyContext): boolean {
  if (waiver.package && !fitsPackage(found.purl, waiver.package)) return false;
  if (waiver.path && !fitsEvery(found.paths, waiver.path)) return false;
  return !waiver.image || images.some((name) => fitsAny(name, waiver.image));
}

/** A package URL without qualifiers and percent-encoding, with and without its version. */
function fitsPackage(purl: string, patterns: readonly string[]): boolean {
  const encoded = purl.split(/[?#]/, 1)[0] ?? "";
  const at = encoded.lastIndexOf("@");
  const hasVersion = at > encoded.lastIndexOf("/");
  const texts = hasVersion ? [encoded, encoded.slice(0, at)] : [encoded];
  return texts.map(decoded).some((text) => fitsAny(text, patterns));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
