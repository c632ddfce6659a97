import type { AffectedExtension } from "../../../model/findings/advisory.ts";
import type { VexJustification } from "../../../model/findings/vex.ts";
import { shortenText } from "../../shorten-text.ts";
import type { UbuntuStatement } from "./vex-document.ts";

/** What a statement says of each of its packages. */
export type PackageVerdict =
  | { readonly kind: "not-affected"; readonly justification?: VexJustification; readonly note?: string }
  | ({ readonly kind: "affected" } & Pick<AffectedExtension, "status" | "reason">);

const opening = "This package (for the given release) ";
const notesMark = "CVE Notes / justification:";

/**
 * What a statement of Ubuntu's says of its packages; undefined when it says nothing that OSV's records do not say
 * better.
 *
 * - `fixed` names the archive's newest version in place of the one with the fix, so it is passed over;
 * - `not_affected` because the `component_not_present` says that the release does not ship the package, which is
 *   nothing about one that is there;
 * - `affected` is in fixed words, of which some mean that there will be no fix, with the security team's notes behind
 *   them.
 *
 * Source: Ubuntu Security, "VEX data", and the words of the feed.
 */
export function readVerdict({ status, justification, words }: UbuntuStatement): PackageVerdict | undefined {
  const [sentence = "", ...rest] = words.split(notesMark);
  const notes = shortenText(rest.join(notesMark));
  if (status === "fixed" || justification === "component_not_present") return undefined;
  if (status === "not_affected") {
    return { kind: "not-affected", ...(justification && { justification }), ...(notes !== "" && { note: notes }) };
  }
  if (status === "under_investigation") {
    return { kind: "affected", status: "under-investigation", reason: "under investigation" };
  }
  const text = shortenText(sentence.trim().replace(opening, ""));
  const plan = plans.find(({ pattern }) => pattern.test(text));
  const said = plan?.words ?? text.replace(/\.$/, "");
  const reason = shortenText(notes === "" ? said : `${said}: ${notes}`);
  return { kind: "affected", ...(plan?.status && { status: plan.status }), ...(reason !== "" && { reason }) };
}

interface Plan {
  readonly pattern: RegExp;
  readonly status?: NonNullable<AffectedExtension["status"]>;
  readonly words: string;
}

const plans: readonly Plan[] = [
  { pattern: /no longer supported/, status: "end-of-life", words: "no longer supported" },
  { pattern: /decided to not fix/, status: "will-not-fix", words: "decided to not fix it" },
  { pattern: /deferred|postponed/, status: "fix-deferred", words: "deferred" },
  { pattern: /needs fixing/, words: "needs fixing" },
];
