import { Option } from "commander";
import type { ExamineOptions } from "../../../pipeline/scan/examine-target.ts";

/** Whether packages that only development needs are wanted. */
export interface IncludeDevFlags {
  readonly includeDev?: true;
}

/** `--include-dev`. */
export function includeDevOption(): Option {
  return new Option("--include-dev", "include packages that only development, tests or builds need").hideHelp();
}

/** What the flag means for a scan. */
export function includeDevOptions({ includeDev }: IncludeDevFlags): Pick<ExamineOptions, "includeDevelopment"> {
  return includeDev ? { includeDevelopment: true } : {};
}
