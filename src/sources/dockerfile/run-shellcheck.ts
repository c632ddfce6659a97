import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "../../io/files/temporary-folder.ts";
import { ChildProcessFailure, findProgram, runChildProcess } from "../../io/processes/child-process.ts";
import type { Fact } from "../../model/checks/fact.ts";
import type { ScriptComment } from "../../model/checks/script-comment.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";

/** A script and its interpreter line: `#!/bin/bash -e`. */
export interface InterpretedScript {
  readonly text: string;
  readonly interpreter: string;
}

/** Search path and settings of `shellcheck`. */
export interface ShellcheckOptions {
  /** Folders to search for `shellcheck`, in the form of `PATH`. */
  readonly searchPath: string;
  /** The codes to report. */
  readonly codes: readonly number[];
  /** True when `# shellcheck disable=…` in a script has no effect. */
  readonly ignoresDirectives: boolean;
  readonly signal?: AbortSignal;
}

const mostScripts = 200;
const mostCharacters = 1024 * 1024;
const longestScript = 256 * 1024;
const longestMessage = 300;
const patience = 60_000;
const maxOutput = 32 * 1024 * 1024;
const failed = "shellcheck could not check the scripts";

/**
 * Runs ShellCheck on shell scripts: one fact for each, in order; undefined when `shellcheck` is not installed. A
 * process reads up to 200 scripts, one process at a time, each for at most a minute. A script of more than 256 KiB is
 * not checked. Errors: `output-not-written`; the reason of the signal.
 */
export async function runShellcheck(
  scripts: readonly InterpretedScript[],
  options: ShellcheckOptions,
): Promise<Fact<readonly ScriptComment[]>[] | undefined> {
  if (scripts.length === 0) return [];
  const path = await findProgram("shellcheck", options.searchPath);
  if (path === undefined) return undefined;
  const facts: Fact<readonly ScriptComment[]>[] = [];
  for (const batch of batchesOf(scripts)) facts.push(...(await runOnce(path, batch, options)));
  return facts;
}

function* batchesOf(scripts: readonly InterpretedScript[]): Iterable<readonly InterpretedScript[]> {
  let batch: InterpretedScript[] = [];
  let characters = 0;
  for (const script of scripts) {
    if (batch.length === mostScripts || (batch.length > 0 && characters + script.text.length > mostCharacters)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(script);
    characters += script.text.length;
  }
  yield batch;
}

async function runOnce(
  path: string,
  scripts: readonly InterpretedScript[],
  { codes, ignoresDirectives, signal }: ShellcheckOptions,
): Promise<Fact<readonly ScriptComment[]>[]> {
  using folder = new TemporaryFolder("plimsoll-scripts-");
  const texts = scripts.map(({ text }) => (text.length > longestScript ? undefined : text));
  const names: string[] = [];
  for (const [index, text] of texts.entries()) {
    if (text === undefined) continue;
    const name = join(folder.path, `${index}.sh`);
    const content = ignoresDirectives ? withoutDirectives(text) : text;
    writeFileSync(name, `${scripts[index]?.interpreter}\n${content.replaceAll("\r", " ")}\n`, { mode: 0o600 });
    names.push(name);
  }
  const comments = names.length === 0 ? new Map<string, ScriptComment[]>() : await ask();
  return texts.map((text, index) => {
    if (text === undefined) return { unavailable: `${failed}: a script is larger than ${longestScript / 1024} KiB` };
    if (typeof comments === "string") return { unavailable: comments };
    return { value: comments.get(join(folder.path, `${index}.sh`)) ?? [] };
  });

  async function ask(): Promise<ReadonlyMap<string, ScriptComment[]> | string> {
    const args = ["--norc", "--format=json1", "--enable=check-set-e-suppressed", `--include=${codes.join(",")}`];
    try {
      const { exitCode, stdout } = await runChildProcess(
        { path, args: [...args, "--", ...names] },
        {
          environment: { LC_ALL: "C.UTF-8", HOME: folder.path },
          timeout: patience,
          maxOutput,
          ...(signal ? { signal } : {}),
        },
      );
      if (exitCode === 3 || exitCode === 4) return `${failed}: shellcheck 0.8 or later is required`;
      if (exitCode !== 0 && exitCode !== 1) return `${failed}: it exited with ${exitCode ?? "a signal"}`;
      const byName = new Map(texts.map((text, index) => [join(folder.path, `${index}.sh`), text]));
      return commentsIn(stdout.toString("utf8"), (name) => byName.get(name));
    } catch (error) {
      if (!(error instanceof ChildProcessFailure)) throw error;
      return `${failed}: ${error.message}`;
    }
  }
}

/** Makes directives plain comments of the same length. */
function withoutDirectives(text: string): string {
  return text.replace(/#([ \t]{0,20})shellcheck/g, "#$1shellCheck");
}

/** The comments by file, or the reason why the output is not valid. `textOf` returns the script in a file. */
function commentsIn(
  output: string,
  textOf: (name: string) => string | undefined,
): ReadonlyMap<string, ScriptComment[]> | string {
  const report = parseJson(output);
  const list = isJsonObject(report) ? report["comments"] : undefined;
  if (!Array.isArray(list)) return `${failed}: its output is not JSON of version 0.8 or later`;
  const comments = new Map<string, ScriptComment[]>();
  const positions = new Map<string, Positions>();
  for (const item of list) {
    if (!isJsonObject(item)) continue;
    const { file, code, message } = item;
    const text = typeof file === "string" ? textOf(file) : undefined;
    if (typeof file !== "string" || text === undefined || typeof code !== "number" || typeof message !== "string")
      return `${failed}: its output has an unexpected format`;
    const places = positions.get(file) ?? positionsIn(text);
    positions.set(file, places);
    const start = offsetOf(places, item["line"], item["column"]);
    const end = offsetOf(places, item["endLine"], item["endColumn"]);
    const those = comments.get(file) ?? [];
    those.push({ code, start, end, message: message.slice(0, longestMessage) });
    comments.set(file, those);
  }
  return comments;
}

/** Positions of the characters of a script in UTF-16 units. ShellCheck counts code points. */
interface Positions {
  readonly offsets: Uint32Array;
  /** The number of code points before each line. */
  readonly lines: readonly number[];
}

function positionsIn(text: string): Positions {
  const offsets = new Uint32Array(text.length + 1);
  const lines = [0];
  let points = 0;
  let offset = 0;
  for (const character of text) {
    offsets[points++] = offset;
    offset += character.length;
    if (character === "\n") lines.push(points);
  }
  offsets.fill(offset, points);
  return { offsets, lines };
}

/** Lines count from 1 with the interpreter as the first; columns count from 1. */
function offsetOf({ offsets, lines }: Positions, line: unknown, column: unknown): number {
  if (typeof line !== "number" || typeof column !== "number" || line < 2) return 0;
  const start = lines[line - 2] ?? offsets.length;
  return offsets[start + column - 1] ?? offsets.at(-1) ?? 0;
}
