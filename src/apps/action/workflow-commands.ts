import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, statSync } from "node:fs";

// What the runner of GitHub Actions reads: commands on stdout and files. Source: GitHub's "Workflow commands".

/** The limit of a job summary for one step. */
const largestSummary: number = 1024 * 1024;

/** Kinds of annotations. */
export type AnnotationKind = "error" | "warning" | "notice";

/** A command that shows a text as an annotation. Text from outside cannot end the command or start another one. */
export function annotation(kind: AnnotationKind, title: string, text: string): string {
  return `::${kind} title=${escapeProperty(title)}::${escapeData(text)}\n`;
}

/** A command that hides a value in the log from here on; nothing for an empty value. */
export function mask(value: string): string {
  return value === "" ? "" : `::add-mask::${escapeData(value)}\n`;
}

/** A text for the log in which the runner looks for no commands. */
export function plainLog(text: string): string {
  const token = randomUUID();
  return `::stop-commands::${token}\n${text}${text.endsWith("\n") ? "" : "\n"}::${token}::\n`;
}

/** Adds an output to the file of `GITHUB_OUTPUT`. */
export function writeOutput(file: string, name: string, value: string): void {
  const end = `end-${randomUUID()}`;
  appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
}

/** Adds Markdown to the file of `GITHUB_STEP_SUMMARY`; false when it does not fit, and nothing is written. */
export function writeSummary(file: string, markdown: string): boolean {
  const present = existsSync(file) ? statSync(file).size : 0;
  if (present + Buffer.byteLength(markdown) > largestSummary) return false;
  appendFileSync(file, markdown);
  return true;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
