import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { PlimsollError } from "../../model/error.ts";
import { defaultDatabasePath } from "./environment.ts";

/** Names of options, beside `--output`, whose file is written. */
const writtenFiles = ["fixScript", "save"];

/** Names of options that read a file, or several. Others may have a value that is by chance the name of a file. */
const readFiles = [
  "db",
  "waivers",
  "checks",
  "facts",
  "kubeconfig",
  "notification",
  "registryCa",
  "key",
  "trustedRoot",
];

/** Names of arguments that may be files. */
const readArguments = ["target", "path"];

/** Schemes of targets that are no files. */
const imageSchemes = /^(?:docker|docker-daemon|podman|containers-storage|containerd|registry):/;

/**
 * Refuses an `--output` that is a file which the same command reads: a target, the database, or a file that another option names, also by
 * another path; and two options that write one file. Error: `usage`.
 */
export function refuseOverwriting(command: Command): void {
  refuseWritingTwice(command);
  const output: unknown = command.getOptionValue("output");
  const written = typeof output === "string" ? identityOf(output) : undefined;
  if (written === undefined) return;
  for (const { what, text } of filesNamed(command)) {
    if (identityOf(text) !== written) continue;
    throw new PlimsollError("usage", `the output would replace ${what}, ${String(output)}`, {
      hint: "Give --output another file.",
    });
  }
}

function refuseWritingTwice(command: Command): void {
  const paths = new Map<string, string>();
  for (const option of command.options) {
    const name = option.attributeName();
    const value: unknown = command.getOptionValue(name);
    if ((name !== "output" && !writtenFiles.includes(name)) || typeof value !== "string" || value === "-") continue;
    const other = paths.get(resolve(value));
    if (other !== undefined) {
      throw new PlimsollError(
        "usage",
        `${other} and ${option.long ?? option.flags} would write the same file, ${value}`,
        {
          hint: "Give each a file of its own.",
        },
      );
    }
    paths.set(resolve(value), option.long ?? option.flags);
  }
}

interface NamedFile {
  /** As an error has it. */
  readonly what: string;
  readonly text: string;
}

function filesNamed(command: Command): NamedFile[] {
  const names = command.registeredArguments.map((argument) => argument.name());
  const ofArguments = command.args.flatMap((text, place) => {
    const name = names[place] ?? names.at(-1) ?? "";
    return readArguments.includes(name) ? pathsIn(text).map((path) => ({ what: `the ${name}`, text: path })) : [];
  });
  const ofOptions = command.options.flatMap((option) => {
    const name = option.attributeName();
    if (!readFiles.includes(name)) return [];
    const value: unknown = command.getOptionValue(name) ?? (name === "db" ? defaultDatabasePath() : undefined);
    const texts = [value].flat().filter((text) => typeof text === "string");
    const what = name === "db" ? "the database" : `the file of ${option.long ?? option.flags}`;
    return texts.map((text) => ({ what, text }));
  });
  return [...ofArguments, ...ofOptions];
}

/**
 * An argument itself, and the paths that it holds when it has a scheme before or a reference behind: `oci-archive:PATH:TAG`. Without a
 * scheme `NAME:TAG` is the file NAME where there is one: that is what would be read.
 */
function pathsIn(text: string): string[] {
  if (imageSchemes.test(text)) return [];
  const parts = text.split(":", mostColons);
  const starts = parts.length > 1 ? [parts, parts.slice(1)] : [parts];
  return [text, ...starts.flatMap((rest) => rest.map((_, place) => rest.slice(0, place + 1).join(":")))];
}

const mostColons = 16;

/** Undefined for what is no file, and for what cannot be looked at: whoever opens it tells why. */
function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found?.isFile() ? `${found.dev} ${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}
