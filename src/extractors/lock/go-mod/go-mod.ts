// A line of a go.mod is a directive with words, or belongs to a block of one directive:
//
//   go 1.22
//   require example.com/a v1.2.3 // indirect
//   require (
//       example.com/b v1.0.0
//   )
//   replace example.com/a => example.com/fork v1.2.4
//   replace example.com/b v1.0.0 => ../b

import type { OpenFile } from "../../../model/images/file.ts";
import type { PackageDeclaration } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Go modules that a `go.mod` requires, after its replacements; a module that a folder replaces is not listed,
 * because that code is not published. Before Go 1.17 the file has direct requirements only, which is a problem. The Go
 * release is not listed: the file states the oldest that may build the module, not the one that does.
 *
 * Source: the Go Modules Reference, "go.mod files".
 */
export const goMod: Extractor = {
  id: "lock/go-mod",
  revision: 2,
  files: [{ basename: "go.mod" }],
  extract,
};

interface Requirement {
  readonly version: string;
  readonly declaration: PackageDeclaration;
}

interface Replacement {
  /** Undefined for a folder. */
  readonly path: string | undefined;
  readonly version: string;
}

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "line");
  const required = new Map<string, Requirement>();
  const replaced = new Map<string, Replacement>();
  let release = "";
  for (const { words, line, isIndirect } of directives(text)) {
    const [directive, first = "", second = "", ...rest] = words;
    if (directive === "go") release = first;
    else if (directive === "require") {
      if (isWord(first) && isVersion(second) && rest.length === 0) {
        required.set(first, { version: second, declaration: { line, relation: isIndirect ? "transitive" : "direct" } });
      } else broken.note(`${JSON.stringify(words.join(" ").slice(0, 100))} is not a valid requirement`);
    } else if (directive === "replace") {
      const arrow = words.indexOf("=>");
      const [path = "", version = ""] = words.slice(arrow + 1);
      const from = arrow === 3 ? `${first} ${second}` : first;
      if (arrow < 2) broken.note(`${JSON.stringify(words.join(" ").slice(0, 100))} replaces nothing`);
      else replaced.set(from, { path: isVersion(version) ? path : undefined, version });
    } else if (directive !== undefined && !others.has(directive)) {
      broken.note(`${JSON.stringify(words.join(" ").slice(0, 100))} is not a directive`);
    }
  }
  for (const [path, { version, declaration }] of required) {
    const replacement = replaced.get(`${path} ${version}`) ?? replaced.get(path);
    const name = replacement ? replacement.path : path;
    if (name === undefined || !isWord(name)) continue;
    yield {
      kind: "package",
      package: { type: "golang", name, version: replacement?.version ?? version, declaration },
    };
  }
  broken.report();
  if (required.size > 0 && isBefore117(release)) {
    const message = `${file.path} is for Go ${release || "1.16 or older"}, so it does not list indirect dependencies`;
    context.problem({ code: "unreadable", message, path: file.path });
  }
}

/** Directives that require nothing. */
const others: ReadonlySet<string> = new Set(["module", "toolchain", "exclude", "retract", "godebug", "tool", "ignore"]);

interface Directive {
  readonly words: readonly string[];
  /** Counted from 1. */
  readonly line: number;
  readonly isIndirect: boolean;
}

function* directives(text: string): Generator<Directive> {
  let block: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const comment = line.indexOf("//");
    const content = (comment < 0 ? line : line.slice(0, comment)).trim();
    if (content === "") continue;
    const place = { line: index + 1, isIndirect: comment >= 0 && /^\/\/\s*indirect\b/.test(line.slice(comment)) };
    const words = content.split(/\s+/).map((word) => word.replace(/^["`](.*)["`]$/, "$1"));
    if (block !== undefined) {
      if (content === ")") block = undefined;
      else yield { words: [block, ...words], ...place };
    } else if (words.at(-1) === "(" && words.length === 2) block = words[0];
    else yield { words, ...place };
  }
}

function isVersion(word: string): boolean {
  return word.startsWith("v") && isWord(word);
}

function isBefore117(release: string): boolean {
  const [, minor] = /^1\.(\d{1,3})(?:\D|$)/.exec(release) ?? [];
  return release === "" || (minor !== undefined && Number(minor) < 17);
}
