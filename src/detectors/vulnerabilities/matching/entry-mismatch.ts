import { type Advisory, type Affected, affectedExtension } from "../../../model/findings/advisory.ts";
import { schemeOf } from "../../../versions/ecosystems.ts";
import type { Subject } from "./evaluate.ts";
import { streamMismatch } from "./module-stream.ts";
import { programMismatch } from "./program-mismatch.ts";
import { isSameArchitecture } from "./same-architecture.ts";

/**
 * The reason why an entry that names a package of the right release does not cover it all the same: it means the source
 * package where a binary one was looked up or the reverse, another architecture, another module stream, or parts of a
 * Go module that no program contains, or other systems than theirs. Undefined when it does.
 */
export function entryMismatch(advisory: Advisory, entry: Affected, subject: Subject): string | undefined {
  return (
    (subject.kind === undefined ? undefined : kindMismatch(entry, subject)) ??
    (subject.architecture === undefined ? undefined : architectureMismatch(entry, subject)) ??
    // Only distributions with rpm have modules; a package that names one is asked whatever it is.
    (subject.module !== undefined || schemeOf(subject.ecosystem)?.id === "rpm"
      ? streamMismatch(advisory, entry, subject)
      : undefined) ??
    (subject.programs && programMismatch(entry, { name: subject.name, programs: subject.programs }))
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
  return architectures.some((one) => isSameArchitecture(one, architecture))
    ? undefined
    : `it is for ${architectures.join(", ")}, not ${architecture}`;
}
