import { Command, Option } from "commander";
import type { DatabaseStatus } from "../../model/advisory.ts";
import { databaseStatus } from "../../pipeline/advisory-source.ts";
import { defaultDatabasePath, foundDatabasePath } from "./environment.ts";
import { ExitCode, type Outcome } from "./exit-code.ts";
import { writeError, writeOut } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";

/** `plimsoll db build` and `plimsoll db status`. */
export function databaseCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("db").description("Build the advisory database, and look at it.");
  command
    .command("build")
    .description("Build the database from a bucket laid out as OSV.dev's bulk export (<Ecosystem>/all.zip).")
    .requiredOption("--from <folder-or-url>", "the bucket")
    .addOption(new Option("--db <file>", "the file to write").default(defaultDatabasePath(), "where scan looks for it"))
    .option("--only <ecosystems>", "only these, separated by commas: npm,PyPI,Debian")
    .option("-q, --quiet", "no progress line")
    .addHelpText("before", "Examples:\n  plimsoll db build --from osv-export/ --only Debian,npm\n")
    .action(async (flags: { from: string; db: string; only?: string; quiet?: boolean }) => {
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const { buildDatabase } = await import("../../pipeline/build-database.ts");
      const built = await buildDatabase({
        from: flags.from,
        output: flags.db,
        builtAt: new Date().toISOString(),
        signal,
        progress: (ecosystem, records) => line.text(`building  ${ecosystem}  ${records} records`),
        ...(flags.only === undefined ? {} : { ecosystems: flags.only.split(",").map((name) => name.trim()) }),
      });
      line[Symbol.dispose]();
      writeOut(statusText(built.status));
      if (built.refused > 0) {
        writeError(`${built.refused} records could not be read, the first: ${built.problems[0]?.message ?? ""}`);
        outcome.exitCode = ExitCode.incomplete;
      }
    });
  command
    .command("status")
    .description("Say which database a scan would use, how old it is and what it covers.")
    .option("--db <file>", "the database file")
    .addOption(new Option("-f, --format <format>", "how to print").choices(["table", "json"]).default("table"))
    .action((flags: { db?: string; format: string }) => {
      const status = databaseStatus(flags.db ?? foundDatabasePath());
      writeOut(flags.format === "json" ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
    });
  return command;
}

function statusText(status: DatabaseStatus): string {
  const name = status.kind === "built-in" ? "built-in advisories" : (status.path ?? "database");
  const rows = status.ecosystems.map(
    ({ ecosystem, records, newest }) =>
      `  ${ecosystem.padEnd(30)} ${String(records).padStart(8)}  newest ${newest.slice(0, 10)}`,
  );
  const head = `${name}\nbuilt ${status.builtAt} from ${status.source}, ${status.records} records\n`;
  const hint =
    status.kind === "built-in"
      ? "\nThese are only the best-known vulnerabilities. Build a full database: plimsoll db build --from BUCKET\n"
      : "";
  return `${head}${rows.join("\n")}\n${hint}`;
}
