import { ecosystemWithOrderOf } from "../../../detectors/vulnerabilities/ecosystems/ecosystem-of.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { ListedPackage } from "../../../model/packages/package-search.ts";
import { parsePackageUrl } from "../../../model/packages/package-url.ts";
import { fitsWildcard } from "../../../model/packages/wildcard.ts";
import { compareVersions } from "../../../versions/ecosystems.ts";

/** Whether a package is searched for; `undecided` when its version cannot be compared. */
export type Fit = boolean | "undecided";

/** A search for packages. */
export interface PackageQuery {
  readonly fits: (found: ListedPackage) => Fit;
  /** Whether a package has the text of the search in its name. */
  readonly isSimilar: (found: ListedPackage) => boolean;
}

interface Comparator {
  readonly operator: string;
  readonly version: string;
}

const longestQuery = 1000;

/**
 * Reads `NAME`, `NAME@RANGE`, or a package URL with or without a version. A name is compared without regard to case;
 * `*` stands for any characters, and for Python `-`, `_` and `.` are the same. It is the name of a package or of the
 * source package that it was built from; of Maven also the artifact alone. A range is a version, or comparisons
 * (`>=2.0,<2.17.1`) that all must hold, in the order of versions of the package's type. Error: `usage`.
 */
export function parsePackageQuery(text: string): PackageQuery {
  if (text.length > longestQuery) throw malformed(text, "it is too long");
  return /^pkg:/i.test(text) ? queryOfUrl(text) : queryOfName(text);
}

function queryOfUrl(text: string): PackageQuery {
  const wanted = parsePackageUrl(text);
  if (!wanted) throw malformed(text, "it is not a valid package URL");
  const { type, namespace, name, version, qualifiers } = wanted;
  return {
    fits(found) {
      const own = parsePackageUrl(found.purl);
      return (
        own !== undefined &&
        own.type === type &&
        (namespace === undefined || own.namespace === namespace) &&
        nameIn(own.type, own.name) === nameIn(type, name) &&
        (version === undefined || own.version === version) &&
        Object.entries(qualifiers).every(([key, value]) => own.qualifiers[key] === value)
      );
    },
    isSimilar: (found) => found.name.toLowerCase().includes(name.toLowerCase()),
  };
}

function queryOfName(text: string): PackageQuery {
  const at = text.lastIndexOf("@");
  const pattern = at > 0 ? text.slice(0, at) : text;
  const range = at > 0 ? parseRange(text, text.slice(at + 1)) : [];
  if (pattern.replaceAll("*", "") === "" && range.length === 0 && pattern !== "*") throw malformed(text, "it is empty");
  const lower = pattern.toLowerCase();
  return {
    fits(found) {
      return isNamed(found, pattern) ? isInRange(found, range) : false;
    },
    isSimilar: ({ name }) => lower.length > 1 && name.toLowerCase().includes(lower.replaceAll("*", "")),
  };
}

function isNamed({ type, name, source }: ListedPackage, pattern: string): boolean {
  const names = [name, ...(source ? [source.name] : [])];
  if (type === "maven") names.push(name.slice(name.indexOf(":") + 1));
  const wanted = nameIn(type, pattern);
  return names.some((one) => fitsWildcard(nameIn(type, one), wanted));
}

function nameIn(type: string, name: string): string {
  const lower = name.toLowerCase();
  return type === "pypi" ? lower.replace(/[-_.]+/g, "-") : lower;
}

function parseRange(text: string, range: string): readonly Comparator[] {
  return range.split(",").map((part) => {
    const [, operator = "", version = ""] = /^(<=|>=|<|>|=)?\s*(\S+)$/.exec(part.trim()) ?? [];
    if (version === "" || /^[<>=^~!]/.test(version)) throw malformed(text, "its version range has a syntax error");
    return { operator: operator === "" ? "=" : operator, version };
  });
}

function isInRange({ type, version }: ListedPackage, range: readonly Comparator[]): Fit {
  let fit: Fit = true;
  for (const { operator, version: bound } of range) {
    const order = orderOf(type, version, bound);
    if (order === undefined) fit = "undecided";
    else if (!holds(operator, order)) return false;
  }
  return fit;
}

function orderOf(type: ListedPackage["type"], version: string, bound: string): number | undefined {
  if (version === bound) return 0;
  const ecosystem = ecosystemWithOrderOf(type);
  return ecosystem === undefined ? undefined : compareVersions(ecosystem, version, bound);
}

function holds(operator: string, order: number): boolean {
  if (operator === "=") return order === 0;
  return operator.startsWith("<")
    ? order < 0 || (operator === "<=" && order === 0)
    : order > 0 || (operator === ">=" && order === 0);
}

function malformed(text: string, reason: string): PlimsollError {
  return new PlimsollError("usage", `${JSON.stringify(text.slice(0, 100))} is not a package: ${reason}`, {
    hint: "For example log4j-core, 'log4j*', 'log4j-core@<2.17.1' or pkg:npm/lodash.",
  });
}
