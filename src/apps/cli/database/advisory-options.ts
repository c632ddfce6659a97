import { type Command, InvalidArgumentError, Option } from "commander";
import { defaultAgeLimits } from "../../../pipeline/database/database-age.ts";
import type { ScanOptions } from "../../../pipeline/scan/scan.ts";
import {
  defaultDatabasePath,
  environmentDays,
  existingDatabase,
  feedAccess,
  isOffline,
  namedOrExistingDatabase,
} from "../environment.ts";

/** The options of every command that compares with advisories, as commander gives them. */
export interface AdvisoryFlags {
  readonly db?: string;
  readonly update: boolean;
  readonly offline?: boolean;
  readonly maxDbAge?: number;
  readonly warnDbAge?: number;
}

/** Adds the options of every command that compares with advisories. */
export function addAdvisoryOptions(command: Command): Command {
  const { warnDays, refuseDays } = defaultAgeLimits;
  return command
    .option("--db <file>", "advisory database (default: as in db update)")
    .addOption(new Option("--no-update", "do not fetch advisories, even if some are missing").hideHelp())
    .addOption(
      new Option("--warn-db-age <days>", `warn if the database is older than this (default: ${warnDays})`)
        .hideHelp()
        .argParser(readDays),
    )
    .addOption(
      new Option("--max-db-age <days>", `reject a database older than this (default: ${refuseDays})`)
        .hideHelp()
        .argParser(readDays),
    );
}

/** What the flags and the environment mean for a scan. A database that `--db` names is used as it is. */
export function advisoryOptions(flags: AdvisoryFlags): Pick<ScanOptions, "database" | "fetchMissing" | "databaseAge"> {
  const mayFetch = flags.db === undefined && flags.update && !isOffline(flags.offline);
  const database = flags.db ?? (mayFetch ? existingDatabase() : namedOrExistingDatabase());
  const warnDays = flags.warnDbAge ?? environmentDays("PLIMSOLL_WARN_DB_AGE");
  const refuseDays = flags.maxDbAge ?? environmentDays("PLIMSOLL_MAX_DB_AGE");
  return {
    databaseAge: {
      warnDays: warnDays ?? defaultAgeLimits.warnDays,
      refuseDays: refuseDays ?? defaultAgeLimits.refuseDays,
      set: { warnDays, refuseDays },
    },
    ...(database !== undefined && { database }),
    ...(mayFetch && { fetchMissing: { database: defaultDatabasePath(), access: feedAccess() } }),
  };
}

function readDays(text: string): number {
  const days = Number(/^(\d{1,6})d?$/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(days)) throw new InvalidArgumentError("Expected a number of days.");
  return days;
}
