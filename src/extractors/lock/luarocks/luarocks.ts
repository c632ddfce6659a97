import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The rocks that a `luarocks.lock` pins. It is a table of Lua, as LuaRocks writes it: `["lua-cjson"] = "2.1.0-1"`, or
 * `lpeg = "1.0.2-1"`, one on each line of `dependencies`.
 *
 * Source: LuaRocks, "Pinning versions with a lock file".
 */
export const luarocksLock: Extractor = {
  id: "lock/luarocks",
  revision: 1,
  files: [{ basename: "luarocks.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "line");
  let isList = false;
  let lists = 0;
  for (const [index, written] of text.split("\n").entries()) {
    const line = written.trim();
    if (/^(?:build_|test_)?dependencies = \{$/.test(line)) {
      isList = true;
      lists++;
    } else if (/^\},?$/.test(line)) isList = false;
    else if (isList && line !== "") {
      const [, quoted, plain, version] =
        /^(?:\["([\w.-]{1,200})"\]|(\w{1,200})) = "([\w.+-]{1,100})",?$/.exec(line) ?? [];
      const name = quoted ?? plain;
      if (name === undefined || version === undefined) broken.note(`line ${index + 1} names no rock with a version`);
      // The release of Lua itself.
      else if (name !== "lua") {
        yield { kind: "package", package: { type: "luarocks", name, version, declaration: { line: index + 1 } } };
      }
    }
  }
  if (lists === 0) broken.note("the list of dependencies is missing");
  broken.report();
}
