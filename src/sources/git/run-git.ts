import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, type Writable } from "node:stream";
import { PlimsollError } from "../../model/error.ts";

/** A program `git`, and the folder that it reads. */
export interface GitPlace {
  /** An absolute path. */
  readonly program: string;
  readonly folder: string;
  /** Variables of the user, of which few reach Git. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** What Git needs to find its own programs and the user's configuration, in which safe folders are listed. */
const passedOn = ["PATH", "HOME", "USERPROFILE", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"];

/** Nothing is asked, fetched, written or replaced. */
const fixed = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null",
  GIT_ALLOW_PROTOCOL: "none",
  LC_ALL: "C",
};

/** The repository's own configuration must not name a program to run or a file to read. */
const harmless = ["core.fsmonitor=false", "log.showSignature=false", "log.follow=false", "diff.orderFile=/dev/null"];

const longestMessage = 4_000;

/**
 * Runs Git without a shell and gives its output in pieces; `input` goes to it line by line.
 *
 * Errors: `program-failed` with Git's last words, `cancelled`.
 */
export async function* gitOutput(
  args: readonly string[],
  { program, folder, environment, signal }: GitPlace,
  input: Iterable<string> = [],
): AsyncGenerator<Buffer> {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(
    program,
    ["--no-pager", ...harmless.flatMap((setting) => ["-c", setting]), ...args],
    {
      cwd: folder,
      env: { ...Object.fromEntries(passedOn.map((name) => [name, environment[name]])), ...fixed },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  const exit = once(child, "close");
  // It is awaited only after the output, which a failure to start ends too.
  exit.catch(() => undefined);
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-longestMessage);
  });
  child.stdin.on("error", () => undefined);
  Readable.from(input).pipe(child.stdin);
  const stop = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    yield* child.stdout;
    const [code] = await exit.catch((cause: unknown) => {
      throw new PlimsollError("program-failed", `git cannot be started: ${String(cause)}`, { cause });
    });
    if (signal.aborted) throw new PlimsollError("cancelled", "the scan was cancelled", { cause: signal.reason });
    if (code !== 0) throw failureOf(words, folder);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function failureOf(words: string, folder: string): PlimsollError {
  const [line = ""] = words
    .split("\n")
    .map((text) => text.replace(/^(?:fatal|error): /, "").trim())
    .filter((text) => text !== "");
  const reason = line === "" ? "" : `: ${line}`;
  return new PlimsollError("program-failed", `git cannot read the history of ${folder}${reason}`, {
    hint: "Scan a folder in a Git repository that you may read, or leave out --git-history.",
  });
}
