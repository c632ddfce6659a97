import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The packages of Hackage that `cabal freeze` pinned: `any.name ==1.2.3`. Packages that come with the compiler are
 * `installed` and have no version there; flags (`name +flag`) are left out.
 *
 * Source: Cabal, "cabal freeze".
 */
export const cabalFreeze: Extractor = {
  id: "lock/cabal",
  revision: 1,
  files: [{ basename: "cabal.project.freeze" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  if (!/^constraints:/m.test(text)) broken.note("the list of packages is missing");
  for (const [index, line] of text.split("\n").entries()) {
    const constraint = line
      .replace(/^constraints:/, "")
      .trim()
      .replace(/,$/, "");
    const [, name, range = ""] = /^any\.([A-Za-z\d-]{1,200}) (.{1,200})$/.exec(constraint) ?? [];
    if (name === undefined || range.trim() === "installed") continue;
    const [, version] = /^==(\d[\d.]{0,99})$/.exec(range.trim()) ?? [];
    if (version === undefined) broken.note(`${name} has no exact version`);
    else yield { kind: "package", package: { type: "hackage", name, version, declaration: { line: index + 1 } } };
  }
  broken.report();
}
