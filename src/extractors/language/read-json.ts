import type { OpenFile } from "../../model/images/file.ts";
import { parseJson } from "../../model/objects/json-object.ts";
import type { Context } from "../../model/plugin.ts";
import { readParsed } from "../read-parsed.ts";

/** The value of a JSON file, with or without a byte order mark. Problems and limit are those of {@link readParsed}. */
export function readJson(file: OpenFile, context: Context): unknown {
  return readParsed(file, context, { format: "JSON", parse: parseJson });
}

/** Whether a text can be a name or a version: one word of sensible length. */
export function isWord(value: unknown): value is string {
  return typeof value === "string" && value.length <= longestWord && /^[\x21-\x7e]+$/.test(value);
}

const longestWord = 256;
