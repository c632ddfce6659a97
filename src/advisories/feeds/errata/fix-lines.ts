import type { Advisory } from "../../../model/findings/advisory.ts";
import type { Context } from "../../../model/plugin.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { RpmFix } from "./rpm-fix.ts";
import { isRpmVersion } from "./rpm-version-text.ts";

/** The reason of an entry that has no fix because the versions cannot be read. */
const unreadableVersions = "In versions that cannot be read";

/**
 * The lines of one advisory, as they are read. A line that cannot be read is a problem, and leaves the advisory that
 * was there before.
 */
export class FixLines {
  /**
   * In the order in which they came. A line of which only the package can be read becomes a fix that says that every
   * version is affected.
   */
  readonly fixes: RpmFix[] = [];
  readonly #label: string;
  readonly #context: Context;
  #isWhole = true;

  /** `label` names the advisory in problems. */
  constructor(label: string, context: Context) {
    this.#label = label;
    this.#context = context;
  }

  add(fix: RpmFix): void {
    const { name, fixed, lastAffected, introduced, ...place } = fix;
    const versions = [fixed, lastAffected, introduced].filter((text) => text !== undefined);
    if (!isPackageName(name)) {
      this.lose(`has an unusable entry for ${name.slice(0, 100)}: ${quoted(name)} is not a valid package name`);
      return;
    }
    const wrong = versions.find((text) => !isRpmVersion(text));
    if (wrong === undefined) {
      this.fixes.push(fix);
      return;
    }
    this.lose(`has an unusable entry for ${name}: ${quoted(wrong)} is not a valid version`);
    const start = introduced !== undefined && isRpmVersion(introduced) ? { introduced } : {};
    this.fixes.push({ ...place, ...start, name, reason: unreadableVersions });
  }

  /** Takes what is said of a package in versions that could not be read, of which `lose` has told. */
  addUnread(place: Pick<RpmFix, "ecosystem" | "name">): void {
    if (isPackageName(place.name)) this.fixes.push({ ...place, reason: unreadableVersions });
  }

  /** Reports that something else of the advisory could not be read: `has no criteria`. */
  lose(what: string): void {
    this.#isWhole = false;
    this.#context.problem({ code: "unreadable", message: `${this.#label} ${what}` });
  }

  /**
   * The advisory that was made of the lines; when something of it could not be read the one from before stays, and it
   * counts only where there was none. Nothing when there are no lines and all were read.
   */
  *items(id: string, make: (fixes: readonly RpmFix[]) => Advisory): Generator<FeedItem> {
    const advisory = this.fixes.length > 0 ? make(this.fixes) : undefined;
    if (!this.#isWhole) yield { kind: "unreadable", id, ...(advisory && { standIn: advisory }) };
    else if (advisory) yield { kind: "advisory", advisory };
  }
}

function isPackageName(text: string): boolean {
  return /^[\w.+~^-]{1,256}$/.test(text);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
