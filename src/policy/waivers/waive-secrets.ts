import { type SecretFinding, secretId } from "../../model/findings/secret.ts";
import type { WaivedSecret, Waiver } from "../../model/findings/waiver.ts";
import { fitsWildcard } from "../../model/packages/wildcard.ts";
import type { PolicyContext } from "../rules/finding-facts.ts";
import type { Gate } from "../rules/judge-findings.ts";
import { waiversOf } from "./policy-waivers.ts";
import { dayOf, fitsAny } from "./scope.ts";
import { WaiverUse } from "./waiver-use.ts";

/** Secrets after the waivers of a policy, in their order. */
export interface WaivedSecrets {
  readonly counting: readonly SecretFinding[];
  readonly waived: readonly WaivedSecret[];
  /** A sentence for each waiver of a secret without effect. */
  readonly idle: readonly string[];
}

/** Splits secrets by the waivers of a policy. Waivers with a package or a resource apply to no secret. */
export function waiveSecrets(secrets: readonly SecretFinding[], { policy, context }: Gate): WaivedSecrets {
  const waivers = waiversOf(policy);
  if (waivers.all.length === 0) return { counting: secrets, waived: [], idle: [] };
  const forSecrets = waivers.all.filter((waiver) => !waiver.package && !waiver.resource);
  const use = new WaiverUse(waivers);
  const today = dayOf(context.now);
  const counting: SecretFinding[] = [];
  const waived: WaivedSecret[] = [];
  for (const secret of secrets) {
    const about = forSecrets.filter((waiver) => isAbout(waiver, secret, context));
    const waiver = about.length === 0 ? undefined : use.choose(about, { today, hasFix: undefined });
    if (waiver) waived.push({ secret, waiver });
    else counting.push(secret);
  }
  return { counting, waived, idle: use.idle(({ id }) => id.startsWith("secret/"), { today }) };
}

function isAbout(waiver: Waiver, secret: SecretFinding, { images }: PolicyContext): boolean {
  if (!fitsWildcard(secretId(secret), waiver.id)) return false;
  if (waiver.path && !fitsAny(secret.path, waiver.path)) return false;
  return !waiver.image || images.some((name) => fitsAny(name, waiver.image));
}
