import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { defaultDatabasePath } from "../environment.ts";
import { readOutput } from "./output-option.ts";

/** Names of options, beside `--output`, whose file is written. */
const writtenFiles = ["fixScript", "save"];

/** Names of options that read a file, or several. Others may have a value that is by chance the name of a file. */
const readFiles = [
  "db",
  "waivers",
  "policy",
  "checks",
  "facts",
  "kubeconfig",
  "notification",
  "registryCa",
  "key",
  "trustedRoot",
  "vex",
  "baseline",
  "import",
];

/** Names of arguments that may be files. */
const readArguments = ["target", "path", "report"];

/** Schemes of targets that are no files. */
const imageSchemes = /^(?:docker|docker-daemon|podman|containers-storage|containerd|registry):/;

/**
 * Refuses an `--output`, and any other file that is written, that is a file which the same command reads: a target, the
 * database, or a file that another option names, also by another path; and two options that write one file. Error:
 * `usage`.
 */
export async function refuseOverwriting(command: Command): Promise<void> {
  refuseWritingTwice(command);
  for (const { option, path } of writtenPaths(command)) {
    const written = identityOf(path);
    if (written === undefined) continue;
    for (const { what, text } of await filesNamed(command)) {
      if (identityOf(text) !== written) continue;
      throw new PlimsollError("usage", `the output would overwrite ${what}, ${path}`, {
        hint: `Give ${option} another file.`,
      });
    }
  }
}

/** The files that are written, each with its option. */
function writtenPaths(command: Command): readonly { readonly option: string; readonly path: string }[] {
  return command.options.filter(isWritten).flatMap((option) => {
    const value: unknown = command.getOptionValue(option.attributeName());
    const texts = [value].flat().filter((text) => typeof text === "string");
    const isOutput = option.attributeName() === "output";
    return texts.map((text) => ({
      option: option.long ?? option.flags,
      path: isOutput ? readOutput(text).path : text,
    }));
  });
}

function isWritten(option: Option): boolean {
  return option.attributeName() === "output" || writtenFiles.includes(option.attributeName());
}

function refuseWritingTwice(command: Command): void {
  const paths = new Map<string, string>();
  for (const { option, path } of writtenPaths(command)) {
    if (path === "-") continue;
    const other = paths.get(resolve(path));
    if (other !== undefined) {
      throw new PlimsollError("usage", `${other} and ${option} would write to the same file, ${path}`, {
        hint: "Give each its own file.",
      });
    }
    paths.set(resolve(path), option);
  }
}

interface NamedFile {
  /** As an error has it. */
  readonly what: string;
  readonly text: string;
}

async function filesNamed(command: Command): Promise<NamedFile[]> {
  const names = command.registeredArguments.map((argument) => argument.name());
  const ofArguments: NamedFile[] = [];
  for (const [place, text] of command.args.entries()) {
    const name = names[place] ?? names.at(-1) ?? "";
    if (!readArguments.includes(name)) continue;
    for (const path of await pathsIn(text)) ofArguments.push({ what: `the ${name}`, text: path });
  }
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
 * An argument itself, and the paths that it holds when it has a scheme before or a reference behind:
 * `oci-archive:PATH:TAG`. Without a scheme `NAME:TAG` is the file NAME only where that is taken for a place of images.
 */
async function pathsIn(text: string): Promise<readonly string[]> {
  if (imageSchemes.test(text)) return [];
  const parts = text.split(":", mostColons);
  const afterScheme = parts.length > 1 ? beginnings(parts.slice(1)) : [];
  const named = beginnings(parts).filter((path) => path !== text && identityOf(path) !== undefined);
  if (named.length === 0) return [text, ...afterScheme];
  const { isPlaceOfImages } = await import("../../../pipeline/targets/recognise-target.ts");
  return [text, ...afterScheme, ...named.filter(isPlaceOfImages)];
}

/** `a`, `a:b`, `a:b:c`. */
function beginnings(parts: readonly string[]): readonly string[] {
  return parts.map((_, place) => parts.slice(0, place + 1).join(":"));
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
