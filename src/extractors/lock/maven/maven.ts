import { type XmlElement, xmlElementsIn } from "../../../io/documents/xml.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";
import { modelOf, type PomModel } from "./model.ts";

/**
 * The Maven artifacts that a `pom.xml` names as dependencies, those for tests too. A version comes from the dependency,
 * from properties, and from the file's own dependency management; a version in another file, such as that of the
 * parent, is not guessed, and the artifact is a problem. The file names direct dependencies only, which is a problem
 * too.
 *
 * Source: Maven, "POM Reference".
 */
export const mavenPom: Extractor = {
  id: "lock/maven",
  revision: 1,
  files: [{ basename: "pom.xml" }],
  extract,
};

const largestFile = 4 * 1024 * 1024;

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const { path, size } = file;
  // What Maven packs into an archive is read with it.
  if (`/${path}`.includes("/META-INF/maven/")) return;
  if (size > largestFile) {
    const message = `${path} was not read: it is ${size} bytes; the limit is ${largestFile} bytes`;
    context.problem({ code: "limit-exceeded", message, path });
    return;
  }
  const text = textOf(file, context);
  const model = text === undefined ? undefined : readModel(text);
  if (text === undefined || model === undefined) {
    const message = `${path} is not a project of Maven, so its packages could not be identified`;
    context.problem({ code: "unreadable", message, path });
    return;
  }
  const broken = damage(file, context, "dependency");
  const lines = linesOf(text);
  const hasLines = lines.length === model.dependencyElements;
  const seen = new Set<string>();
  for (const { group, artifact, version, scope, index } of model.dependencies) {
    const name = `${group}:${artifact}`;
    const exact = version?.replace(/^\[([^[\](),]+)\]$/, "$1");
    if (!isWord(group) || !isWord(artifact) || name.includes("$")) {
      broken.note(`${JSON.stringify(name.slice(0, 100))} is not the name of an artifact`);
    } else if (exact === undefined || exact === "") broken.note(`${name} has no version in this file`);
    else if (!isWord(exact) || /[[\](),$]/.test(exact)) {
      broken.note(`${name} has the version ${JSON.stringify(exact.slice(0, 100))}, which is not one version`);
    } else if (!seen.has(`${name} ${exact}`)) {
      seen.add(`${name} ${exact}`);
      const line = hasLines ? lines[index] : undefined;
      const declaration = {
        ...(line !== undefined && { line }),
        relation: "direct",
        ...(scope === "test" && ({ development: true } as const)),
      } as const;
      yield { kind: "package", package: { type: "maven", name, version: exact, declaration } };
    }
  }
  broken.report();
  if (model.dependencies.length === 0) return;
  const message = `${path} does not list indirect dependencies, so they were not examined`;
  context.problem({ code: "unreadable", message, path });
}

/** The text in the encoding that the document declares, without the declaration. */
function textOf(file: OpenFile, context: Context): string | undefined {
  const head = Buffer.from(file.read(0, 200)).toString("latin1");
  const encoding = /^\s*<\?xml[^>]{0,150}encoding=["']([\w-]{1,20})["']/.exec(head)?.[1] ?? "utf-8";
  if (/^utf-?8$/i.test(encoding)) return readText(file, context)?.replace(/^\s*<\?xml[^>]{0,200}\?>/, "");
  if (!/^(?:iso-8859-1|us-ascii|windows-1252)$/i.test(encoding)) return undefined;
  const text = new TextDecoder("windows-1252").decode(file.read(0, file.size));
  return text.replace(/^\s*<\?xml[^>]{0,200}\?>/, "");
}

function readModel(text: string): PomModel | undefined {
  try {
    const options = { label: "the file", root: "project", elements: new Set(["project"]) };
    const [project]: readonly (XmlElement | undefined)[] = [...xmlElementsIn(text, options)];
    return project && modelOf(project);
  } catch {
    return undefined;
  }
}

/** The lines on which a dependency begins, in the order of the file. */
function linesOf(text: string): number[] {
  const lines: number[] = [];
  let isComment = false;
  for (const [index, line] of text.split("\n").entries()) {
    let rest = line;
    while (rest !== "") {
      const end = rest.indexOf(isComment ? "-->" : "<!--");
      const part = end < 0 ? rest : rest.slice(0, end);
      if (!isComment) for (const _ of part.matchAll(/<dependency[\s/>]/g)) lines.push(index + 1);
      if (!isComment && part.endsWith("<dependency")) lines.push(index + 1);
      if (end < 0) break;
      rest = rest.slice(end + (isComment ? 3 : 4));
      isComment = !isComment;
    }
  }
  return lines;
}
