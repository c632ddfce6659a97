import type { OpenFile } from "../model/images/file.ts";
import type { Context } from "../model/plugin.ts";

/** The largest file that is parsed as a whole, in bytes: ten times the largest that are written. */
const parsedLimit = 32 * 1024 * 1024;

/**
 * The value of a file that is parsed as a whole. Undefined, with a problem, when the file exceeds the limit or `parse`
 * gives undefined. `format` is the name of the format in the problem.
 */
export function readParsed<Value>(
  file: OpenFile,
  { problem }: Context,
  { format, parse }: { readonly format: string; readonly parse: (text: string) => Value | undefined },
): Value | undefined {
  const { path, size } = file;
  if (size > parsedLimit) {
    const message = `${path} was not read: it is ${size} bytes; the limit is ${parsedLimit} bytes`;
    problem({ code: "limit-exceeded", message, path });
    return undefined;
  }
  const value = parse(new TextDecoder().decode(file.read(0, size)));
  if (value === undefined) {
    problem({ code: "unreadable", message: `${path} is not ${format}, so its packages could not be identified`, path });
  }
  return value;
}
