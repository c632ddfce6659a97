// A snapshot of Carton lists distributions of CPAN, two columns for each level:
//
//   # carton snapshot format: version 1.0
//   DISTRIBUTIONS
//     Class-Inspector-1.28
//       pathname: A/AD/ADAMK/Class-Inspector-1.28.tar.gz
//       provides: …

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/** The CPAN distributions that a `cpanfile.snapshot` of Carton names. Source: Carton, Carton::Snapshot. */
export const cpanSnapshot: Extractor = {
  id: "lock/cpan",
  revision: 1,
  files: [{ basename: "cpanfile.snapshot" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "distribution");
  let isList = false;
  for (const [index, written] of text.split("\n").entries()) {
    const line = written.trimEnd();
    if (line === "DISTRIBUTIONS") isList = true;
    if (!isList || !/^ {2}\S/.test(line)) continue;
    const hyphen = line.lastIndexOf("-");
    const [name, version] = [line.slice(2, hyphen), line.slice(hyphen + 1)];
    if (!/^[A-Za-z][\w.+-]{0,200}$/.test(name) || !/^v?\d[\w.]{0,50}$/.test(version)) {
      broken.note(`line ${index + 1} names no distribution with a version`);
    } else yield { kind: "package", package: { type: "cpan", name, version, declaration: { line: index + 1 } } };
  }
  if (!isList) broken.note("the list of distributions is missing");
  broken.report();
}
