import {
  type Advisory,
  type Affected,
  type AffectedRange,
  affectedExtension,
  type RangeEvent,
} from "../../../model/findings/advisory.ts";

// Packages of a module (nodejs:18) carry `.module_el8…` or `.module+el8…` in their release. Versions of different
// streams of one module, and of the same package outside any module, cannot be compared with each other. A feed of our
// own says for which stream an entry is; a record of OSV says it only in its summary: "Important: virt:rhel and
// virt-devel:rhel security update".

function isModular(version: string): boolean {
  return version.includes(".module") && (version.includes(".module_") || version.includes(".module+"));
}

/**
 * The reason why an entry of a record does not cover a package because of their module streams; undefined when it may.
 * `module` is the package's stream when its database says so; where only the version shows that the package is modular,
 * any stream of the record may be meant.
 */
export function streamMismatch(
  advisory: Advisory,
  affected: Affected,
  subject: { readonly version: string; readonly module?: string },
): string | undefined {
  const stated = affectedExtension(affected).module;
  const modular = stated === undefined ? fixesAreModular(affected) : stated !== "";
  const packageIsModular = subject.module !== undefined || isModular(subject.version);
  if (!modular && !packageIsModular) return undefined;
  if (!modular) return "the package is from a module stream and the record is not about one";
  if (!packageIsModular) return "the record is about a module stream and the package is from none";
  const streams = stated === undefined ? streamsOf(advisory.summary ?? "") : [stated];
  if (subject.module === undefined || streams.length === 0 || streams.includes(subject.module)) return undefined;
  return `the record is about ${streams.join(" and ")} and the package is from ${subject.module}`;
}

function fixesAreModular({ ranges }: Affected): boolean {
  return ranges?.some(hasModularBound) === true;
}

function hasModularBound({ events }: AffectedRange): boolean {
  return events.some(isModularBound);
}

function isModularBound({ fixed, last_affected: last, introduced = "" }: RangeEvent): boolean {
  return isModular(fixed ?? last ?? introduced);
}

function streamsOf(summary: string): string[] {
  return summary.split(/[\s,/]+/).filter((word) => /^[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*$/.test(word));
}
