import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { dockerfileChecks } from "../../checks/dockerfile/builtin.ts";
import { dockerfileWaivers } from "../../checks/dockerfile/inline-waivers.ts";
import { readDockerfile } from "../../checks/dockerfile/read-dockerfile.ts";
import { beginsAsDockerfile } from "../../checks/dockerfile/syntax/begins-as-dockerfile.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport, CheckResult } from "../../model/check.ts";
import type { Problem } from "../../model/problem.ts";
import { applyInlineWaivers } from "../../policy/check-waivers.ts";
import { type CheckPolicy, checkReport, dayOf } from "./check-report.ts";
import { type CustomChecks, runCustomChecks } from "./custom-checks.ts";
import { findFiles, readStdin, readWhole } from "./find-files.ts";

/** How Dockerfiles are checked. */
export interface DockerfileCheckOptions {
  /** The stage that is built, as `docker build --target` names it. */
  readonly target?: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly custom: CustomChecks;
  readonly policy: CheckPolicy;
}

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
  const isWanted = (name: string): boolean =>
    (plainName.test(name) || longName.test(name)) && !name.endsWith(".dockerignore");
  const check = (path: string, bytes: Uint8Array): void => {
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
    const { waivers, mistakes } = dockerfileWaivers(dockerfile.source);
    for (const { line, message } of mistakes)
      problem({ code: "unreadable", message: `line ${line}: ${message}`, path });
    const instructions = dockerfile.source.instructions.map(({ keyword, args, flags, line, text }) => ({
      value: { keyword, args, flags, text },
      locate: () => ({ path, line }),
    }));
    const found = [
      ...runChecks(dockerfileChecks, { dockerfile }),
      ...runCustomChecks(options.custom, { kind: "dockerfile-instruction", objects: instructions }),
    ];
    results.push(...applyInlineWaivers(found, { waivers: new Map([[path, waivers]]), today, isRefused }));
  };
  const named = new Set(paths.map((path) => resolve(path)));
  const isDockerfile = (path: string, bytes: Buffer): boolean =>
    named.has(resolve(path)) || plainName.test(basename(path)) || beginsAsDockerfile(bytes.toString("utf8"));
  const input = paths.includes("-") ? await readStdin(options.stdin, problem) : undefined;
  if (input) check("stdin", input);
  for (const path of findFiles(
    paths.filter((name) => name !== "-"),
    { isWanted, problem },
  )) {
    const bytes = readWhole(path, problem);
    if (bytes && isDockerfile(path, bytes)) check(path, bytes);
  }
  if (files + problems.length === 0) problem({ code: "not-examined", message: "no Dockerfile found" });
  const target = { kind: "dockerfile", name: paths.join(" "), examined: { files } } as const;
  return checkReport({ target, results: withoutRepetition(results), problems }, options.policy);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** One check has nothing of its kind in many files: that is one result, and none when another file has something. */
function withoutRepetition(results: readonly CheckResult[]): CheckResult[] {
  const seen = new Set(results.filter(({ state }) => state !== "not-applicable").map(({ id }) => id));
  return results.filter(({ id, state, location }) => {
    if (state !== "not-applicable" || location) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}
