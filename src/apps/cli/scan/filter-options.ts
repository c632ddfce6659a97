import { type Command, InvalidArgumentError } from "commander";
import type { Severity } from "../../../model/findings/finding.ts";
import type { FindingFilter } from "../../../model/findings/finding-filter.ts";
import { thresholds } from "../../../policy/threshold.ts";
import { collectLists } from "../checks/collect-lists.ts";
import { SuggestingOption } from "../terminal/suggesting-option.ts";

const severities: readonly Severity[] = [...thresholds, "unknown"];

/** The options that filter what a scan shows, as commander gives them. */
export interface FilterFlags {
  readonly severity?: readonly Severity[];
  readonly ignoreUnfixed?: boolean;
}

/** Adds the options that filter what a scan shows. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(
      new SuggestingOption("--severity <list>", {
        description: "show only these severities, separated by commas",
        suggestions: severities,
      }).argParser(collectLists(readSeverity)),
    )
    .option("--ignore-unfixed", "show only findings with a fixed version");
}

/** The filter that the flags ask for; undefined for none. */
export function findingFilter({ severity, ignoreUnfixed = false }: FilterFlags): FindingFilter | undefined {
  if (severity === undefined && !ignoreUnfixed) return undefined;
  return { severities: severities.filter((each) => severity?.includes(each) ?? true), ignoreUnfixed };
}

function readSeverity(text: string): Severity {
  const severity = severities.find((each) => each === text.toLowerCase());
  if (severity !== undefined) return severity;
  throw new InvalidArgumentError(`Expected severities separated by commas: ${severities.join(", ")}.`);
}
