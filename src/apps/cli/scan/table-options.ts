import { type Command, Option } from "commander";
import type { TableOptions } from "../../../reporters/table-layout.ts";
import { hasColour, widthOf } from "../terminal/output.ts";

/** The options that decide how a table is written, as commander gives them. */
export interface TableFlags {
  /** False with `--no-trunc`. */
  readonly trunc?: boolean;
}

/** Adds `--no-trunc` to a command that writes a table; tables that leave something out name the option. */
export function addTableOptions(command: Command): Command {
  return command.addOption(new Option("--no-trunc", "do not truncate rows").hideHelp());
}

/** How a table is written: full with `--no-trunc`, to a file, and where there is no terminal; a file has no colour. */
export function tableLayout({ trunc = true }: TableFlags, toFile: boolean): TableOptions {
  const { stdout } = process;
  return {
    width: widthOf(stdout),
    colour: !toFile && hasColour(stdout),
    full: !trunc || toFile || !stdout.isTTY,
  };
}
