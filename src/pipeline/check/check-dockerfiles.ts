import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { dockerfileChecks } from "../../checks/dockerfile/builtin.ts";
import { dockerfileWaivers } from "../../checks/dockerfile/inline-waivers.ts";
import { type ReadDockerfile, readDockerfile } from "../../checks/dockerfile/read-dockerfile.ts";
import {
  type ScriptComments,
  scriptsForShellcheck,
  shellcheckCheck,
  wantedCodes,
} from "../../checks/dockerfile/shellcheck-check.ts";
import { beginsAsDockerfile } from "../../checks/dockerfile/syntax/begins-as-dockerfile.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport, CheckResult } from "../../model/checks/check.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { applyInlineWaivers } from "../../policy/check-waivers.ts";
import { runShellcheck } from "../../sources/dockerfile/run-shellcheck.ts";
import { type CheckPolicy, checkReport, dayOf, isWanted } from "./check-report.ts";
import { type CustomChecks, runCustomChecks } from "./custom-checks.ts";
import { findFiles, readStdin, readWhole } from "./find-files.ts";

/** How Dockerfiles are checked. */
export interface DockerfileCheckOptions {
  /** The stage that is built, as `docker build --target` names it. */
  readonly target?: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly custom: CustomChecks;
  readonly policy: CheckPolicy;
  /** Folders to search for `shellcheck`, in the form of `PATH`. */
  readonly searchPath: string;
  readonly signal?: AbortSignal;
}

/** Number of files, and their bytes, whose scripts ShellCheck reads in one run. */
const mostWaiting = 500;
const mostWaitingBytes = 4 * 1024 * 1024;

/** The names that only Dockerfiles have: `Dockerfile`, `Containerfile`. */
const plainName = /^(?:docker|container)file$/i;
/** Names that Dockerfiles have beside other files: `Dockerfile.web`, `web.Dockerfile`, and also `dockerfile.ts`. */
const longName = /^(?:(?:docker|container)file\..+|.+\.(?:docker|container)file)$/i;

/**
 * Checks the Dockerfiles at these paths; `-` is stdin. In a folder a Dockerfile is a file with one of the plain names,
 * or with one of the long names if it begins as the grammar of Dockerfiles demands. Errors: `target-not-found`,
 * `limit-exceeded`.
 */
export async function checkDockerfiles(
  paths: readonly string[],
  options: DockerfileCheckOptions,
): Promise<CheckReport> {
  const problems: Problem[] = [];
  const problem = (one: Problem): void => void problems.push(one);
  const results: CheckResult[] = [];
  let files = 0;
  const today = dayOf(options.policy.now);
  const isRefused = options.policy.refusesInlineWaivers;
  const isNamed = (name: string): boolean =>
    (plainName.test(name) || longName.test(name)) && !name.endsWith(".dockerignore");
  let waiting: ReadDockerfile[] = [];
  let characters = 0;
  const read = async (path: string, bytes: Uint8Array): Promise<void> => {
    files++;
    const ignore = [`${path}.dockerignore`, join(dirname(path), ".dockerignore")].find(isFile);
    const ignoreText =
      path !== "stdin" && ignore !== undefined ? readWhole(ignore, problem)?.toString("utf8") : undefined;
    const dockerfile = readDockerfile({
      path,
      text: Buffer.from(bytes).toString("utf8"),
      ...(ignoreText !== undefined && { ignoreText }),
      ...(options.target !== undefined && { settings: { target: options.target } }),
    });
    if (options.target !== undefined && dockerfile.images.length === 0) {
      problem({ code: "not-examined", message: `Dockerfile has no stage ${JSON.stringify(options.target)}`, path });
    }
    for (const { line, message } of [...dockerfile.source.errors, ...dockerfile.errors]) {
      problem({ code: "unreadable", message: `line ${line}: ${message}`, path });
    }
    waiting.push(dockerfile);
    characters += bytes.length;
    if (waiting.length === mostWaiting || characters > mostWaitingBytes) await judge();
  };
  const judge = async (): Promise<void> => {
    const dockerfiles = waiting;
    waiting = [];
    characters = 0;
    const comments = await scriptComments(dockerfiles, options);
    for (const [index, dockerfile] of dockerfiles.entries()) check(dockerfile, comments?.[index]);
  };
  const check = (dockerfile: ReadDockerfile, scriptComments: readonly ScriptComments[] | undefined): void => {
    const { path } = dockerfile;
    const { waivers, mistakes } = dockerfileWaivers(dockerfile.source);
    for (const { line, message } of mistakes)
      problem({ code: "unreadable", message: `line ${line}: ${message}`, path });
    const instructions = dockerfile.source.instructions.map(({ keyword, args, flags, line, text }) => ({
      value: { keyword, args, flags, text },
      locate: () => ({ path, line }),
    }));
    const found = [
      ...runChecks(dockerfileChecks, { dockerfile, ...(scriptComments && { scriptComments }) }),
      ...runCustomChecks(options.custom, { kind: "dockerfile-instruction", objects: instructions }),
    ];
    results.push(...applyInlineWaivers(found, { waivers: new Map([[path, waivers]]), today, isRefused }));
  };
  const named = new Set(paths.map((path) => resolve(path)));
  const isDockerfile = (path: string, bytes: Buffer): boolean =>
    named.has(resolve(path)) || plainName.test(basename(path)) || beginsAsDockerfile(bytes.toString("utf8"));
  const input = paths.includes("-") ? await readStdin(options.stdin, problem) : undefined;
  if (input) await read("stdin", input);
  for (const path of findFiles(
    paths.filter((name) => name !== "-"),
    { isWanted: isNamed, problem },
  )) {
    const bytes = readWhole(path, problem);
    if (bytes && isDockerfile(path, bytes)) await read(path, bytes);
  }
  await judge();
  if (files + problems.length === 0) problem({ code: "not-examined", message: "no Dockerfile found" });
  const target = { kind: "dockerfile", name: paths.join(" "), examined: { files } } as const;
  return checkReport({ target, results: withoutRepetition(results), problems }, options.policy);
}

/**
 * ShellCheck's comments on the scripts of each file; undefined when the policy does not select the check or ShellCheck
 * is not installed.
 */
async function scriptComments(
  dockerfiles: readonly ReadDockerfile[],
  { policy, searchPath, signal }: Pick<DockerfileCheckOptions, "policy" | "searchPath" | "signal">,
): Promise<readonly (readonly ScriptComments[])[] | undefined> {
  if (!isWanted(shellcheckCheck.id, policy)) return undefined;
  const scripts = dockerfiles.map(scriptsForShellcheck);
  const texts = scripts.flat().map(({ text, dialect, stopsOnError }) => ({
    text,
    interpreter: `#!/bin/${dialect}${stopsOnError ? " -e" : ""}`,
  }));
  const facts = await runShellcheck(texts, {
    searchPath,
    codes: wantedCodes,
    ignoresDirectives: policy.refusesInlineWaivers === true,
    ...(signal && { signal }),
  });
  if (facts === undefined) return undefined;
  let end = 0;
  return scripts.map(({ length }) => {
    end += length;
    return facts.slice(end - length, end);
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * A check that is not applicable to many files, or cannot look for a reason that is not about one file, is one result;
 * a check that is applicable to another file is not also not applicable.
 */
function withoutRepetition(results: readonly CheckResult[]): CheckResult[] {
  const applicable = new Set(results.filter(({ state }) => state !== "not-applicable").map(({ id }) => id));
  const seen = new Set<string>();
  return results.filter(({ id, state, location, reason }) => {
    if (state === "pass" || state === "fail" || location) return true;
    if (state === "not-applicable" && applicable.has(id)) return false;
    const key = JSON.stringify([id, state, state === "not-applicable" ? "" : reason]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
