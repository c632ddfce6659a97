import type { OpenFile } from "../../model/images/file.ts";
import type { Context } from "../../model/plugin.ts";

/** The longest text file that is read, in bytes: a hundred times a large package database. */
const longestText = 64 * 1024 * 1024;

/** The whole file as UTF-8 text; undefined, with a problem, when it is larger than 64 MiB. */
export function readText(file: OpenFile, context: Context): string | undefined {
  if (file.size > longestText) {
    const message = `${file.path} was not read: it is ${file.size} bytes; the limit is ${longestText} bytes`;
    context.problem({ code: "limit-exceeded", message, path: file.path });
    return undefined;
  }
  return new TextDecoder().decode(file.read(0, file.size));
}
