import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The packages of Hackage that a lock file of Stack names beside its snapshot: `hackage: name-1.2.3@sha256:…`. The
 * packages of the snapshot are not in the file, which is a problem; so is one from Git or an archive.
 *
 * Source: Stack, "Lock files".
 */
export const stackLock: Extractor = {
  id: "lock/stack",
  revision: 1,
  files: [{ basename: "stack.yaml.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  let [section, isCompleted] = ["", false];
  for (const [index, line] of text.split("\n").entries()) {
    const [, head] = /^(\w+):/.exec(line) ?? [];
    section = head ?? section;
    if (/^(?:- | {2})\w+:/.test(line)) isCompleted = /^(?:- | {2})completed:/.test(line);
    const [, key = "", value = ""] = /^ {4}([\w-]+): *(\S.*)$/.exec(line) ?? [];
    if (!isCompleted) continue;
    if (section === "snapshots" && key === "url") broken.note(`those of the snapshot ${value} are not in the file`);
    else if (section === "packages" && (key === "git" || key === "url")) broken.note(`${value} has no version`);
    else if (section === "packages" && key === "hackage") {
      const [, name, version] = /^([A-Za-z\d-]{1,200})-(\d[\d.]{0,99})(?:@|$)/.exec(value.trim()) ?? [];
      if (name === undefined || version === undefined) broken.note(`line ${index + 1} names no package`);
      else yield { kind: "package", package: { type: "hackage", name, version, declaration: { line: index + 1 } } };
    }
  }
  if (!/^packages:/m.test(text)) broken.note("the list of packages is missing");
  broken.report();
}
