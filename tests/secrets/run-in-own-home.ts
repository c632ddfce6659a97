import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plimsoll, RunResult } from "../end-to-end/run-plimsoll.ts";
import { secretsInFile, secretsInFolder } from "./find-secrets.ts";
import { type MarkedSecret, secretsFound } from "./marked-secret.ts";

/** What one run of the program is given. */
export interface OwnRun {
  readonly args: readonly string[];
  readonly secrets: readonly MarkedSecret[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | undefined;
  /** Texts of files by their paths below the home folder; those that end in `*` are programs. They may hold secrets. */
  readonly files?: Readonly<Record<string, string>>;
  /** A path as those of `files`: the run may leave secrets there, but none of `without`. */
  readonly store?: { readonly path: string; readonly without: readonly MarkedSecret[] };
  readonly started?: (child: ChildProcessWithoutNullStreams) => void;
}

/** How a run ended. */
export interface OwnResult extends RunResult {
  /** Each secret that shows, and where: `a password in stderr`. */
  readonly leaks: readonly string[];
}

let runs = 0;

/**
 * Runs the program with a home, a folder for temporary files and a current folder of its own, and searches all that it
 * said and left there for secrets.
 */
export async function runInOwnHome(
  plimsoll: Plimsoll,
  { args, secrets, env = {}, input, files = {}, store, started }: OwnRun,
): Promise<OwnResult> {
  runs++;
  const folder = join(plimsoll.folder, `run-${runs}`);
  for (const name of ["home", "tmp", "work"]) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, "home", name.replace("*", ""));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: name.endsWith("*") ? 0o755 : 0o600 });
  }
  const home = join(folder, "home");
  const result = await plimsoll(args, {
    cwd: join(folder, "work"),
    env: {
      PLIMSOLL_OFFLINE: "0",
      HOME: home,
      TMPDIR: join(folder, "tmp"),
      // What other programs write more for.
      ...{ DEBUG: "*", VERBOSE: "1", LOG_LEVEL: "trace" },
      ...env,
      PATH: `${join(home, "bin")}:${process.env["PATH"] ?? ""}`,
    },
    ...(input !== undefined && { input }),
    ...(started && { started }),
  });
  const kept = store && join("home", store.path);
  const given = Object.keys(files).map((name) => join("home", name.replace("*", "")));
  const leaks = [
    ...secretsFound(result.stdout, secrets).map((name) => `${name} in stdout: ${result.stdout.slice(0, 500)}`),
    ...secretsFound(result.stderr, secrets).map((name) => `${name} in stderr: ${result.stderr.slice(0, 2000)}`),
    ...secretsInFolder(folder, { secrets, given: kept === undefined ? given : [...given, kept] }),
    ...(kept === undefined ? [] : secretsInFile(folder, kept, store?.without ?? [])),
  ];
  rmSync(folder, { recursive: true, force: true });
  return { ...result, leaks };
}

/** Does work for all items, two at a time; gives what came of it, in order. */
export async function twoAtATime<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all([worker(), worker()]);
  return results;
}
