import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The actions and reusable workflows of other repositories that a workflow of GitHub Actions uses, as
 * `owner/repository` with what stands behind the `@`. For a commit, the comment behind it is taken for the version when
 * it is one (`# v4.2.2`), as Dependabot and Renovate write it. An action in the repository itself or in an image is not
 * listed.
 *
 * Source: GitHub, "Workflow syntax for GitHub Actions", `jobs.<job_id>.steps[*].uses` and `jobs.<job_id>.uses`.
 */
export const githubActions: Extractor = {
  id: "lock/github-actions",
  revision: 1,
  files: [
    { suffix: ".yml", containing: ".github/workflows/" },
    { suffix: ".yaml", containing: ".github/workflows/" },
  ],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "line");
  const seen = new Set<string>();
  let block = Number.POSITIVE_INFINITY;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const indent = line.length - line.trimStart().length;
    // Text of a script.
    if (indent > block) continue;
    block = /:\s*[|>][+-]?\d?\s*$/.test(line) ? indent + (/^\s*- /.test(line) ? 1 : 0) : Number.POSITIVE_INFINITY;
    const [, value] = /^ *(?:- {1,8})?["']?uses["']?: {1,20}(\S.*)$/.exec(line) ?? [];
    if (value === undefined) continue;
    const used = readUse(value.trimEnd());
    if (used === "elsewhere") continue;
    if (used === undefined) broken.note(`line ${index + 1} names no action with a version`);
    else if (!seen.has(`${used.name} ${used.version}`)) {
      seen.add(`${used.name} ${used.version}`);
      const declaration = { line: index + 1, relation: "direct" } as const;
      yield { kind: "package", package: { type: "github", ...used, declaration } };
    }
  }
  broken.report();
}

function readUse(value: string): { readonly name: string; readonly version: string } | "elsewhere" | undefined {
  const hash = value.search(/\s#/);
  const written = (hash < 0 ? value : value.slice(0, hash)).trim().replace(/^(["'])(.*)\1$/, "$2");
  if (written.startsWith("./") || written.startsWith("docker://")) return "elsewhere";
  const at = written.lastIndexOf("@");
  const [owner = "", repository = ""] = written.slice(0, Math.max(0, at)).split("/");
  const reference = written.slice(at + 1);
  if (!/^[\w.-]{1,100}$/.test(owner) || !/^[\w.-]{1,100}$/.test(repository)) return undefined;
  if (!/^[\w./+-]{1,200}$/.test(reference)) return undefined;
  const comment = hash < 0 ? undefined : /^\s*#\s*(v?\d+(?:\.\d+){0,3})\b/.exec(value.slice(hash))?.[1];
  const version = /^[0-9a-f]{40}$/.test(reference) ? (comment ?? reference) : reference;
  return { name: `${owner}/${repository}`, version };
}
