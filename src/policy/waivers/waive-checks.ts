import type { CheckResult } from "../../model/checks/check.ts";
import { type Waiver, waiverText } from "../../model/findings/waiver.ts";
import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { PolicyContext } from "../rules/finding-facts.ts";
import type { Gate } from "../rules/judge-findings.ts";
import { waiversOf } from "./policy-waivers.ts";
import { dayOf, fitsAny, fitsEvery } from "./scope.ts";
import { WaiverUse } from "./waiver-use.ts";

/** Results of checks after the waivers of a policy. */
export interface WaivedChecks {
  readonly results: readonly CheckResult[];
  /** A sentence for each waiver without effect. */
  readonly idle: readonly string[];
}

/** Turns failures that the waivers of a policy accept into `waived`. Waivers with a package apply to no check. */
export function waiveChecks(results: readonly CheckResult[], { policy, context }: Gate): WaivedChecks {
  const waivers = waiversOf(policy);
  if (waivers.all.length === 0) return { results, idle: [] };
  const forChecks = waivers.all.filter((waiver) => !waiver.package);
  const use = new WaiverUse(waivers);
  const today = dayOf(context.now);
  const after = results.map((result): CheckResult => {
    if (result.state !== "fail") return result;
    const about = forChecks.filter((waiver) => isAbout(waiver, result, context));
    const waiver = about.length === 0 ? undefined : use.choose(about, { today, hasFix: undefined });
    return waiver ? { ...result, state: "waived", reason: waiverText(waiver) } : result;
  });
  const ids = new Set(results.map(({ id }) => id));
  const wasChecked = (waiver: Waiver): boolean =>
    !waiver.package && ids.values().some((id) => fitsWildcard(id, waiver.id));
  return { results: after, idle: use.idle(wasChecked, { today }) };
}

function isAbout(waiver: Waiver, { id, resource = "", location }: CheckResult, { images }: PolicyContext): boolean {
  if (!fitsWildcard(id, waiver.id)) return false;
  if (waiver.resource && !fitsAny(resource, waiver.resource)) return false;
  if (waiver.path && !fitsEvery(location ? [location.path] : [], waiver.path)) return false;
  return !waiver.image || images.some((name) => fitsAny(name, waiver.image));
}
