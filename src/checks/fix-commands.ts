import { shellWord } from "./evidence.ts";

// What a reviewer reads, and a shell runs line by line under `set -eu`: each line is a command of its own, so that one
// that fails ends the script, and none does harm when it runs again.

/** A line that no shell runs: what to do where the right value, or the moment, is for a person to choose. */
export function hint(text: string): string {
  return `# ${text}`;
}

/** Adds a line to a file unless the file has it. */
export function appendLine(file: string, line: string): string {
  const [path, text] = [shellWord(file), shellWord(line)];
  // After `-e` and behind the format, a line may begin with a dash; `echo` would also read backslashes.
  return `grep -qsxF -e ${text} ${path} || printf '%s\\n' ${text} >> ${path}`;
}

/**
 * Puts a watch on a path into a file of audit rules, and loads the rules. A path with a blank or a quote in it cannot
 * stand in such a file: then only a hint.
 */
export function watchCommands(
  path: string,
  { rule, file }: { readonly rule: string; readonly file: string },
): string[] {
  if (!/^[\x21-\x7e]+$/.test(path) || /["'\\]/.test(path)) {
    return [hint(`${file} cannot contain the path ${path}: watch its parent directory instead`)];
  }
  return [appendLine(`/etc/audit/rules.d/${file}`, rule), "augenrules --load"];
}
