import type { Finding } from "../../model/findings/finding.ts";
import { withoutFix } from "../fix-advice.ts";

/** The upgrade that fixes a finding, as a sentence, with a name or without; undefined without a fixed version. */
export function upgradeText(
  { fixedIn, channelFix }: Pick<Finding, "fixedIn" | "channelFix">,
  name?: string,
): string | undefined {
  const upgrade = name === undefined ? "Upgrade" : `Upgrade ${name}`;
  if (fixedIn !== undefined) return `${upgrade} to ${fixedIn}.`;
  return channelFix && `${upgrade} to ${channelFix.version} from the channel ${channelFix.channel}.`;
}

/** As {@link upgradeText} without a name; without a fixed version, why there is no upgrade. */
export function actionText(finding: Pick<Finding, "fixedIn" | "channelFix" | "status">): string {
  return upgradeText(finding) ?? `No upgrade available: ${withoutFix[finding.status].reason}.`;
}
