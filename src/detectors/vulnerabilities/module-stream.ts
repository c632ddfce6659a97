import type { Advisory, Affected } from "../../model/advisory.ts";

// Packages of a module (nodejs:18) carry `.module_el8…` or `.module+el8…` in their release. Versions of different streams of
// one module, and of the same package outside any module, cannot be compared with each other. A record says which streams it
// is for only in its summary: "Important: virt:rhel and virt-devel:rhel security update".

const mark = /\.module[_+]/;

/**
 * Why an entry of a record does not speak of a package because of their module streams; undefined when it may. `module` is
 * the package's stream when its database says so.
 */
export function streamMismatch(
  advisory: Advisory,
  affected: Affected,
  subject: { readonly version: string; readonly module?: string },
): string | undefined {
  const modular = (affected.ranges ?? []).some((range) =>
    range.events.some((event) => mark.test(event.fixed ?? event.last_affected ?? event.introduced ?? "")),
  );
  const packageIsModular = subject.module !== undefined || mark.test(subject.version);
  if (!modular && !packageIsModular) return undefined;
  if (!modular) return "the package is from a module stream and the record is not about one";
  if (!packageIsModular) return "the record is about a module stream and the package is from none";
  const streams = streamsOf(advisory.summary ?? "");
  if (subject.module === undefined || streams.length === 0 || streams.includes(subject.module)) return undefined;
  return `the record is about ${streams.join(" and ")} and the package is from ${subject.module}`;
}

function streamsOf(summary: string): string[] {
  return summary.split(/[\s,/]+/).filter((word) => /^[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*$/.test(word));
}
