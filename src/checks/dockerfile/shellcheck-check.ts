import type { ScriptComment } from "../../model/checks/script-comment.ts";
import type { Fact, Observation } from "../check.ts";
import { cwe } from "../mappings.ts";
import type { DockerfileCheck } from "./dockerfile-check.ts";
import type { ReadDockerfile } from "./read-dockerfile.ts";
import { type RunScript, runScripts } from "./shell/run-scripts.ts";
import { splitShell } from "./shell/split-shell.ts";
import type { Stage } from "./syntax/build-stages.ts";

/** ShellCheck's comments on one script, or the reason why there are none. */
export type ScriptComments = Fact<readonly ScriptComment[]>;

const cannotParse = 1072;
const changesFolder = 2164;
const emptyVariable = 2115;
const unquotedVariable = 2086;
const unquotedSubstitution = 2046;

// Selected by the effect of a mistake on an image, not by ShellCheck's levels, which put `rm -rf $A/b` below an unused
// variable.
const always: ReadonlySet<number> = new Set([
  // cd, pushd and popd without `|| exit`.
  changesFolder,
  // rm -rf "$A/", and rm of a folder of the system.
  emptyVariable,
  2114,
  // Arrays and $@ without quotes.
  2068,
  // A quoted tilde, which the shell does not expand.
  2088,
  // A command that reads and writes the same file, which empties it.
  2094,
  // A pipe into a command that reads no input, such as `find … | rm`.
  2216,
  // Conditions that always have the same result: of constants, `[ -n $A ]`, and `[ -e *.txt ]`.
  2050,
  2070,
  2078,
  2144,
  2157,
  // `set -e` does not hold in a function that is a condition, or in a substitution.
  2310,
  2311,
]);
/** Rules about hidden failures, reported where a failure should end the script: `export A=$(b)`, and `! a`. */
const hidesFailure: ReadonlySet<number> = new Set([2155, 2251]);
const unquotedInRm: ReadonlySet<number> = new Set([unquotedVariable, unquotedSubstitution]);
const aboutValues: ReadonlySet<number> = new Set([unquotedVariable, emptyVariable]);

/** The codes of ShellCheck that the check reports. */
export const wantedCodes: readonly number[] = [cannotParse, ...always, ...hidesFailure, ...unquotedInRm];

const setsErrexit = /\bset\s{1,9}(?:-[a-z]{0,9}e|-o\s{1,9}errexit)/;
const mayMatter =
  /\b(?:cd|pushd|popd)\b|[$`]|\[\s|\btest\b|["']~|\|\s*(?:rm|cp|mv|ls|echo|mkdir|chmod|chown)\b|\brm\b[^;&|]{0,200}\s\/\w{1,20}\/?\*?(?:\s|$)/;
const mostFindings = 1000;

/** The scripts of a Dockerfile that may contain one of these mistakes, in order. */
export function scriptsForShellcheck({ runs }: Pick<ReadDockerfile, "runs">): RunScript[] {
  return runScripts(runs).filter(({ text }) => mayMatter.test(text) || writesWordAgain(text));
}

/** True when the target of a redirection occurs elsewhere, so that a command may read the file that it empties. */
function writesWordAgain(text: string): boolean {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const word of text.split(/[\s;|&<>()]+/)) (seen.has(word) ? repeated : seen).add(word);
  return Array.from(text.matchAll(/>\s{0,9}([^\s;|&<>()]+)/g), ([, name = ""]) => name).some((name) =>
    repeated.has(name),
  );
}

/** ShellCheck's rules about mistakes that delete or build something wrong. */
export const shellcheckCheck: DockerfileCheck = {
  id: "dockerfile/shellcheck",
  title: {
    pass: "Shell scripts in RUN have no dangerous mistakes",
    fail: "Shell script in RUN has a dangerous mistake",
  },
  severity: "medium",
  why: "An empty or split variable makes rm delete other files, and an ignored failure builds a broken image.",
  remediation:
    "Quote variables, reject empty ones in rm with :?, and let each failure end the step (cd a && …, set -e).",
  mappings: [cwe("754")],
  needs: ["dockerfile"],
  *evaluate({ dockerfile, scriptComments }) {
    const scripts = scriptsForShellcheck(dockerfile);
    if (scriptComments === undefined && scripts.length > 0) {
      const reason = "shellcheck is not installed; install it to check the shell scripts in RUN";
      yield { state: "manual", evidence: [], reason };
      return;
    }
    const reasons = new Set<string>();
    let found = 0;
    let read = 0;
    for (const [index, script] of scripts.entries()) {
      const comments: ScriptComments = scriptComments?.[index] ?? { unavailable: "ShellCheck did not run" };
      if ("unavailable" in comments) {
        reasons.add(comments.unavailable);
        continue;
      }
      read += 1;
      for (const observation of observationsOf(comments.value, script, dockerfile)) {
        found += 1;
        if (found > mostFindings) break;
        yield observation;
      }
    }
    for (const reason of reasons) yield { state: "warn", evidence: [], reason };
    if (found > mostFindings) {
      const reason = `more than ${mostFindings} mistakes found; the others are not listed`;
      yield { state: "fail", location: { path: dockerfile.path }, evidence: [], reason };
    }
    if (found === 0 && reasons.size === 0 && (read > 0 || runScripts(dockerfile.runs).length > 0))
      yield { state: "pass", location: { path: dockerfile.path }, evidence: [] };
  },
};

function* observationsOf(
  comments: readonly ScriptComment[],
  script: RunScript,
  { path }: ReadDockerfile,
): Iterable<Observation> {
  if (comments.length === 0) return;
  const surroundings = surroundingsOf(script);
  const seen = new Set<string>();
  let counted = 0;
  for (const comment of comments) {
    const isUnparsed = comment.code === cannotParse;
    if (!isUnparsed && !isWanted(comment, surroundings)) continue;
    if (++counted > 2 * mostFindings) break;
    const location = { path, line: script.lineOf(comment.start) };
    // ShellCheck comments on each of the two places of a mistake such as SC2094.
    const key = `${comment.code} ${location.line} ${comment.message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const message = comment.message.replace(/\.$/, "");
    yield isUnparsed
      ? { state: "warn", location, evidence: [], reason: `ShellCheck cannot parse the script: ${message}` }
      : { state: "fail", location, evidence: [{ subject: `SC${comment.code}`, value: message }] };
  }
}

/** Facts about a script that decide whether a comment is reported. */
interface Surroundings {
  readonly text: string;
  readonly known: ReadonlySet<string>;
  readonly stopsOnError: boolean;
  /** The end of the last command. */
  readonly end: number;
  /** 1 at each offset inside a command that runs `rm`. */
  readonly inRm: Uint8Array;
}

function surroundingsOf(script: RunScript): Surroundings {
  const { text } = script;
  const inRm = new Uint8Array(text.length);
  // Commands can contain others in substitutions; the shortest one around an offset is the innermost.
  const { commands } = splitShell(text);
  for (const { words, start, end } of commands.toSorted((a, b) => b.end - b.start - (a.end - a.start)))
    inRm.fill(words.some((word) => word === "rm" || word.endsWith("/rm")) ? 1 : 0, start, end);
  const stopsOnError = script.stopsOnError || setsErrexit.test(text);
  return { text, known: knownVariables(script), stopsOnError, end: text.trimEnd().length, inRm };
}

function isWanted({ code, start, end }: ScriptComment, script: Surroundings): boolean {
  if (aboutValues.has(code)) {
    const names = Array.from(script.text.slice(start, end).matchAll(/\$\{?(\w*)/g), ([, name = ""]) => name);
    if (names.length > 0 && names.every((name) => script.known.has(name))) return false;
  }
  // After the last command nothing runs in the wrong folder, and its failure fails the step.
  if (code === changesFolder && end >= script.end) return false;
  if (hidesFailure.has(code)) return script.stopsOnError;
  return always.has(code) || (unquotedInRm.has(code) && script.inRm[start] === 1);
}

/** Variables that an earlier `ENV` set to one plain word and that the script only reads. */
function knownVariables({ run, text }: RunScript): ReadonlySet<string> {
  const known = new Set<string>();
  const stages: Stage[] = [];
  for (let stage: Stage | undefined = run.stage; stage !== undefined; stage = stage.parent) stages.unshift(stage);
  for (const { steps } of stages) {
    for (const step of steps) {
      if (step === run.step) break;
      const { keyword, args } = step.instruction;
      if (keyword !== "ENV" || step.deferred) continue;
      for (let index = 0; index + 1 < args.length; index += 3) {
        const name = args[index] ?? "";
        const isPlain = /^(["']?)[\w.:@+/-]+\1$/.test(args[index + 1] ?? "");
        if (isPlain && isOnlyRead(name, text)) known.add(name);
        else known.delete(name);
      }
    }
  }
  return known;
}

function isOnlyRead(name: string, text: string): boolean {
  const pieces = text.split(name);
  return pieces.slice(0, -1).every((before) => /\$\{?$/.test(before.slice(-2)));
}
