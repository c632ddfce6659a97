import { type FileFinding, fileFindingId } from "../../model/findings/file-finding.ts";
import type { WaivedFileFinding, Waiver } from "../../model/findings/waiver.ts";
import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { PolicyContext } from "../rules/finding-facts.ts";
import type { Gate } from "../rules/judge-findings.ts";
import { waiversOf } from "./policy-waivers.ts";
import { dayOf, fitsAny } from "./scope.ts";
import { WaiverUse } from "./waiver-use.ts";

/** Secrets or malware after the waivers of a policy, in their order. */
export interface WaivedFileFindings<One extends FileFinding> {
  readonly counting: readonly One[];
  readonly waived: readonly WaivedFileFinding<One>[];
  /** A sentence for each waiver without effect, among those that were about a finding or are to match something. */
  readonly idle: readonly string[];
}

/** {@link Gate}, with the kind of findings for which waivers are to match something; when absent, none are. */
export interface FileFindingsGate extends Gate {
  readonly kind?: FileFinding["kind"];
}

/** Splits secrets or malware by the waivers of a policy. Waivers with a package or a resource apply to none of them. */
export function waiveFileFindings<One extends FileFinding>(
  findings: readonly One[],
  { policy, context, kind }: FileFindingsGate,
): WaivedFileFindings<One> {
  const waivers = waiversOf(policy);
  if (waivers.all.length === 0) return { counting: findings, waived: [], idle: [] };
  const forFiles = waivers.all.filter((waiver) => !waiver.package && !waiver.resource);
  const use = new WaiverUse(waivers);
  const today = dayOf(context.now);
  const counting: One[] = [];
  const waived: WaivedFileFinding<One>[] = [];
  for (const finding of findings) {
    const about = forFiles.filter((waiver) => isAbout(waiver, finding, context));
    const waiver = about.length === 0 ? undefined : use.choose(about, { today, hasFix: undefined });
    if (waiver) waived.push({ finding, waiver });
    else counting.push(finding);
  }
  return { counting, waived, idle: use.idle(({ id }) => kind !== undefined && id.startsWith(`${kind}/`), { today }) };
}

function isAbout(waiver: Waiver, finding: FileFinding, { images }: PolicyContext): boolean {
  if (!fitsWildcard(fileFindingId(finding), waiver.id)) return false;
  if (waiver.path && !fitsAny(finding.path, waiver.path)) return false;
  return !waiver.image || images.some((name) => fitsAny(name, waiver.image));
}
