import { parse } from "smol-toml";
import type { OpenFile } from "../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Context } from "../../model/plugin.ts";
import { readParsed } from "../read-parsed.ts";

/** The table of a TOML file. Problems and limit are those of {@link readParsed}. */
export function readToml(file: OpenFile, context: Context): JsonObject | undefined {
  return readParsed(file, context, { format: "TOML", parse: parsed });
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
