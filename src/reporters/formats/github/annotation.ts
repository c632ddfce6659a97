// Workflow commands, which the runner of GitHub Actions reads on stdout. Source: GitHub's "Workflow commands".

/** Kinds of annotations. */
export type AnnotationKind = "error" | "warning" | "notice";

/** A place in a file of the repository. */
export interface AnnotationPlace {
  readonly file: string;
  readonly line?: number;
}

/** A command that shows a text as an annotation. Text from outside cannot end the command or start another one. */
export function annotation(kind: AnnotationKind, title: string, text: string, place?: AnnotationPlace): string {
  const where = place
    ? `file=${escapeProperty(place.file)},${place.line === undefined ? "" : `line=${place.line},`}`
    : "";
  return `::${kind} ${where}title=${escapeProperty(title)}::${escapeData(text)}\n`;
}

/** Text behind the last `::` of a command. */
export function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
