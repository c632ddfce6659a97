import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import type { LinkedProgram, Package } from "../../model/packages/package.ts";

/** The system and the processor of a Go program as documents have them; undefined when the text is of another form. */
export function platformFrom(text: string | undefined): string | undefined {
  return text !== undefined && /^[a-z\d]{1,30}(?:\/[a-z\d]{1,30})?$/.test(text) ? text : undefined;
}

/**
 * Go programs of a package as the properties `plimsoll:linkedProgram` describe them, one each: objects as JSON with
 * `paths` and what is known of `linkedPackages` and `builtFor`. Paths that the package does not have count for nothing;
 * of paths of the package that none of them has nothing is known. Undefined where there are no such properties or more
 * than a thousand, where one is of another form, and where none has a path of the package.
 */
export function linkedProgramsFrom(
  texts: readonly string[] = [],
  paths: readonly string[],
): Package["linkedPrograms"] | undefined {
  if (texts.length > mostPrograms) return undefined;
  const read = texts.map(programFrom);
  if (!read.every((program) => program !== undefined)) return undefined;
  const own = new Set(paths);
  const programs = read
    .map((program) => ({ ...program, paths: program.paths.filter((path) => own.has(path)) }))
    .filter((program) => program.paths.length > 0);
  if (programs.length === 0) return undefined;
  const described = new Set(programs.flatMap((program) => program.paths));
  const others = paths.filter((path) => !described.has(path));
  return others.length === 0 ? programs : [...programs, { paths: others }];
}

const mostPrograms = 1000;

function programFrom(text: string): LinkedProgram | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value)) return undefined;
  const { paths, linkedPackages, builtFor } = value;
  if (!isListOfTexts(paths) || (linkedPackages !== undefined && !isListOfTexts(linkedPackages))) return undefined;
  const platform = typeof builtFor === "string" ? platformFrom(builtFor) : undefined;
  return { paths, ...(linkedPackages && { linkedPackages }), ...(platform !== undefined && { builtFor: platform }) };
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
