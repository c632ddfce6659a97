import { type Advisory, type Affected, affectedExtension } from "../../model/advisory.ts";
import { schemeOf } from "../../versions/ecosystems.ts";
import type { Subject } from "./evaluate.ts";
import { streamMismatch } from "./module-stream.ts";

/**
 * Why an entry that names a package of the right release does not speak of it all the same: it means the source package where
 * a binary one was looked up or the reverse, another architecture, another module stream, or parts of a Go module that the
 * program does not contain. Undefined when it does.
 */
export function entryMismatch(advisory: Advisory, entry: Affected, subject: Subject): string | undefined {
  return (
    (subject.kind === undefined ? undefined : kindMismatch(entry, subject)) ??
    (subject.architecture === undefined ? undefined : architectureMismatch(entry, subject)) ??
    // Only distributions with rpm have modules; a package that names one is asked whatever it is.
    (subject.module !== undefined || schemeOf(subject.ecosystem)?.id === "rpm"
      ? streamMismatch(advisory, entry, subject)
      : undefined) ??
    (subject.linkedPackages && linkMismatch(entry, subject))
  );
}

function kindMismatch(entry: Affected, { name, kind, unmarked }: Subject): string | undefined {
  const names = affectedExtension(entry).names ?? unmarked;
  if (kind === undefined || names === undefined || names === kind) return undefined;
  return `it names the ${names} package ${name}, not the ${kind} package`;
}

function architectureMismatch(entry: Affected, { architecture }: Subject): string | undefined {
  const { architectures } = affectedExtension(entry);
  if (!architectures || architecture === undefined || architecture === "noarch" || architecture === "all") {
    return undefined;
  }
  return architectures.includes(architecture)
    ? undefined
    : `it is for ${architectures.join(", ")}, not ${architecture}`;
}

/**
 * A module of which the program contains no code at all brings none of its vulnerabilities; else the packages that the entry
 * names decide, when it names any.
 *
 * Source: Go vulnerability database, "ecosystem_specific.imports".
 */
function linkMismatch(
  { ecosystem_specific: specific }: Affected,
  { name, linkedPackages }: Subject,
): string | undefined {
  if (!linkedPackages) return undefined;
  if (linkedPackages.size === 0) return `the program contains no code of ${name}`;
  const imports = specific?.["imports"];
  if (!Array.isArray(imports)) return undefined;
  const paths = imports.flatMap((item: { path?: unknown } | null) => (typeof item?.path === "string" ? item.path : []));
  if (paths.length === 0 || paths.some((path) => linkedPackages.has(path.toLowerCase()))) return undefined;
  const some = paths.length > 3 ? `${paths.slice(0, 3).join(", ")} and ${paths.length - 3} more` : paths.join(", ");
  return `it is in ${some}, which the program does not contain`;
}
