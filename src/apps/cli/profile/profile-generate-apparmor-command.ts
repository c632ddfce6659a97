import { Command } from "commander";
import { collectValues } from "../options/collect-values.ts";
import { writeNote, writeOut } from "../terminal/output.ts";

interface GenerateFlags {
  readonly name: string;
  readonly trace: readonly string[];
  readonly from?: string;
  readonly enforce?: boolean;
  readonly exact?: boolean;
}

/** `plimsoll profile generate-apparmor`. */
export function profileGenerateApparmorCommand(signal: AbortSignal): Command {
  return new Command("generate-apparmor")
    .summary("make an AppArmor profile")
    .description(
      "Make an AppArmor profile that allows what AppArmor logged, in complain mode unless --enforce is given.",
    )
    .requiredOption("--name <name>", "the name of the profile")
    .requiredOption(
      "--trace <file>",
      "audit log, syslog, dmesg, or journal as text or JSON; - is stdin; repeatable",
      collectValues((value) => value),
    )
    .option("--from <profile>", "only accesses under this profile")
    .option("--enforce", "stop violations instead of logging them")
    .option("--exact", "do not generalise process ids, UUIDs and long numbers in paths")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  journalctl -k | plimsoll profile generate-apparmor --name web --trace -",
        "  plimsoll profile generate-apparmor --name web --trace audit.log --enforce",
        "",
      ].join("\n"),
    )
    .action(async ({ name, trace: traces, from, enforce = false, exact = false }: GenerateFlags) => {
      const { generateAppArmor } = await import("../../../pipeline/profiles/apparmor-log.ts");
      const generated = await generateAppArmor({ name, traces, from, enforce, exact }, signal);
      writeOut(generated.text);
      const { accesses, skipped, leftOut } = generated;
      writeNote(`${accesses} different accesses; ${skipped} other AppArmor messages`);
      for (const reason of leftOut) writeNote(`no rule for an access: ${reason}`);
    });
}
