import { relative } from "node:path";
import { type Command, Option } from "commander";
import { stricterThreshold, type Threshold } from "../../../policy/threshold.ts";

/** What decides between allowed and denied. */
export interface PolicyFlags {
  readonly failOn?: Threshold;
  /** A file, or `none`. */
  readonly policy?: string;
}

/** Adds `--policy`. */
export function addPolicyOption(command: Command): Command {
  return command.addOption(
    new Option("--policy <file>", "policy file, or none; by default plimsoll.yaml of this folder or above").hideHelp(),
  );
}

/**
 * The flags with `failOn` as the policy file and `--fail-on` say it together: the stricter counts. Errors: for the file
 * `target-not-found`, `target-unreadable`, `limit-exceeded`, `file-malformed`.
 */
export async function withPolicy<Flags extends PolicyFlags>(flags: Flags): Promise<Flags> {
  if (flags.policy === "none") return flags;
  const { findPolicyFile, loadPolicy } = await import("../../../pipeline/policy/load-policy.ts");
  const found = flags.policy ?? findPolicyFile(process.cwd());
  if (found === undefined) return flags;
  const file = flags.policy ?? relative(process.cwd(), found);
  const failOn = stricterThreshold(loadPolicy(file).failOn, flags.failOn);
  return { ...flags, ...(failOn !== undefined && { failOn }) };
}
