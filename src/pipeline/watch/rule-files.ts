import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { dataPath } from "../../io/files/data-path.ts";
import { readSmallFile } from "../../io/files/read-small-file.ts";
import { asTargetError } from "../../io/http/as-target-error.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Priority } from "../../model/events/alert.ts";
import { printLoadReport } from "../../rules/loading/load-report.ts";
import { type AppendOutput, loadRules, type RuleSelection } from "../../rules/loading/load-rules.ts";
import type { RuleSet } from "../../rules/loading/rule-set.ts";
import type { Generation } from "../../rules/state/kernel-state.ts";
import { builtInPlugins, ruleSource } from "./rule-sources.ts";

const largestFile = 4 << 20;
const mostFiles = 1000;

/** Which rules are loaded, and how. */
export interface RuleLoading {
  /**
   * Files and folders in order; of a folder its `.yaml` and `.yml` files by name. Absent: the rules that come with the
   * program.
   */
  readonly paths?: readonly string[];
  readonly generation?: Generation;
  readonly selection?: readonly RuleSelection[];
  readonly minimumPriority?: Priority;
  readonly appendOutput?: readonly AppendOutput[];
}

/**
 * The files that loading would read, in order. Errors: `target-not-found`, also for a folder without any,
 * `target-unreadable`, `limit-exceeded`.
 */
export function ruleFilePaths(paths?: readonly string[]): readonly string[] {
  return filesAt(paths, { isWanted: (name) => !isRuleTest(name), mustHave: "rule files" });
}

/** The files with tests of rules among these, as {@link ruleFilePaths} has rules. Errors: the same. */
export function testFilePaths(paths?: readonly string[]): readonly string[] {
  return filesAt(paths, { isWanted: isRuleTest });
}

/**
 * Loads rule files together, as Falco does. Faults in them are in the findings of the set. Errors: those of
 * {@link ruleFilePaths}.
 */
export function readRules(loading: RuleLoading): RuleSet {
  const { generation = "head", selection, minimumPriority, appendOutput } = loading;
  return loadRules(
    ruleFilePaths(loading.paths).map((name) => ({ name, text: readText(name) })),
    {
      source: (name) => ruleSource(name, generation),
      plugins: builtInPlugins,
      generation,
      ...(selection && { selection }),
      ...(minimumPriority && { minimumPriority }),
      ...(appendOutput && { appendOutput }),
    },
  );
}

/**
 * As {@link readRules}, for those who need rules that hold. Error: `rules-malformed` with the report of the first bad
 * file.
 */
export function readValidRules(loading: RuleLoading): RuleSet {
  const rules = readRules(loading);
  const bad = rules.files.find(({ isSuccessful }) => !isSuccessful);
  if (bad) {
    const lines = [
      "the rules cannot be used",
      ...printLoadReport(bad, { verbose: true, forPeople: true }).trimEnd().split("\n"),
    ];
    throw new PlimsollError("rules-malformed", lines.join("\n"), {
      lines,
      hint: "`plimsoll rules validate FILE` shows this and all warnings.",
    });
  }
  return rules;
}

/** The text of a file. Errors: `target-not-found`, `target-unreadable`, `limit-exceeded`. */
export function readText(path: string): string {
  return onDisk(path, () => readSmallFile(path, { largest: largestFile }).toString("utf8"));
}

/** Files as they are named, and the wanted YAML files of folders; without `mustHave` a folder may be empty. */
function filesAt(
  paths: readonly string[] | undefined,
  { isWanted, mustHave }: { readonly isWanted: (name: string) => boolean; readonly mustHave?: string },
): readonly string[] {
  const found = (paths ?? [dataPath("rules")]).flatMap((path) => {
    if (!onDisk(path, () => statSync(path)).isDirectory()) return [path];
    const names = onDisk(path, () => readdirSync(path)).filter((name) => /\.ya?ml$/.test(name) && isWanted(name));
    if (names.length === 0 && mustHave !== undefined) {
      throw new PlimsollError("target-not-found", `${path} holds no ${mustHave}`, {
        hint: "In a folder, only files that end in .yaml or .yml are read.",
      });
    }
    return names.sort().map((name) => join(path, name));
  });
  if (found.length <= mostFiles) return found;
  throw new PlimsollError("limit-exceeded", `there are ${found.length} rule files, more than ${mostFiles}`);
}

/** Tests of rules lie beside them. */
function isRuleTest(name: string): boolean {
  return /\.test\.ya?ml$/.test(name);
}

function onDisk<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw asTargetError(path, cause);
  }
}
