import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { addTargetOptions, baseOption, type TargetFlags, targetWish } from "./profile-options.ts";

interface LintFlags extends TargetFlags {
  readonly base?: string;
  readonly format: "text" | "json";
}

/** `plimsoll profile lint`. */
export function profileLintCommand(outcome: Outcome): Command {
  const command = new Command("lint")
    .summary("find mistakes and risks in profiles")
    .description(
      "Find mistakes and risks in profiles of seccomp and AppArmor: errors, rules without effect, dangerous rules.",
    )
    .argument("<file...>", "seccomp profiles or AppArmor policy, recognised by content; - is stdin")
    .addOption(baseOption());
  return addTargetOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText(
      "before",
      "Examples:\n  plimsoll profile lint seccomp.json --cap-add SYS_PTRACE\n  plimsoll profile lint /etc/apparmor.d/docker-web\n",
    )
    .addHelpText("after", "\nExit codes: 0 no warnings (advice only), 1 warnings or errors.")
    .action(async (files: readonly string[], { format, base, ...flags }: LintFlags) => {
      const { lintProfiles } = await import("../../../pipeline/profiles/examine-profile.ts");
      const findings = await lintProfiles(files, { ...targetWish(flags), base });
      if (format === "json") writeJson(findings);
      else {
        for (const { file, line, profile, severity, code, rule, message, hint } of findings) {
          const place = [
            line === undefined ? file : `${file}:${line}`,
            ...(profile === undefined ? [] : [profile]),
            ...(rule === undefined ? [] : [`rule ${rule}`]),
          ];
          writeOut(`${printable(place.join(": "))}: ${severity} ${code}: ${printable(message)}\n`);
          writeOut(`    ${printable(hint)}\n`);
        }
      }
      if (findings.some(({ severity }) => severity !== "advice")) outcome.exitCode = ExitCode.denied;
    });
}
