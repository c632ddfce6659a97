import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { databaseFileOption } from "./database-file-option.ts";

/** `plimsoll db verify`. */
export function databaseVerifyCommand(signal: AbortSignal): Command {
  return new Command("verify")
    .summary("verify the content of the database")
    .description("Read the whole database, verify that it is intact, and show its contents.")
    .addOption(databaseFileOption())
    .addOption(formatOption())
    .action(async ({ db: path, format }: { db: string; format: string }) => {
      const { inspectDatabase } = await import("../../../pipeline/database/inspect-database.ts");
      const verified = await inspectDatabase(path, signal);
      if (format === "json") {
        writeJson({ path, ...verified });
        return;
      }
      const { digest, parts, records, statements, entries } = verified;
      writeOut(
        `${printable(path)} is intact\n  content     ${digest}\n  parts       ${parts}\n  advisories  ${records}\n` +
          `  statements  ${statements}\n  entries     ${entries} in side tables\n`,
      );
    });
}
