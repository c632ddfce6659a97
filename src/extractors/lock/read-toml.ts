import { parse } from "smol-toml";
import type { OpenFile } from "../../model/file.ts";
import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import type { Context } from "../../model/plugin.ts";

/** The largest file that is read, in bytes: ten times the largest that are written. */
const tomlLimit = 32 * 1024 * 1024;

/** The table of a TOML file; undefined, with a problem, when the file is not TOML or has more than 32 MiB. */
export function readToml(file: OpenFile, { problem }: Context): JsonObject | undefined {
  const { path, size } = file;
  if (size > tomlLimit) {
    const message = `${path} was not read: it is ${size} bytes; the limit is ${tomlLimit} bytes`;
    problem({ code: "limit-exceeded", message, path });
    return undefined;
  }
  const table = parsed(new TextDecoder().decode(file.read(0, size)));
  if (table === undefined) {
    problem({ code: "unreadable", message: `${path} is not TOML, so its packages are not known`, path });
  }
  return table;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
