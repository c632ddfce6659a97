import type { Advisory } from "../model/findings/advisory.ts";
import type { ReleaseCycle } from "../model/findings/release-cycle.ts";
import type { VexStatement } from "../model/findings/vex.ts";
import type { VulnerabilityFacts } from "../model/findings/vulnerability-facts.ts";

/** What a publisher says of a package; `ecosystem` with the suffix of the release, `name` in OSV's form. */
export interface StatementItem {
  readonly kind: "statement";
  readonly ecosystem: string;
  readonly name: string;
  readonly statement: VexStatement;
}

/** What a feed brings, one thing at a time. */
export type FeedItem =
  /** A vulnerability of packages. Its id is unique over all feeds. */
  | { readonly kind: "advisory"; readonly advisory: Advisory }
  /** Only in a part of changes: the advisory of this id is no longer published. */
  | { readonly kind: "removed"; readonly id: string }
  /**
   * The record of this id, or what is stated of the vulnerability of this name, could not be read, or not all of it, of
   * which there is a problem too: what the last update brought stays, unless an advisory of the id comes, or statements
   * of the name. Where the last update brought no such advisory or only a stand-in, `standIn` counts until one comes,
   * and not what was stated of the names in its `upstream`. With `statements`, of which there may be none, `standIn`
   * counts instead of an advisory that was modified before it too, and they count where it does. What was affected
   * before stays affected where neither says anything of the package; where nothing was there, a `standIn` without a
   * package does not count. A feed can ask for the record again: `FetchOptions.refused`. With `again: false` there is
   * nothing to ask for: the record says nothing, which need be no problem, or another item asks for it. With `again:
   * "changed"` it comes again by itself when its publisher changes it, and until then it is reported as read in part.
   */
  | {
      readonly kind: "unreadable";
      readonly id: string;
      readonly standIn?: Advisory;
      readonly statements?: readonly StatementItem[];
      readonly again?: false | "changed";
    }
  | StatementItem
  /** Facts about a CVE; those of several feeds are joined, lists one after the other in the order of the feeds. */
  | { readonly kind: "facts"; readonly cve: string; readonly facts: VulnerabilityFacts }
  | { readonly kind: "release-cycle"; readonly product: string; readonly cycle: ReleaseCycle }
  | { readonly kind: "repository"; readonly repository: string; readonly cpes: readonly string[] };
