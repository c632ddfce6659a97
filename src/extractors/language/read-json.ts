import type { OpenFile } from "../../model/file.ts";
import { parseJson } from "../../model/json-object.ts";
import type { Context } from "../../model/plugin.ts";

/** The largest file that is read, in bytes: ten times the largest that are written. */
const jsonLimit = 32 * 1024 * 1024;

/**
 * The value of a JSON file, with or without a byte order mark; undefined, with a problem, when it is none or of more
 * than 32 MiB.
 */
export function readJson(file: OpenFile, { problem }: Context): unknown {
  const { path, size } = file;
  if (size > jsonLimit) {
    const message = `${path} was not read: it is ${size} bytes; the limit is ${jsonLimit} bytes`;
    problem({ code: "limit-exceeded", message, path });
    return undefined;
  }
  const value = parseJson(new TextDecoder().decode(file.read(0, size)));
  if (value === undefined) {
    problem({ code: "unreadable", message: `${path} is not JSON, so its packages are not known`, path });
  }
  return value;
}

/** Whether a text can be a name or a version: one word of sensible length. */
export function isWord(value: unknown): value is string {
  return typeof value === "string" && value.length <= longestWord && /^[\x21-\x7e]+$/.test(value);
}

const longestWord = 256;
