import { counted } from "../../../model/text/counted.ts";
import { type Digest, digestLines, digestOf, digestTitle, findingLine, shortLine } from "../rows/digest.ts";
import type { ResultRow } from "../rows/result-row.ts";
import { type AnnotationKind, type AnnotationPlace, annotation } from "./annotation.ts";

/** GitHub shows ten annotations of a kind for a step; one is for the verdict. */
const mostOfKind = 9;

/**
 * Annotations for GitHub Actions: the verdict, and the worst findings as errors (critical and high) or warnings. A last
 * one counts those left out.
 */
export function* githubAnnotations(rows: Iterable<ResultRow>): Iterable<string> {
  const digest = digestOf(rows, { most: 4 * mostOfKind });
  yield annotation(
    verdictKind(digest),
    shortLine(digestTitle(digest)),
    digestLines(digest).join("\n") || "no findings",
  );
  let shown = 0;
  for (const kind of ["error", "warning"] as const) {
    for (const row of digest.worst.filter((one) => kindOf(one) === kind).slice(0, mostOfKind)) {
      shown++;
      yield annotation(kind, shortLine(`${row.severity} ${row.id}`), findingLine(row), placeOf(row));
    }
  }
  const left = digest.findings - shown;
  if (left > 0) yield annotation("notice", "Plimsoll", `${counted(left, "more finding")} not shown`);
}

function verdictKind({ verdict, incomplete, decisions }: Digest): AnnotationKind {
  if (decisions.has("denied")) return "error";
  return incomplete > 0 || verdict?.outcome === "incomplete" ? "warning" : "notice";
}

function kindOf({ severity }: ResultRow): AnnotationKind {
  return severity === "critical" || severity === "high" ? "error" : "warning";
}

/** Only checks lie in files of the repository: the packages of an image do not. */
function placeOf({ type, location }: ResultRow): AnnotationPlace | undefined {
  if (type !== "check" || location === "") return undefined;
  const [, file = "", line = ""] = /^(.+):(\d+)$/s.exec(location) ?? [];
  return file === "" ? { file: shortLine(location) } : { file: shortLine(file), line: Number(line) };
}
