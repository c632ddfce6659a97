import type { Finding } from "../../../model/findings/finding.ts";
import { vulnerabilityPage } from "../../documents/vulnerability-page.ts";
import { webAddress } from "../../documents/web-address.ts";
import { channelNames, withoutFix } from "../../fix-advice.ts";
import { html, type Markup, nothing } from "./markup.ts";

/** The id of a vulnerability, linked with its public page: an address of the web, or no link. */
export function vulnerabilityLink({ id, references = [] }: Pick<Finding, "id" | "references">): Markup {
  const address = vulnerabilityPage(id) ?? references.map(webAddress).find((known) => known !== undefined);
  return address === undefined ? html`${id}` : html`<a href="${address}" rel="noreferrer">${id}</a>`;
}

/** A mark for a vulnerability that is known to be exploited. */
export function exploitedMark(isExploited: boolean): Markup {
  return isExploited ? html` <span class="badge">known exploited</span>` : nothing;
}

/** The version with the fix, or why there is none. */
export function fixText({ fixedIn, channelFix, status }: Pick<Finding, "fixedIn" | "channelFix" | "status">): Markup {
  if (fixedIn !== undefined) return html`${fixedIn}`;
  const reason = html`<span class="muted">${withoutFix[status].reason}</span>`;
  if (!channelFix) return reason;
  return html`${reason}<small>in ${channelNames[channelFix.channel]}: ${channelFix.version}</small>`;
}

/** The first items, then how many more there are. */
export function firstOf(items: readonly string[], most: number): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(", ")} and ${more} more` : items.join(", ");
}
