import type { CheckReport, CheckResult } from "../model/check.ts";
import { printable } from "./terminal-text.ts";

/**
 * A shell script for review: for each check that failed what to do, in words, and commands where there are some. Nothing runs by itself: the
 * script ends before the first command unless whoever read it removes that line.
 */
export function* fixScript({ target, results }: CheckReport): Iterable<string> {
  yield "#!/bin/sh\n";
  yield comment(
    `What would change so that failed checks of ${target.name} pass. Read each command, remove what you do not want.`,
  );
  yield "set -eu\n";
  yield 'echo "read this script first, then remove this line"; exit 1\n';
  for (const [id, failed] of Map.groupBy(results.filter(isFailed), (result) => result.id)) {
    const [{ title, remediation } = { title: "", remediation: "" }] = failed;
    yield `\n${comment(`${id}: ${title}`)}${comment(remediation)}`;
    for (const { resource, location, commands = [] } of failed) {
      const where = [resource, location && `${location.path}${location.line === undefined ? "" : `:${location.line}`}`];
      const text = where.filter((part) => part !== undefined).join("  ");
      if (text !== "") yield comment(`  ${text}`);
      for (const command of commands) yield commandLine(command);
    }
  }
}

function isFailed({ state }: CheckResult): boolean {
  return state === "fail";
}

/** A comment that stays one, whatever its text holds. */
function comment(text: string): string {
  return `# ${printable(text).trimEnd()}\n`;
}

/**
 * A command as it is; one with characters that a reader would not see, or that end a line, only as a comment: what is reviewed must be what
 * would run.
 */
function commandLine(command: string): string {
  return printable(command) === command ? `${command}\n` : comment(`written with invisible characters: ${command}`);
}
