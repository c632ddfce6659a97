import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The NuGet packages that a `packages.config` names. Those with `developmentDependency` are listed as such.
 *
 * Source: NuGet, "packages.config reference".
 */
export const nugetConfig: Extractor = {
  id: "lock/nuget-config",
  revision: 1,
  files: [{ basename: "packages.config" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  const content = withoutComments(text);
  if (!/<packages\b/.test(content)) broken.note("the list of packages is missing");
  else if (!/<\/packages\s*>|<packages\s*\/>/.test(content)) broken.note("the list of packages does not end");
  let [line, counted] = [1, 0];
  for (const element of content.matchAll(/<package\s([^<>]*)>/g)) {
    for (; counted < element.index; counted++) if (content.charCodeAt(counted) === 10) line++;
    const attributes = attributesOf(element[1] ?? "");
    const [name, version] = [attributes.get("id"), attributes.get("version")];
    if (!isWord(name) || !isWord(version)) broken.note(`line ${line} has no name or no version`);
    else {
      const development = attributes.get("developmentDependency") === "true" ? ({ development: true } as const) : {};
      yield { kind: "package", package: { type: "nuget", name, version, declaration: { line, ...development } } };
    }
  }
  broken.report();
}

/** Line breaks of comments stay, so that the lines of what follows are right. */
function withoutComments(text: string): string {
  const [before = "", ...parts] = text.split("<!--");
  const kept = parts.map((part) => {
    const end = part.indexOf("-->");
    const comment = end < 0 ? part : part.slice(0, end);
    return `${comment.replace(/[^\n]/g, "")}${end < 0 ? "" : part.slice(end + 3)}`;
  });
  return before + kept.join("");
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", double, single] of text.matchAll(/([\w:]{1,64})\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    found.set(name, double ?? single ?? "");
  }
  return found;
}
