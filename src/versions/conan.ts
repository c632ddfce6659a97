import { compareText } from "../model/text/compare-text.ts";
import { compareNaturals, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// items ["-" items] ["+" items], where items = item {"." item}
//   the second items are a pre-release, the third a build
//   item  anything without "." and "+", in lower case; one of digits alone is a number
//
// Trailing zeros of the version mean nothing. A number and a text are compared as texts: 1.1 < 1.a. A pre-release comes
// before its release, a build after it; both are compared like versions.

/** A version of a Conan package; missing parts are undefined. */
export interface ConanVersion {
  readonly items: readonly (Natural | string)[];
  readonly prerelease: readonly (Natural | string)[] | undefined;
  readonly build: readonly (Natural | string)[] | undefined;
}

/**
 * Versions of Conan packages. Like Conan's, the order is not transitive where numbers and texts stand in one place
 * (2 < 10 < 1a, but 1a < 2).
 *
 * Source: Conan 2 documentation, "Version ranges" and the order of its class Version, in the test table of vers.
 */
export const conan: VersionScheme<ConanVersion> = {
  id: "conan",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim().toLowerCase();
    if (!/^[\da-z*][!-~]*$/.test(trimmed)) return undefined;
    const plus = trimmed.indexOf("+");
    const beforeBuild = plus < 0 ? trimmed : trimmed.slice(0, plus);
    const dash = beforeBuild.indexOf("-");
    const release = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash);
    return {
      items: readItems(release),
      prerelease: dash < 0 ? undefined : readItems(beforeBuild.slice(dash + 1)),
      build: plus < 0 ? undefined : readItems(trimmed.slice(plus + 1)),
    };
  },

  compare(a, b) {
    const order = compareItems(a.items, b.items);
    if (order !== 0) return order;
    if (a.prerelease === undefined || b.prerelease === undefined) {
      if (a.prerelease !== b.prerelease) return a.prerelease === undefined ? 1 : -1;
    } else {
      const phase = compareItems(a.prerelease, b.prerelease);
      if (phase !== 0) return phase;
    }
    return compareItems(a.build ?? [], b.build ?? []);
  },
};

function readItems(text: string): readonly (Natural | string)[] {
  const items = text.split(".").map((item) => (/^\d+$/.test(item) ? readNatural(item, 0, item.length) : item));
  while (items.at(-1) === 0) items.pop();
  return items;
}

function compareItems(a: readonly (Natural | string)[], b: readonly (Natural | string)[]): -1 | 0 | 1 {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    const order =
      typeof left === "string" || typeof right === "string"
        ? compareText(String(left), String(right))
        : compareNaturals(left, right);
    if (order !== 0) return order;
  }
  return compareNaturals(a.length, b.length);
}
