import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, statSync } from "node:fs";
import { escapeData } from "../../reporters/formats/github/annotation.ts";

// What the runner of GitHub Actions reads: commands on stdout and files. Source: GitHub's "Workflow commands".

/** The limit of a job summary for one step. */
const largestSummary: number = 1024 * 1024;

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
