// A lock file of Paket has sections without indentation, one for each kind of source, in groups. Below a `remote` of
// `NUGET`, a package is a line of four spaces; deeper lines are what it needs:
//
//   NUGET
//     remote: https://api.nuget.org/v3/index.json
//       Newtonsoft.Json (12.0.3)
//         NETStandard.Library (>= 1.6.1)

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The NuGet packages that a lock file of Paket names, of all groups. Files from Git and HTTP are a problem, because
 * they have no version.
 *
 * Source: Paket, "The paket.lock file".
 */
export const paketLock: Extractor = {
  id: "lock/paket",
  revision: 1,
  files: [{ basename: "paket.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  const seen = new Set<string>();
  let section = "";
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\S/.test(line)) section = line.trim();
    else if (/^ {4}\S/.test(line) && section === "NUGET") {
      const [, name, version] = /^ {4}([\w.-]{1,256}) \(([^\s()]{1,256})\)/.exec(line) ?? [];
      if (name === undefined || version === undefined) broken.note(`line ${index + 1} names no package with a version`);
      else if (!seen.has(`${name} ${version}`)) {
        seen.add(`${name} ${version}`);
        yield { kind: "package", package: { type: "nuget", name, version, declaration: { line: index + 1 } } };
      }
    } else if (/^ {4}\S/.test(line) && /^(?:GITHUB|GIT|GIST|HTTP)$/.test(section)) {
      broken.note(`${line.trim().slice(0, 100)} does not come from NuGet`);
    }
  }
  broken.report();
}
