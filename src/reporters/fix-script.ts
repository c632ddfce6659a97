import type { CheckReport, CheckResult, Evidence } from "../model/checks/check.ts";
import { evidenceText } from "./evidence-text.ts";
import { printable } from "./terminal-text.ts";

const mostEvidence = 20;

/**
 * A shell script for review: for each check that failed what to do, in words, and commands where there are some, else
 * what was seen and what should be there. Nothing runs by itself: the script ends before the first command unless
 * whoever read it removes that line. A command that ends several results, such as one that loads what they wrote, is
 * written once, behind all of them.
 */
export function* fixScript({ target, results }: CheckReport): Iterable<string> {
  yield "#!/bin/sh\n";
  yield comment(
    `Commands that make the failed checks of ${target.name} pass. Read each command, and remove those that you do not want.`,
  );
  const place = whereToRun[target.kind];
  if (place !== undefined) yield comment(place);
  yield "set -eu\n";
  yield 'echo "read this script first, then remove this line"; exit 1\n';
  const failures = results.filter(isFailed);
  const last = lastCommands(failures);
  for (const [id, failed] of Map.groupBy(failures, (result) => result.id)) {
    const [{ title, remediation } = { title: "", remediation: "" }] = failed;
    yield `\n${comment(`${id}: ${title}`)}${comment(remediation)}`;
    for (const { resource, location, evidence, commands = [] } of failed) {
      const where = [resource, location && `${location.path}${location.line === undefined ? "" : `:${location.line}`}`];
      const text = where.filter((part) => part !== undefined).join("  ");
      if (text !== "") yield comment(`  ${text}`);
      if (commands.length === 0) for (const one of evidence.slice(0, mostEvidence)) yield* evidenceLines(one);
      for (const [index, command] of commands.entries()) {
        if (index < commands.length - 1 || !last.has(command)) yield commandLine(command);
      }
    }
  }
  if (last.size > 0) yield `\n${comment("Once, behind all of the above.")}`;
  for (const command of last) yield commandLine(command);
}

// The commands name files, containers and settings of the machine that the facts are of, which need not be the one that
// wrote the script.
const onMachine = "Run it as root on the machine that was checked. It stops at the first command that fails.";
const whereToRun: Readonly<Partial<Record<CheckReport["target"]["kind"], string>>> = {
  docker: onMachine,
  host: onMachine,
  kubernetes: "Run it where the node's files and the cluster can be reached. It stops at the first command that fails.",
  dockerfile: "Run it in the folder from which the files were checked. It stops at the first command that fails.",
  manifests: "Run it in the folder from which the files were checked. It stops at the first command that fails.",
};

function isFailed({ state }: CheckResult): boolean {
  return state === "fail";
}

/** The commands that are the last one of more than one result. */
function lastCommands(results: readonly CheckResult[]): ReadonlySet<string> {
  const once = new Set<string>();
  const several = new Set<string>();
  for (const { commands = [] } of results) {
    const command = commands.at(-1);
    if (command === undefined) continue;
    if (once.has(command)) several.add(command);
    once.add(command);
  }
  return several;
}

function* evidenceLines(evidence: Evidence): Iterable<string> {
  if (evidence.expected === undefined) return;
  yield comment(`    ${evidenceText(evidence)}`);
}

/** A comment that stays one, whatever its text holds. */
function comment(text: string): string {
  return `# ${printable(text).trimEnd()}\n`;
}

/**
 * A command as it is; one with characters that a reader would not see, or that end a line, only as a comment: what is
 * reviewed must be what would run.
 */
function commandLine(command: string): string {
  return printable(command) === command ? `${command}\n` : comment(`written with invisible characters: ${command}`);
}
