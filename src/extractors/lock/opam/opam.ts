import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The opam packages that a locked file names: in its field `depends`, each with `= "<version>"`.
 *
 * Source: the opam manual, "Package definitions"; `opam lock`.
 */
export const opamLock: Extractor = {
  id: "lock/opam",
  revision: 1,
  files: [{ suffix: ".opam.locked" }, { basename: "opam.locked" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "dependency");
  let isList = false;
  let lists = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("depends: [")) {
      isList = true;
      lists++;
    }
    const [, name] = isList ? (/^(?:depends: \[)? *"([\w+-]{1,200})"/.exec(line) ?? []) : [];
    if (name !== undefined) {
      const [, version] = /\{= "([\w.+~-]{1,100})"/.exec(line) ?? [];
      if (version === undefined) broken.note(`line ${index + 1} names no package with a version`);
      else yield { kind: "package", package: { type: "opam", name, version, declaration: { line: index + 1 } } };
    }
    if (line.trimEnd().endsWith("]")) isList = false;
  }
  if (lists === 0) broken.note("the list of dependencies is missing");
  broken.report();
}
