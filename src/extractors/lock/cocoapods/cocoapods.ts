// A lock file of CocoaPods is YAML, as CocoaPods writes it. Below `PODS` each pod and each of its subspecs is an item
// of two spaces; `DEPENDENCIES` has those that the project itself asks for; `EXTERNAL SOURCES` those from elsewhere.
//
//   PODS:
//     - PINCache/Core (3.0.3):
//       - PINOperation (~> 1.2.1)

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The pods that a lock file of CocoaPods names, once for all of their subspecs. A pod in a folder of the project is not
 * listed, because it was not published.
 *
 * Source: CocoaPods Core `lib/cocoapods-core/lockfile.rb`.
 */
export const cocoapodsLock: Extractor = {
  id: "lock/cocoapods",
  revision: 1,
  files: [{ basename: "Podfile.lock" }],
  extract,
};

interface Pod {
  readonly name: string;
  readonly version: string;
  readonly line: number;
}

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "pod");
  const pods = new Map<string, Pod>();
  const direct = new Set<string>();
  const local = new Set<string>();
  let [section, hasPods, external] = ["", false, ""];
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\S/.test(line)) {
      section = line.trim();
      hasPods ||= section.startsWith("PODS:");
    } else if (section === "PODS:" && /^ {2}- /.test(line)) {
      const [, name, version] = /^ {2}- "?([^\s"/]{1,256})(?:\/[^\s"]+)? \(([^()\s]{1,256})\)"?:?$/.exec(line) ?? [];
      if (name === undefined || version === undefined) broken.note(`line ${index + 1} names no version`);
      else if (!pods.has(`${name} ${version}`)) pods.set(`${name} ${version}`, { name, version, line: index + 1 });
    } else if (section === "DEPENDENCIES:") {
      const [, name] = /^ {2}- "?([^\s"/]+)/.exec(line) ?? [];
      if (name !== undefined) direct.add(name);
    } else if (section === "EXTERNAL SOURCES:") {
      external = /^ {2}"?([^\s":/]+)/.exec(line)?.[1] ?? external;
      if (/^ {4}:path:/.test(line)) local.add(external);
    }
  }
  if (!hasPods) broken.note("the list of pods is missing");
  for (const { name, version, line } of pods.values()) {
    if (local.has(name)) continue;
    const relation = direct.size === 0 ? {} : ({ relation: direct.has(name) ? "direct" : "transitive" } as const);
    yield { kind: "package", package: { type: "cocoapods", name, version, declaration: { line, ...relation } } };
  }
  broken.report();
}
