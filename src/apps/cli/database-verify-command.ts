import { Command, Option } from "commander";
import { defaultDatabasePath } from "./environment.ts";
import { writeOut } from "./output.ts";

/** `plimsoll db verify`. */
export function databaseVerifyCommand(signal: AbortSignal): Command {
  return new Command("verify")
    .description("Read the whole database, and say whether it is what was written and which content it has.")
    .option("--db <file>", "the database file")
    .addOption(new Option("-f, --format <format>", "how to print").choices(["table", "json"]).default("table"))
    .action(async (flags: { db?: string; format: string }) => {
      const { inspectDatabase } = await import("../../pipeline/inspect-database.ts");
      const path = flags.db ?? defaultDatabasePath();
      const verified = await inspectDatabase(path, signal);
      if (flags.format === "json") {
        writeOut(`${JSON.stringify({ path, ...verified }, null, 2)}\n`);
        return;
      }
      const { digest, parts, records, statements, entries } = verified;
      writeOut(
        `${path} is whole\n  content     ${digest}\n  parts       ${parts}\n  advisories  ${records}\n` +
          `  statements  ${statements}\n  entries     ${entries} in side tables\n`,
      );
    });
}
