import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The packages that are installed in a switch of opam, as its state lists them: `installed: ["dune.3.7.2" …]`.
 *
 * Source: the opam manual, "Switch state".
 */
export const opam: Extractor = {
  id: "language/opam",
  revision: 1,
  files: [{ suffix: ".opam-switch/switch-state" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  const start = text.startsWith("installed:") ? 0 : text.indexOf("\ninstalled:") + 1;
  if (!text.startsWith("installed:", start)) broken.note("the list of installed packages is missing");
  else {
    const end = text.indexOf("]", start);
    const list = text.slice(start, end < 0 ? text.length : end);
    if (end < 0) broken.note("the list of installed packages does not end");
    for (const [, word = ""] of list.matchAll(/"([^"\n]*)"/g)) {
      const [, name, version] = /^([\w+-]{1,200})\.([\w.+~-]{1,100})$/.exec(word) ?? [];
      if (name === undefined || version === undefined)
        broken.note(`${JSON.stringify(word.slice(0, 100))} has no version`);
      else yield { kind: "package", package: { type: "opam", name, version } };
    }
  }
  broken.report();
}
