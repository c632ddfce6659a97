import { Option } from "commander";
import { defaultDatabasePath } from "../environment.ts";

/** `--db` of the commands about the database itself: {@link defaultDatabasePath} unless given. */
export function databaseFileOption(): Option {
  return new Option("--db <file>", "the database file").default(defaultDatabasePath(), "the one that scan uses");
}
