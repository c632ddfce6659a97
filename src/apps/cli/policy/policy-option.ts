import { relative } from "node:path";
import { type Command, Option } from "commander";
import { isGate, type Policy } from "../../../policy/file/policy.ts";
import { type Environment, environments } from "../../../policy/rules/policy-rule.ts";
import type { Threshold } from "../../../policy/threshold.ts";

/** What decides between allowed and denied. */
export interface PolicyFlags {
  readonly failOn?: Threshold;
  /** A file, or `none`. */
  readonly policy?: string;
  readonly environment?: Environment;
  /** The content of the policy file; set by {@link withPolicy}. */
  readonly loadedPolicy?: Policy;
}

/** Adds `--policy` and `--environment`. */
export function addPolicyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--policy <file>",
        "policy file, or none; by default plimsoll.yaml of this folder or above",
      ).hideHelp(),
    )
    .addOption(
      new Option("--environment <name>", "where the rules of the policy are evaluated; by default set by the command")
        .choices(environments)
        .hideHelp(),
    );
}

/**
 * The flags with the policy that applies. Errors: for the file `target-not-found`, `target-unreadable`,
 * `limit-exceeded`, `file-malformed`.
 */
export async function withPolicy<Flags extends PolicyFlags>(flags: Flags): Promise<Flags> {
  if (flags.policy === "none") return flags;
  const { findPolicyFile, loadPolicy } = await import("../../../pipeline/policy/load-policy.ts");
  const found = flags.policy ?? findPolicyFile(process.cwd());
  if (found === undefined) return flags;
  return { ...flags, loadedPolicy: loadPolicy(flags.policy ?? relative(process.cwd(), found)) };
}

/** The options of a scan under the policy; `environment` is that of the command. */
export function policyOptions(
  { failOn, loadedPolicy, environment }: PolicyFlags,
  { environment: usual }: { readonly environment: Environment },
): { readonly failOn?: Threshold; readonly policy?: Policy; readonly environment: Environment } {
  return {
    ...(failOn !== undefined && { failOn }),
    ...(loadedPolicy && { policy: loadedPolicy }),
    environment: environment ?? usual,
  };
}

/** Whether the flags ask for a verdict, by a severity or by rules. */
export function hasGate({ failOn, loadedPolicy = {} }: PolicyFlags): boolean {
  return failOn !== undefined || isGate(loadedPolicy);
}
