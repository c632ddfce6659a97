// A lock file of Mix is a map in Elixir's syntax, one entry on each line:
//
//   "cowboy": {:hex, :cowboy, "2.9.0", "865d…", [:make], [{:cowlib, "2.11.0", […]}], "hexpm", "2c72…"},
//   "enacl": {:git, "https://…", "2f50…", []},

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Hex packages that a lock file of Mix names. A package from Git has no version there, so it is a problem; one in a
 * folder of the project was not published.
 *
 * Source: Mix `lib/mix/dep/lock.ex`; Hex `lib/hex/utils.ex`.
 */
export const mixLock: Extractor = {
  id: "lock/mix",
  revision: 1,
  files: [{ basename: "mix.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  if (text.trim() !== "" && !text.includes("%{")) broken.note("the file is not a map of packages");
  for (const [index, line] of text.split("\n").entries()) {
    const [, app, kind, rest = ""] = /^[\s%{]*"([^"]{1,256})": ?\{:(\w+),(.*)$/.exec(line) ?? [];
    if (app === undefined) {
      if (!/^(?:#.*|%?\{?\}?)$/.test(line.trim())) broken.note(`line ${index + 1} names no package`);
    } else if (kind === "hex") {
      const [, name, version] = /^ *:"?([\w.-]{1,256})"?, *"([\w.+-]{1,256})"/.exec(rest) ?? [];
      if (name === undefined || version === undefined) broken.note(`${app} has no version`);
      else yield { kind: "package", package: { type: "hex", name, version, declaration: { line: index + 1 } } };
    } else if (kind !== "path") broken.note(`${app} comes from ${kind} and has no version`);
  }
  broken.report();
}
