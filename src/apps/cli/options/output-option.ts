import { Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { builtinFormats, tableFormat } from "../../../reporters/formats/builtin.ts";
import { collectValues } from "./collect-values.ts";

/** The values of `--output`. */
export interface OutputFlags {
  readonly output?: readonly string[];
}

/** `--output` of a command that writes one document. */
export function outputOption(): Option {
  return option("write to a file instead of stdout");
}

/** `--output` of a command that can write its report in several formats. */
export function outputsOption(): Option {
  return option("write to FILE, or a further report to FORMAT=FILE");
}

function option(description: string): Option {
  return new Option("-o, --output <file>", description).argParser(collectValues((text) => text));
}

/** A file that is written, in the format of `--format` when none is given. */
export interface OutputFile {
  readonly path: string;
  readonly format?: string;
}

/**
 * Reads a value of `--output`: FILE or FORMAT=FILE. Error: `usage` for the name of a format that does not exist; a file
 * with such a name is written `./NAME=FILE`.
 */
export function readOutput(text: string): OutputFile {
  const [, format, path] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text) ?? [];
  if (format === undefined || path === undefined) return { path: text };
  const formats = [tableFormat, ...builtinFormats.map(({ id }) => id)];
  if (!formats.includes(format)) {
    throw new PlimsollError("usage", `--output ${text}: ${format} is not a format (${formats.join(", ")})`, {
      hint: `For a file of this name: --output ./${text}`,
    });
  }
  if (path === "") throw new PlimsollError("usage", `--output ${text} has no file`);
  return { path, format };
}

/** The only file of a command that writes one document. Error: `usage` for several, and for one with a format. */
export function oneOutput({ output = [] }: OutputFlags): string | undefined {
  const [first, second] = output;
  if (second !== undefined) throw new PlimsollError("usage", "--output can be given once for this command");
  if (first === undefined) return undefined;
  const { path, format } = readOutput(first);
  if (format === undefined) return path;
  throw new PlimsollError("usage", "--output FORMAT=FILE is not supported by this command", {
    hint: "Use --output FILE.",
  });
}
